#include "layerproof/assessment.h"

#include <stdlib.h>

#include "assessment_private.h"
#include "layerproof/memory.h"

void assessment_retain(void *value)
{
	struct assessment *assessment = value;
	atomic_fetch_add(&assessment->references, 1);
}

void assessment_release(struct assessment *assessment)
{
	if (assessment == NULL || atomic_fetch_sub(&assessment->references, 1) > 1)
		return;
	judgement_clear(&assessment->judgement);
	fact_book_clear(&assessment->book);
	hints_clear(&assessment->hints);
	tree_clear(&assessment->tree);
	for (size_t i = 0; i < assessment->error_count; i++) {
		free(assessment->errors[i].where);
		free(assessment->errors[i].message);
	}
	free(assessment->errors);
	free(assessment);
}

void assessment_add_error(struct assessment *assessment, enum error_code code, const char *where,
						  const char *message)
{
	assessment->errors = memory_grow(assessment->errors, assessment->error_count,
									 &assessment->error_capacity, sizeof(*assessment->errors));
	assessment->errors[assessment->error_count++] = (struct finding_error){
		.code = code, .where = memory_copy_text(where), .message = memory_copy_text(message)};
}

void assessment_add_failure(struct assessment *assessment, const char *where,
							const struct error *why)
{
	assessment_add_error(assessment, why->code, where, why->text);
	assessment->errors[assessment->error_count - 1].retry_at = why->retry_at;
}

static void add_flag(struct assessment *assessment, const char *flag)
{
	if (assessment->flag_count < ASSESSMENT_FLAGS)
		assessment->flags[assessment->flag_count++] = flag;
}

struct assessment *assessment_new(void)
{
	struct assessment *assessment = memory_alloc(1, sizeof(*assessment));
	assessment->references = 1;
	return assessment;
}

void assessment_set_failure(struct assessment *assessment, const struct error *why)
{
	assessment_add_failure(assessment, NULL, why);
	assessment->has_facts = false; /* they may be there in part */
	judgement_clear(&assessment->judgement);
	match_judge_failure(why->code, &assessment->judgement);
}

struct assessment *assessment_of_failure(const struct error *why)
{
	struct assessment *assessment = assessment_new();
	assessment_set_failure(assessment, why);
	return assessment;
}

/* What is odd about any layer of any image. */
struct seen {
	bool has_attestation;
	bool has_foreign;
	bool has_other_format;
	unsigned oddities;
};

static void look_at_image(const struct match_image *image, struct seen *seen)
{
	seen->has_attestation = seen->has_attestation || image->tree->is_attestation;
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		const struct match_layer *layer = &image->layers[i];
		seen->has_foreign = seen->has_foreign || image->tree->layers[i].descriptor.has_urls;
		seen->has_other_format = seen->has_other_format || layer->is_other_format;
		seen->oddities |= layer->oddities;
	}
}

void assessment_note_flags(struct assessment *assessment)
{
	struct seen seen = {.oddities = 0};
	const struct match_facts *facts = &assessment->book.facts;
	for (size_t i = 0; i < facts->image_count; i++)
		look_at_image(&facts->images[i], &seen);
	if (seen.has_attestation)
		add_flag(assessment, "attestation");
	if (facts->is_authorized)
		add_flag(assessment, "authorized");
	if (assessment->tree.digest_header_differs)
		add_flag(assessment, "digest_header_differs");
	if ((seen.oddities & LAYER_DUPLICATE_PATH) != 0)
		add_flag(assessment, "duplicate_path");
	if (assessment->tree.has_false_attestation)
		add_flag(assessment, "false_attestation");
	if (seen.has_foreign)
		add_flag(assessment, "foreign_layer");
	if (seen.has_other_format)
		add_flag(assessment, "format_mismatch");
	if (hints_are_cut_off(&assessment->hints))
		add_flag(assessment, "hints_capped");
	if (assessment->book.is_capped)
		add_flag(assessment, "holders_capped");
	if (assessment->tree.is_schema1)
		add_flag(assessment, "schema1");
	if ((seen.oddities & LAYER_SIZE_CONFLICT) != 0)
		add_flag(assessment, "size_conflict");
	if (assessment_is_tampered(assessment))
		add_flag(assessment, "tampered");
}

void assessment_describe(const struct assessment *assessment, struct finding *finding)
{
	finding->facts = assessment->has_facts ? &assessment->book.facts : NULL;
	finding->judgement = &assessment->judgement;
	finding->digest = &assessment->tree.digest;
	finding->media_type = digest_is_set(&assessment->tree.digest) ? assessment->tree.media_type
																  : NULL;
	finding->errors = assessment->errors;
	finding->error_count = assessment->error_count;
	finding->flags = assessment->flags;
	finding->flag_count = assessment->flag_count;
	finding->index_id = assessment->has_index ? assessment->index_id : NULL;
	finding->index_updated_at = assessment->index_updated_at;
}

bool assessment_is_incomplete(const struct assessment *assessment)
{
	if (assessment->judgement.reason > REASON_NOT_FOUND)
		return true;
	for (size_t i = 0; i < assessment->error_count; i++)
		switch (assessment->errors[i].code) {
		case ERROR_DENIED:
		case ERROR_RATE_LIMITED:
		case ERROR_UNREACHABLE:
		case ERROR_SYSTEM:
		case ERROR_INTERRUPTED:
			return true;
		default:
			break;
		}
	return false;
}

bool assessment_is_tampered(const struct assessment *assessment)
{
	for (size_t i = 0; i < assessment->error_count; i++)
		if (assessment->errors[i].code == ERROR_TAMPERED)
			return true;
	return false;
}
