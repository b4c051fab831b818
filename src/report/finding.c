#include "layerproof/finding.h"

#include <string.h>

#include "coverage.h"
#include "image_parts.h"
#include "internal_parts.h"
#include "json_writer.h"
#include "layerproof/clock.h"
#include "layerproof/memory.h"
#include "summary.h"

/* Stable over runs: registry, repository and what the name led to; for a candidate that led
 * nowhere, its own words. */
static void add_id(struct json_writer *writer, const struct finding *finding)
{
	char digest[DIGEST_TEXT_SIZE] = "";
	CLEANUP(free_at) char *key = NULL;
	const struct reference *reference = finding->reference;
	if (finding->digest != NULL)
		digest_format(finding->digest, digest);
	if (reference == NULL)
		key = memory_format("\n\n%s", finding->input);
	else
		key = memory_format("%s\n%s\n%s", reference->registry == NULL ? "" : reference->registry,
							reference->registry == NULL ? reference->path : reference->repository,
							*digest != '\0'          ? digest
							: reference->tag != NULL ? reference->tag
													 : "");
	struct digest id;
	digest_of(DIGEST_SHA256, key, strlen(key), &id);
	/* The id is a name, not a digest of content: bare hex. */
	json_writer_text(writer, "id", strchr(digest_format(&id, digest), ':') + 1);
}

/* Who published it: registry and namespace. */
static void add_publisher(struct json_writer *writer, const struct reference *reference)
{
	if (reference == NULL || reference->registry == NULL)
		return;
	const char *slash = strrchr(reference->repository, '/');
	int length = slash == NULL ? 0 : (int)(slash - reference->repository);
	CLEANUP(free_at)
	char *publisher = memory_format("%s%s%.*s", reference->registry, length > 0 ? "/" : "", length,
									reference->repository);
	json_writer_text(writer, "publisher", publisher);
}

/* Which image: its platform says it, unless there are more of that. */
static void add_image_of_evidence(struct json_writer *writer, const struct match_facts *facts,
								  size_t image)
{
	json_writer_text(writer, "platform", facts->images[image].tree->platform);
	if (!image_parts_is_told_by_platform(facts, image))
		json_writer_number(writer, "image", (int64_t)image_parts_place(facts, image));
}

static void add_file(struct json_writer *writer, const struct match_file *file)
{
	if (file->path != NULL)
		json_writer_printable(writer, "path", file->path);
	json_writer_number(writer, "size", file->size);
}

static void add_evidence(struct json_writer *writer, const struct finding *finding,
						 const struct evidence *evidence)
{
	json_writer_begin_object(writer, NULL);
	json_writer_text(writer, "identity", identity_name(evidence->identity));
	json_writer_text(writer, "level", level_name(evidence->level));
	json_writer_digest(writer, "digest", &evidence->digest);
	if (evidence->image != SIZE_MAX)
		add_image_of_evidence(writer, finding->facts, evidence->image);
	if (evidence->layer != SIZE_MAX)
		json_writer_number(writer, "layer", (int64_t)evidence->layer);
	if (evidence->file != NULL)
		add_file(writer, evidence->file);
	json_writer_text(writer, "origin", origin_name(evidence->origin));
	if (evidence->basis != BASIS_NONE)
		json_writer_text(writer, "basis", basis_name(evidence->basis));
	if (evidence->internal != NULL)
		internal_parts_add(writer, &evidence->internal->image);
	json_writer_number(writer, "others", (int64_t)evidence->others);
	json_writer_end_object(writer);
}

static void add_all_evidence(struct json_writer *writer, const struct finding *finding)
{
	size_t count = finding->facts == NULL ? 0 : finding->judgement->evidence_count;
	json_writer_begin_array(writer, "evidence");
	for (size_t i = 0; i < count; i++)
		add_evidence(writer, finding, &finding->judgement->evidence[i]);
	json_writer_end_array(writer);
}

static void add_hint(struct json_writer *writer, const struct finding *finding,
					 const struct match_hint *hint)
{
	json_writer_begin_object(writer, NULL);
	json_writer_printable(writer, "place", hint->place);
	json_writer_text(writer, "pattern", hint->pattern);
	json_writer_printable(writer, "text", hint->text);
	if (hint->image != SIZE_MAX && finding->facts != NULL)
		json_writer_text(writer, "platform", finding->facts->images[hint->image].tree->platform);
	json_writer_end_object(writer);
}

static void add_hints(struct json_writer *writer, const struct finding *finding)
{
	size_t count = finding->facts == NULL ? 0 : finding->facts->hint_count;
	if (count + finding->name_hint_count == 0)
		return;
	json_writer_begin_array(writer, "hints");
	for (size_t i = 0; i < finding->name_hint_count; i++)
		add_hint(writer, finding, &finding->name_hints[i]);
	for (size_t i = 0; i < count; i++)
		add_hint(writer, finding, &finding->facts->hints[i]);
	json_writer_end_array(writer);
}

/* Those that are too many to be listed as evidence count too. */
static void add_files(struct json_writer *writer, const struct match_file_count *files)
{
	json_writer_begin_object(writer, "files");
	json_writer_number(writer, "ours", (int64_t)files->files);
	json_writer_number(writer, "bytes", files->bytes);
	json_writer_end_object(writer);
}

/* What was fetched depends on what the run had met before: it is a cost. */
static void add_coverage(struct json_writer *writer, const struct finding *finding,
						 bool reproducible)
{
	struct coverage coverage;
	coverage_count(finding->facts, finding->judgement, &coverage);
	json_writer_begin_object(writer, "coverage");
	json_writer_begin_object(writer, "layers");
	json_writer_number(writer, "total", (int64_t)coverage.total);
	json_writer_number(writer, "hashed", (int64_t)coverage.hashed);
	json_writer_number(writer, "ours", (int64_t)coverage.ours);
	json_writer_number(writer, "public", (int64_t)coverage.not_ours);
	json_writer_number(writer, "unread", (int64_t)coverage.unread);
	json_writer_end_object(writer);
	json_writer_begin_object(writer, "bytes");
	json_writer_number(writer, "total", coverage.bytes);
	if (!reproducible)
		json_writer_number(writer, "fetched", (int64_t)finding->layer_bytes);
	json_writer_end_object(writer);
	if (finding->judgement->files.files > 0)
		add_files(writer, &finding->judgement->files);
	json_writer_end_object(writer);
}

/* In the order of the alphabet. That something was not sent again is told by the run, not by the
 * image. */
static void add_flags(struct json_writer *writer, const struct finding *finding, bool reproducible)
{
	static const char not_resent[] = "not_resent";
	bool is_due = finding->is_not_resent && !reproducible;
	json_writer_begin_array(writer, "flags");
	for (size_t i = 0; i < finding->flag_count; i++) {
		if (is_due && strcmp(not_resent, finding->flags[i]) < 0) {
			json_writer_text(writer, NULL, not_resent);
			is_due = false;
		}
		json_writer_text(writer, NULL, finding->flags[i]);
	}
	if (is_due)
		json_writer_text(writer, NULL, not_resent);
	json_writer_end_array(writer);
}

static void add_next(struct json_writer *writer, const struct judgement *judgement)
{
	if (judgement->next == NEXT_NONE)
		return;
	json_writer_begin_object(writer, "next");
	json_writer_text(writer, "action", next_action_name(judgement->next));
	json_writer_digest(writer, "digest", &judgement->next_digest);
	if (judgement->next == NEXT_HASH_LAYER && judgement->next_bytes >= 0)
		json_writer_number(writer, "bytes", judgement->next_bytes);
	json_writer_end_object(writer);
}

static void add_index(struct json_writer *writer, const struct finding *finding, bool reproducible)
{
	char time[CLOCK_TEXT_SIZE];
	if (finding->index_id == NULL)
		return;
	json_writer_begin_object(writer, "index");
	json_writer_text(writer, "id", finding->index_id);
	if (!reproducible)
		json_writer_text(writer, "updated_at", clock_format(finding->index_updated_at, time));
	json_writer_end_object(writer);
}

static void add_cost(struct json_writer *writer, const struct finding *finding)
{
	char time[CLOCK_TEXT_SIZE];
	json_writer_begin_object(writer, "cost");
	json_writer_number(writer, "requests", (int64_t)finding->requests);
	json_writer_number(writer, "bytes", (int64_t)finding->bytes);
	json_writer_number(writer, "ms", finding->milliseconds);
	json_writer_end_object(writer);
	json_writer_text(writer, "checked_at", clock_format(finding->checked_at, time));
}

static void add_verdict(struct json_writer *writer, const struct finding *finding)
{
	const struct judgement *judgement = finding->judgement;
	json_writer_text(writer, "verdict", verdict_name(judgement->verdict));
	json_writer_text(writer, "reason", reason_name(judgement->reason));
	json_writer_text(writer, "priority", priority_name(judgement->priority));
	if (judgement->reason == REASON_MANIFEST || judgement->reason == REASON_CONFIG ||
		judgement->reason == REASON_INDEX)
		json_writer_bool(writer, "anchored", judgement->is_anchored);
	CLEANUP(free_at) char *summary = summary_of(finding);
	json_writer_printable(writer, "summary", summary);
}

static void add_names(struct json_writer *writer, const struct finding *finding)
{
	json_writer_text(writer, "schema", "layerproof.finding.v1");
	add_id(writer, finding);
	json_writer_text(writer, "input", finding->input);
	if (finding->reference != NULL)
		image_parts_add_reference(writer, finding->reference);
	add_publisher(writer, finding->reference);
}

static void add_content(struct json_writer *writer, const struct finding *finding,
						bool reproducible)
{
	json_writer_digest(writer, "digest", finding->digest);
	json_writer_text(writer, "media_type", finding->media_type);
	if (finding->facts != NULL)
		image_parts_add_images(writer, finding->facts, finding->judgement->image_reasons,
							   reproducible);
	add_all_evidence(writer, finding);
	add_hints(writer, finding);
	if (finding->facts == NULL)
		return;
	internal_parts_add_nearest(writer, finding->facts, finding->judgement);
	add_coverage(writer, finding, reproducible);
}

int finding_write_json(const struct finding *finding, bool reproducible, struct buffer *out,
					   struct error *err)
{
	struct json_writer writer = {.out = out, .err = err};
	json_writer_begin_object(&writer, NULL);
	add_names(&writer, finding);
	add_verdict(&writer, finding);
	add_content(&writer, finding, reproducible);
	add_flags(&writer, finding, reproducible);
	add_next(&writer, finding->judgement);
	image_parts_add_errors(&writer, finding->errors, finding->error_count, reproducible);
	json_writer_value(&writer, "discovery", finding->discovery);
	add_index(&writer, finding, reproducible);
	if (!reproducible)
		add_cost(&writer, finding);
	json_writer_end_object(&writer);
	return json_writer_end_line(&writer);
}
