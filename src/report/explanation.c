#include "explanation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "table_columns.h"

void explanation_clear(struct explanation *explanation)
{
	free(explanation->reference);
	free(explanation->summary);
	free(explanation->evidence);
	free(explanation->hints);
	if (explanation->has_comparison)
		comparison_clear(&explanation->comparison);
	*explanation = (struct explanation){.reference = NULL};
}

static const char *colour_of(const struct explanation *explanation, bool colour)
{
	if (!colour)
		return "";
	if (strcmp(explanation->verdict, "true_positive") == 0)
		return "\033[1;31m";
	return strcmp(explanation->priority, "low") == 0 ? "" : "\033[33m";
}

/* Pads to a column; what is too wide stays whole and pushes the rest. */
static int add_cell(const char *text, size_t width, struct buffer *out, struct error *err)
{
	CLEANUP(free_at) char *shown = text_printable(text);
	size_t taken = text_width(shown);
	int padding = taken < width ? (int)(width - taken) : 0;
	return buffer_add_format(out, err, "%s%*s  ", shown, padding, "");
}

static int write_line(const struct explanation *explanation, const struct finding_table *table,
					  struct buffer *out, struct error *err)
{
	const char *colour = colour_of(explanation, table->colour);
	CLEANUP(free_at) char *reference = text_printable(explanation->reference);
	CLEANUP(free_at) char *summary = text_printable(explanation->summary);
	size_t taken = text_width(reference);
	size_t before = VERDICT_WIDTH + PRIORITY_WIDTH + REASON_WIDTH + 8 +
					(taken > REFERENCE_WIDTH ? taken : REFERENCE_WIDTH);
	if (table->columns > before && !table->evidence)
		text_cut(summary, table->columns - before);
	if (buffer_add_format(out, err, "%s", colour) != 0 ||
		add_cell(explanation->verdict, VERDICT_WIDTH, out, err) != 0 ||
		add_cell(explanation->priority, PRIORITY_WIDTH, out, err) != 0 ||
		add_cell(explanation->reason, REASON_WIDTH, out, err) != 0 ||
		add_cell(reference, REFERENCE_WIDTH, out, err) != 0)
		return -1;
	return buffer_add_format(out, err, "%s%s\n", summary, *colour == '\0' ? "" : "\033[0m");
}

static int write_evidence(const struct explained_evidence *evidence, struct buffer *out,
						  struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	CLEANUP(free_at) char *internal = NULL;
	CLEANUP(free_at) char *platform = NULL;
	if (evidence->internal != NULL)
		internal = text_printable(evidence->internal);
	if (evidence->platform != NULL)
		platform = text_printable(evidence->platform);
	if (buffer_add(out, "    ", 4, err) != 0 ||
		add_cell(evidence->identity, IDENTITY_WIDTH, out, err) != 0 ||
		add_cell(evidence->level, LEVEL_WIDTH, out, err) != 0 ||
		add_cell(evidence->origin, ORIGIN_WIDTH, out, err) != 0 ||
		buffer_add_format(out, err, "%s", digest_format(&evidence->digest, digest)) != 0)
		return -1;
	if (evidence->has_layer && buffer_add_format(out, err, "  layer %zu", evidence->layer + 1) != 0)
		return -1;
	if (platform != NULL && buffer_add_format(out, err, "  %s", platform) != 0)
		return -1;
	if (internal != NULL && buffer_add_format(out, err, "  in %s", internal) != 0)
		return -1;
	if (evidence->others > 0 &&
		buffer_add_format(out, err, " and %" PRIu64 " more", evidence->others) != 0)
		return -1;
	return buffer_add(out, "\n", 1, err);
}

static int write_hint(const struct explained_hint *hint, struct buffer *out, struct error *err)
{
	CLEANUP(free_at) char *place = text_printable(hint->place);
	CLEANUP(free_at) char *text = text_printable(hint->text == NULL ? "" : hint->text);
	CLEANUP(free_at) char *pattern = text_printable(hint->pattern);
	CLEANUP(free_at) char *platform = text_printable(hint->platform == NULL ? "" : hint->platform);
	return buffer_add_format(out, err, "    name      %s  \"%s\"  pattern %s%s%s\n", place, text,
							 pattern, hint->platform == NULL ? "" : "  ", platform);
}

int explanation_write(const struct explanation *explanation, const struct finding_table *table,
					  struct buffer *out, struct error *err)
{
	if (write_line(explanation, table, out, err) != 0)
		return -1;
	if (!table->evidence)
		return 0;
	for (size_t i = 0; i < explanation->evidence_count; i++)
		if (write_evidence(&explanation->evidence[i], out, err) != 0)
			return -1;
	if (explanation->has_comparison &&
		comparison_write(&explanation->comparison, table->colour, out, err) != 0)
		return -1;
	for (size_t i = 0; i < explanation->hint_count; i++)
		if (write_hint(&explanation->hints[i], out, err) != 0)
			return -1;
	return 0;
}
