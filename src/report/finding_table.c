#include "layerproof/finding_table.h"

#include <stdint.h>

#include "comparison_facts.h"
#include "explanation.h"
#include "layerproof/memory.h"
#include "summary.h"
#include "table_columns.h"

int finding_write_headings(const struct finding_table *table, struct buffer *out, struct error *err)
{
	return buffer_add_format(out, err, "%s%-*s  %-*s  %-*s  %-*s  %s%s\n",
							 table->colour ? "\033[1m" : "", VERDICT_WIDTH, "VERDICT",
							 PRIORITY_WIDTH, "PRIORITY", REASON_WIDTH, "REASON", REFERENCE_WIDTH,
							 "REFERENCE", "WHAT WAS FOUND", table->colour ? "\033[0m" : "");
}

static void take_evidence(const struct finding *finding, struct explanation *out)
{
	const struct judgement *judgement = finding->judgement;
	out->evidence = memory_alloc(judgement->evidence_count, sizeof(*out->evidence));
	out->evidence_count = judgement->evidence_count;
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		out->evidence[i] = (struct explained_evidence){
			.identity = identity_name(evidence->identity),
			.level = level_name(evidence->level),
			.origin = origin_name(evidence->origin),
			.digest = evidence->digest,
			.has_layer = evidence->layer != SIZE_MAX,
			.layer = evidence->layer,
			.platform = evidence->image == SIZE_MAX
							? NULL
							: finding->facts->images[evidence->image].tree->platform,
			.internal = evidence->internal == NULL ? NULL : evidence->internal->image.name,
			.others = evidence->others,
		};
	}
}

static struct explained_hint explain_hint(const struct finding *finding,
										  const struct match_hint *hint)
{
	bool has_image = hint->image != SIZE_MAX && finding->facts != NULL;
	return (struct explained_hint){
		.place = hint->place,
		.text = hint->text,
		.pattern = hint->pattern,
		.platform = has_image ? finding->facts->images[hint->image].tree->platform : NULL,
	};
}

static void take_hints(const struct finding *finding, struct explanation *out)
{
	size_t count = finding->facts == NULL ? 0 : finding->facts->hint_count;
	out->hints = memory_alloc(finding->name_hint_count + count, sizeof(*out->hints));
	for (size_t i = 0; i < finding->name_hint_count; i++)
		out->hints[out->hint_count++] = explain_hint(finding, &finding->name_hints[i]);
	for (size_t i = 0; i < count; i++)
		out->hints[out->hint_count++] = explain_hint(finding, &finding->facts->hints[i]);
}

int finding_write_table(const struct finding *finding, const struct finding_table *table,
						struct buffer *out, struct error *err)
{
	struct explanation explanation CLEANUP(explanation_clear) = {
		.verdict = verdict_name(finding->judgement->verdict),
		.priority = priority_name(finding->judgement->priority),
		.reason = reason_name(finding->judgement->reason),
		.reference = finding->reference == NULL ? memory_copy_text(finding->input)
												: reference_format(finding->reference),
		.summary = summary_of(finding),
	};
	if (table->evidence && finding->facts != NULL) {
		take_evidence(finding, &explanation);
		explanation.has_comparison = comparison_of_facts(finding->facts, finding->judgement,
														 &explanation.comparison);
	}
	if (table->evidence)
		take_hints(finding, &explanation);
	return explanation_write(&explanation, table, out, err);
}
