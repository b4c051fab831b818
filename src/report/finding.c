#include "layerproof/finding.h"

#include <string.h>

#include "coverage.h"
#include "layerproof/clock.h"
#include "layerproof/image_record.h"
#include "layerproof/json_build.h"
#include "layerproof/memory.h"
#include "summary.h"

/* Stable over runs: registry, repository and what the name led to; for a candidate that led
 * nowhere, its own words. */
static void set_id(json_t *record, const struct finding *finding)
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
	json_build_text(record, "id", strchr(digest_format(&id, digest), ':') + 1);
}

/* Who published it: registry and namespace. */
static void set_publisher(json_t *record, const struct reference *reference)
{
	if (reference == NULL || reference->registry == NULL)
		return;
	const char *slash = strrchr(reference->repository, '/');
	int length = slash == NULL ? 0 : (int)(slash - reference->repository);
	CLEANUP(free_at)
	char *publisher = memory_format("%s%s%.*s", reference->registry, length > 0 ? "/" : "", length,
									reference->repository);
	json_build_text(record, "publisher", publisher);
}

static const struct digest *main_digest(const struct internal_image *image)
{
	if (image->top_count > 0)
		return &image->tops[0].digest;
	if (image->diff_id_count > 0)
		return &image->diff_ids[image->diff_id_count - 1];
	return image->layer_count > 0 ? &image->layers[image->layer_count - 1] : NULL;
}

static json_t *internal_object(const struct internal_image *image)
{
	json_t *object = json_object();
	json_build_text(object, "name", image->name);
	json_build_digest(object, "digest", main_digest(image));
	json_build_text(object, "source", image->source);
	if (image->row > 0)
		json_build_count(object, "row", (json_int_t)image->row);
	return object;
}

static json_t *evidence_object(const struct finding *finding, const struct evidence *evidence)
{
	json_t *object = json_object();
	json_build_text(object, "identity", identity_name(evidence->identity));
	json_build_text(object, "level", level_name(evidence->level));
	json_build_digest(object, "digest", &evidence->digest);
	if (evidence->image != SIZE_MAX)
		json_build_text(object, "platform", finding->facts->images[evidence->image].tree->platform);
	if (evidence->layer != SIZE_MAX)
		json_build_count(object, "layer", (json_int_t)evidence->layer);
	json_build_text(object, "origin", origin_name(evidence->origin));
	if (evidence->basis != BASIS_NONE)
		json_build_text(object, "basis", basis_name(evidence->basis));
	if (evidence->internal != NULL)
		json_object_set_new(object, "internal", internal_object(&evidence->internal->image));
	json_build_count(object, "others", (json_int_t)evidence->others);
	return object;
}

static void set_evidence(json_t *record, const struct finding *finding)
{
	json_t *list = json_array();
	size_t count = finding->facts == NULL ? 0 : finding->judgement->evidence_count;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, evidence_object(finding, &finding->judgement->evidence[i]));
	json_object_set_new(record, "evidence", list);
}

/* What was fetched depends on what the run had met before: it is a cost. */
static json_t *bytes_object(const struct coverage *coverage, const struct finding *finding,
							bool reproducible)
{
	json_t *bytes = json_object();
	json_build_count(bytes, "total", (json_int_t)coverage->bytes);
	if (!reproducible)
		json_build_count(bytes, "fetched", (json_int_t)finding->layer_bytes);
	return bytes;
}

static void set_coverage(json_t *record, const struct finding *finding, bool reproducible)
{
	struct coverage coverage;
	coverage_count(finding->facts, finding->judgement, &coverage);
	json_t *layers = json_pack("{sI sI sI sI sI}", "total", (json_int_t)coverage.total, "hashed",
							   (json_int_t)coverage.hashed, "ours", (json_int_t)coverage.ours,
							   "public", (json_int_t)coverage.not_ours, "unread",
							   (json_int_t)coverage.unread);
	json_t *bytes = bytes_object(&coverage, finding, reproducible);
	json_object_set_new(record, "coverage", json_pack("{so so}", "layers", layers, "bytes", bytes));
}

static void set_flags(json_t *record, const struct finding *finding)
{
	json_t *list = json_array();
	for (size_t i = 0; i < finding->flag_count; i++)
		json_array_append_new(list, json_string(finding->flags[i]));
	json_object_set_new(record, "flags", list);
}

static void set_next(json_t *record, const struct judgement *judgement)
{
	if (judgement->next == NEXT_NONE)
		return;
	json_t *next = json_object();
	json_build_text(next, "action", next_action_name(judgement->next));
	json_build_digest(next, "digest", &judgement->next_digest);
	if (judgement->next == NEXT_HASH_LAYER && judgement->next_bytes >= 0)
		json_build_count(next, "bytes", judgement->next_bytes);
	json_object_set_new(record, "next", next);
}

static void set_circumstances(json_t *record, const struct finding *finding, bool reproducible)
{
	char time[CLOCK_TEXT_SIZE];
	if (finding->index_id != NULL) {
		json_t *index = json_pack("{ss}", "id", finding->index_id);
		if (!reproducible)
			json_build_text(index, "updated_at", clock_format(finding->index_updated_at, time));
		json_object_set_new(record, "index", index);
	}
	if (reproducible)
		return;
	json_object_set_new(record, "cost",
						json_pack("{sI sI sI}", "requests", (json_int_t)finding->requests, "bytes",
								  (json_int_t)finding->bytes, "ms",
								  (json_int_t)finding->milliseconds));
	json_build_text(record, "checked_at", clock_format(finding->checked_at, time));
}

static void set_verdict(json_t *record, const struct finding *finding)
{
	const struct judgement *judgement = finding->judgement;
	json_build_text(record, "verdict", verdict_name(judgement->verdict));
	json_build_text(record, "reason", reason_name(judgement->reason));
	json_build_text(record, "priority", priority_name(judgement->priority));
	if (judgement->reason == REASON_MANIFEST || judgement->reason == REASON_CONFIG ||
		judgement->reason == REASON_INDEX)
		json_object_set_new(record, "anchored", json_boolean(judgement->is_anchored));
	CLEANUP(free_at) char *summary = summary_of(finding);
	json_build_printable(record, "summary", summary);
}

static json_t *finding_object(const struct finding *finding, bool reproducible)
{
	json_t *record = json_object();
	json_build_text(record, "schema", "layerproof.finding.v1");
	set_id(record, finding);
	json_build_text(record, "input", finding->input);
	if (finding->reference != NULL)
		json_object_set_new(record, "reference", image_record_reference(finding->reference));
	set_publisher(record, finding->reference);
	set_verdict(record, finding);
	json_build_digest(record, "digest", finding->digest);
	json_build_text(record, "media_type", finding->media_type);
	if (finding->facts != NULL)
		json_object_set_new(record, "images", image_record_images(finding->facts));
	set_evidence(record, finding);
	if (finding->facts != NULL)
		set_coverage(record, finding, reproducible);
	set_flags(record, finding);
	set_next(record, finding->judgement);
	json_object_set_new(record, "errors",
						image_record_errors(finding->errors, finding->error_count));
	if (finding->discovery != NULL)
		json_object_set(record, "discovery", finding->discovery);
	set_circumstances(record, finding, reproducible);
	return record;
}

int finding_write_json(const struct finding *finding, bool reproducible, struct buffer *out,
					   struct error *err)
{
	json_t *record = finding_object(finding, reproducible);
	int result = json_build_write(record, out, err);
	json_decref(record);
	return result;
}
