#include "layerproof/match.h"

#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "document.h"
#include "files.h"
#include "ladder.h"
#include "layerproof/empty_layer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "plan.h"
#include "rules.h"

static void add_evidence(struct judgement *judgement, size_t *capacity,
						 const struct evidence *evidence)
{
	judgement->evidence = memory_grow(judgement->evidence, judgement->evidence_count, capacity,
									  sizeof(*evidence));
	judgement->evidence[judgement->evidence_count++] = *evidence;
}

/* A document of the candidate: index, manifest or config. What an export calls a "digest" may be
 * any of the three. */
static void weigh_document(const struct match_facts *facts, const struct match_lookup *lookup,
						   enum identity identity, size_t image, struct judgement *judgement,
						   size_t *capacity)
{
	if (!lookup->is_known || (lookup->entry.identities & IDENTITIES_OF_IMAGE) == 0 ||
		empty_layer_is_known(&lookup->digest))
		return;
	struct evidence evidence = {
		.identity = identity,
		.level = LEVEL_HASHED,
		.digest = lookup->digest,
		.image = image,
		.layer = SIZE_MAX,
		.origin = lookup->entry.origin,
		.is_ours = lookup->entry.origin == ORIGIN_OURS &&
				   !document_is_contradicted(facts, identity, image),
		.internal = lookup->holder_count > 0 ? lookup->holders[0] : NULL,
		.others = lookup->entry.images > 0 ? lookup->entry.images - 1 : 0,
	};
	add_evidence(judgement, capacity, &evidence);
}

/* Bytes that were hashed have all their names: what is public by one of them is public. NULL where
 * the other name does not disclaim more. */
static const struct match_lookup *find_disclaimer(const struct match_layer *layer,
												  const struct match_lookup *lookup)
{
	const struct match_lookup *other = lookup == &layer->blob ? &layer->tar : &layer->blob;
	bool is_one = layer->blob_level == LEVEL_HASHED && layer->tar_level == LEVEL_HASHED;
	bool disclaims = other->is_known && (other->entry.identities & IDENTITIES_OF_LAYER) != 0 &&
					 other->entry.origin >= ORIGIN_THIRD_PARTY &&
					 other->entry.origin > lookup->entry.origin;
	return is_one && disclaims ? other : NULL;
}

/* A layer by its blob, or by its diff_id. */
static void weigh_layer_digest(struct rules *rules, const struct match_image *image, size_t place,
							   size_t layer, enum identity identity, struct judgement *judgement,
							   size_t *capacity)
{
	const struct match_layer *held = &image->layers[layer];
	bool is_blob = identity == IDENTITY_LAYER;
	const struct match_lookup *lookup = is_blob ? &held->blob : &held->tar;
	const struct match_lookup *disclaimer = find_disclaimer(held, lookup);
	if (!lookup->is_known || (lookup->entry.identities & IDENTITIES_OF_LAYER) == 0 ||
		empty_layer_is_known(&lookup->digest))
		return;
	struct evidence evidence = {
		.identity = identity,
		.level = is_blob ? held->blob_level : held->tar_level,
		.digest = lookup->digest,
		.image = place,
		.layer = layer,
		.origin = lookup->entry.origin,
		.internal = lookup->holder_count > 0 ? lookup->holders[0] : NULL,
		.others = lookup->entry.images > 0 ? lookup->entry.images - 1 : 0,
	};
	if (disclaimer != NULL) {
		evidence.origin = disclaimer->entry.origin;
		evidence.internal = disclaimer->holder_count > 0 ? disclaimer->holders[0] : NULL;
	} else if (lookup->entry.origin == ORIGIN_OURS) {
		struct ownership ownership = rules_judge_layer(rules, layer, lookup);
		evidence.basis = ownership.basis;
		evidence.is_ours = ownership.basis != BASIS_COMMON_BASE;
		evidence.above_boundary = ownership.above_boundary;
		evidence.rests_on_list = ownership.rests_on_list;
		evidence.internal = ownership.internal;
	}
	add_evidence(judgement, capacity, &evidence);
}

static void weigh_files(const struct match_facts *facts, size_t place, struct judgement *judgement,
						size_t *capacity)
{
	struct evidence evidence[LIMIT_FILES_LISTED];
	size_t count = files_weigh(facts, place, evidence);
	for (size_t i = 0; i < count; i++)
		add_evidence(judgement, capacity, &evidence[i]);
}

static void weigh_image(const struct match_facts *facts, size_t place, struct judgement *judgement,
						size_t *capacity)
{
	const struct match_image *image = &facts->images[place];
	if (image->is_ignored)
		return;
	weigh_document(facts, &image->manifest, IDENTITY_MANIFEST, place, judgement, capacity);
	weigh_document(facts, &image->config, IDENTITY_CONFIG, place, judgement, capacity);
	struct rules *rules = rules_new(image, document_any_speaks_of(facts, judgement, place));
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		const struct match_layer *layer = &image->layers[i];
		if (layer->is_empty)
			continue;
		weigh_layer_digest(rules, image, place, i, IDENTITY_LAYER, judgement, capacity);
		weigh_layer_digest(rules, image, place, i, IDENTITY_DIFF_ID, judgement, capacity);
	}
	rules_free(rules);
	weigh_files(facts, place, judgement, capacity);
}

/* Strongest first; then by place, so that equal facts give equal bytes. */
static int compare_evidence(const void *left, const void *right)
{
	const struct evidence *a = left;
	const struct evidence *b = right;
	enum reason reason_a = ladder_reason(a);
	enum reason reason_b = ladder_reason(b);
	if (reason_a != reason_b)
		return reason_a > reason_b ? -1 : 1;
	if (a->image != b->image)
		return a->image < b->image ? -1 : 1;
	if (a->file != NULL && b->file != NULL && a->file->size != b->file->size)
		return a->file->size > b->file->size ? -1 : 1;
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	return digest_compare(&a->digest, &b->digest);
}

/* Nothing matches and something was not read. Where that is the one image there is, it is the
 * candidate that could not be read. */
static enum reason reason_unread(const struct tree *tree)
{
	if (tree->is_index || tree->image_count != 1 || tree->images[0].layer_count > 0)
		return REASON_PARTIAL;
	for (size_t i = 0; i < tree->error_count; i++) {
		if (tree->errors[i].error.code == ERROR_MALFORMED)
			return REASON_MALFORMED;
		if (tree->errors[i].error.code == ERROR_OVER_LIMIT)
			return REASON_OVER_LIMIT;
	}
	return REASON_PARTIAL;
}

/* Where the company itself publishes, what is ours, or may be, is no leak. */
static enum reason reason_where_authorized(enum reason reason)
{
	return reason > REASON_NAMES_ONLY && reason != REASON_TAMPERED && reason < REASON_NOT_FOUND
			   ? REASON_PUBLIC
			   : reason;
}

/* Anybody can write our name: it outweighs only what says nothing of us. */
static enum reason reason_with_name(const struct match_facts *facts, enum reason reason)
{
	return !facts->is_authorized && reason < REASON_NAMES_ONLY ? REASON_NAMES_ONLY : reason;
}

/* The words of a document that the index knows are no news. */
static bool is_document_known(const struct judgement *judgement, size_t image)
{
	for (size_t i = 0; i < judgement->evidence_count; i++)
		if (judgement->evidence[i].layer == SIZE_MAX && judgement->evidence[i].image == image)
			return true;
	return false;
}

static bool is_image_named(const struct match_facts *facts, const struct judgement *judgement,
						   size_t image)
{
	for (size_t i = 0; i < facts->hint_count; i++)
		if (facts->hints[i].image == image && !is_document_known(judgement, image))
			return true;
	return false;
}

static bool is_anything_named(const struct match_facts *facts, const struct judgement *judgement)
{
	for (size_t i = 0; i < facts->hint_count; i++)
		if (!is_document_known(judgement, facts->hints[i].image))
			return true;
	return false;
}

/* The strongest piece of evidence gives the reason; damage never makes it a cleaner one. */
static enum reason reason_for(const struct match_facts *facts, const struct evidence *strongest,
							  struct damage damage, bool is_named)
{
	enum reason reason = REASON_NO_MATCH;
	if (strongest != NULL)
		reason = ladder_reason(strongest);
	if (reason == REASON_NO_MATCH && damage.is_unread)
		reason = reason_unread(facts->tree);
	if (facts->is_authorized)
		reason = reason_where_authorized(reason);
	if (is_named)
		reason = reason_with_name(facts, reason);
	return damage.is_tampered && reason < REASON_TAMPERED ? REASON_TAMPERED : reason;
}

static const struct evidence *strongest_of_image(const struct judgement *judgement, size_t image)
{
	for (size_t i = 0; i < judgement->evidence_count; i++)
		if (judgement->evidence[i].image == image)
			return &judgement->evidence[i];
	return NULL;
}

/* Each image alone, whatever is known of the others or of an index over them. */
static void judge_images(const struct match_facts *facts, struct judgement *out)
{
	out->image_reasons = memory_alloc(facts->image_count, sizeof(*out->image_reasons));
	for (size_t i = 0; i < facts->image_count; i++)
		out->image_reasons[i] = reason_for(facts, strongest_of_image(out, i),
										   damage_of_image(facts, i),
										   is_image_named(facts, out, i));
}

static enum priority priority_of(const struct judgement *judgement)
{
	if (judgement->reason == REASON_SHARED_BASE)
		for (size_t i = 0; i < judgement->evidence_count; i++)
			if (judgement->evidence[i].above_boundary)
				return PRIORITY_MEDIUM;
	return ladder_priority(judgement->reason);
}

void match_judge(const struct match_facts *facts, struct judgement *out)
{
	size_t capacity = 0;
	*out = (struct judgement){.next_bytes = -1};
	for (size_t i = 0; i < facts->index_count; i++)
		weigh_document(facts, &facts->indexes[i], IDENTITY_INDEX, SIZE_MAX, out, &capacity);
	for (size_t i = 0; i < facts->image_count; i++)
		weigh_image(facts, i, out, &capacity);
	if (out->evidence_count > 1)
		qsort(out->evidence, out->evidence_count, sizeof(*out->evidence), compare_evidence);

	out->files = files_count(facts);
	out->reason = reason_for(facts, out->evidence_count > 0 ? &out->evidence[0] : NULL,
							 damage_of_all(facts), is_anything_named(facts, out));
	out->verdict = ladder_verdict(out->reason);
	out->priority = priority_of(out);
	judge_images(facts, out);
	if (!facts->is_authorized)
		plan_next(facts, out);
}

void match_judge_name(const struct match_facts *facts, struct judgement *judgement)
{
	judgement->reason = reason_with_name(facts, judgement->reason);
	judgement->verdict = ladder_verdict(judgement->reason);
	judgement->priority = priority_of(judgement);
}

void match_judge_failure(enum error_code code, struct judgement *out)
{
	static const enum reason by_code[ERROR_CODE_COUNT] = {
		[ERROR_BAD_REFERENCE] = REASON_BAD_REFERENCE,
		[ERROR_NOT_FOUND] = REASON_NOT_FOUND,
		[ERROR_DENIED] = REASON_DENIED,
		[ERROR_RATE_LIMITED] = REASON_RATE_LIMITED,
		[ERROR_UNREACHABLE] = REASON_UNREACHABLE,
		[ERROR_OVER_LIMIT] = REASON_OVER_LIMIT,
		[ERROR_MALFORMED] = REASON_MALFORMED,
		[ERROR_TAMPERED] = REASON_TAMPERED,
		[ERROR_UNSUPPORTED] = REASON_PARTIAL,
		[ERROR_USAGE] = REASON_BAD_REFERENCE,
		[ERROR_SYSTEM] = REASON_UNREACHABLE,
		[ERROR_INTERRUPTED] = REASON_UNREACHABLE,
	};
	enum reason reason = code < ERROR_CODE_COUNT ? by_code[code] : REASON_UNREACHABLE;
	*out = (struct judgement){
		.reason = reason,
		.verdict = ladder_verdict(reason),
		.priority = ladder_priority(reason),
		.next_bytes = -1,
	};
}

void judgement_clear(struct judgement *judgement)
{
	free(judgement->evidence);
	free(judgement->image_reasons);
	*judgement = (struct judgement){.evidence = NULL};
}
