#include "layerproof/match.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "layerproof/empty_layer.h"
#include "layerproof/memory.h"
#include "plan.h"
#include "rules.h"

/* The table of the design: what each reason says. `plain` is the priority; tampering and ownership
 * raise nothing further. */
static const struct reason_row {
	const char *name;
	enum verdict verdict;
	enum priority priority;
} reasons[REASON_COUNT] = {
	[REASON_LAYER] = {"layer", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_DIFF_ID] = {"diff_id", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_MANIFEST] = {"manifest", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_CONFIG] = {"config", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_INDEX] = {"index", VERDICT_TRUE_POSITIVE, PRIORITY_HIGH},
	[REASON_LAYER_DECLARED] = {"layer_declared", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_DIFF_ID_DECLARED] = {"diff_id_declared", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_TAMPERED] = {"tampered", VERDICT_NEEDS_REVIEW, PRIORITY_HIGH},
	[REASON_SHARED_BASE] = {"shared_base", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_THIRD_PARTY] = {"third_party", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_PUBLIC] = {"public", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_UNKNOWN_OWNER] = {"unknown_owner", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_NO_MATCH] = {"no_match", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_PARTIAL] = {"partial", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_NOT_FOUND] = {"not_found", VERDICT_NEEDS_REVIEW, PRIORITY_LOW},
	[REASON_DENIED] = {"denied", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_RATE_LIMITED] = {"rate_limited", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_UNREACHABLE] = {"unreachable", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_MALFORMED] = {"malformed", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_BAD_REFERENCE] = {"bad_reference", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
	[REASON_OVER_LIMIT] = {"over_limit", VERDICT_NEEDS_REVIEW, PRIORITY_MEDIUM},
};

const char *verdict_name(enum verdict verdict)
{
	return verdict == VERDICT_TRUE_POSITIVE ? "true_positive" : "needs_review";
}

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

const char *priority_name(enum priority priority)
{
	static const char *const names[] = {"low", "medium", "high"};
	return names[priority];
}

const char *unread_name(enum unread unread)
{
	static const char *const names[] = {
		[UNREAD_NOT] = "not",
		[UNREAD_FOREIGN] = "foreign",
		[UNREAD_ENCRYPTED] = "encrypted",
		[UNREAD_KIND] = "kind",
		[UNREAD_ALGORITHM] = "algorithm",
		[UNREAD_FAILED] = "failed",
		[UNREAD_FORMAT] = "format",
		[UNREAD_DAMAGED] = "damaged",
	};
	return names[unread];
}

const char *basis_name(enum basis basis)
{
	static const char *const names[] = {
		[BASIS_NONE] = "none",
		[BASIS_KNOWN_BOUNDARY] = "known_boundary",
		[BASIS_WHOLE_IMAGE] = "whole_image",
		[BASIS_OUTSIDE_COMMON_BASE] = "outside_common_base",
		[BASIS_COMMON_BASE] = "common_base",
	};
	return names[basis];
}

const char *next_action_name(enum next_action action)
{
	static const char *const names[] = {
		[NEXT_NONE] = "none",
		[NEXT_HASH_LAYER] = "hash_layer",
		[NEXT_ADD_BASE] = "add_base",
	};
	return names[action];
}

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
	const unsigned documents = IDENTITY_INDEX | IDENTITY_MANIFEST | IDENTITY_CONFIG |
							   IDENTITY_IMAGE;
	if (!lookup->is_known || (lookup->entry.identities & documents) == 0 ||
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

static void weigh_layer_digest(struct rules *rules, size_t place, size_t layer,
							   const struct match_lookup *lookup, enum identity identity,
							   enum level level, struct judgement *judgement, size_t *capacity)
{
	if (!lookup->is_known || (lookup->entry.identities & (IDENTITY_LAYER | IDENTITY_DIFF_ID)) == 0)
		return;
	struct evidence evidence = {
		.identity = identity,
		.level = level,
		.digest = lookup->digest,
		.image = place,
		.layer = layer,
		.origin = lookup->entry.origin,
		.internal = lookup->holder_count > 0 ? lookup->holders[0] : NULL,
		.others = lookup->entry.images > 0 ? lookup->entry.images - 1 : 0,
	};
	if (lookup->entry.origin == ORIGIN_OURS) {
		struct ownership ownership = rules_judge_layer(rules, layer, lookup);
		evidence.basis = ownership.basis;
		evidence.is_ours = ownership.basis != BASIS_COMMON_BASE;
		evidence.above_boundary = ownership.above_boundary;
		evidence.rests_on_list = ownership.rests_on_list;
		evidence.internal = ownership.internal;
	}
	add_evidence(judgement, capacity, &evidence);
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
		weigh_layer_digest(rules, place, i, &layer->blob, IDENTITY_LAYER, layer->blob_level,
						   judgement, capacity);
		weigh_layer_digest(rules, place, i, &layer->tar, IDENTITY_DIFF_ID, layer->tar_level,
						   judgement, capacity);
	}
	rules_free(rules);
}

/* The row of the table that one piece of evidence reaches alone. */
static enum reason reason_of(const struct evidence *evidence)
{
	switch (evidence->origin) {
	case ORIGIN_PUBLIC:
		return REASON_PUBLIC;
	case ORIGIN_THIRD_PARTY:
		return REASON_THIRD_PARTY;
	case ORIGIN_UNKNOWN:
		return REASON_UNKNOWN_OWNER;
	case ORIGIN_OURS:
		break;
	}
	if (!evidence->is_ours)
		return evidence->layer == SIZE_MAX ? REASON_TAMPERED : REASON_SHARED_BASE;
	switch (evidence->identity) {
	case IDENTITY_INDEX:
		return REASON_INDEX;
	case IDENTITY_MANIFEST:
		return REASON_MANIFEST;
	case IDENTITY_CONFIG:
		return REASON_CONFIG;
	default:
		break;
	}
	bool is_proof = evidence->level == LEVEL_HASHED && !evidence->rests_on_list;
	if (evidence->identity == IDENTITY_LAYER)
		return is_proof ? REASON_LAYER : REASON_LAYER_DECLARED;
	return is_proof ? REASON_DIFF_ID : REASON_DIFF_ID_DECLARED;
}

/* Strongest first; then by place, so that equal facts give equal bytes. */
static int compare_evidence(const void *left, const void *right)
{
	const struct evidence *a = left;
	const struct evidence *b = right;
	enum reason reason_a = reason_of(a);
	enum reason reason_b = reason_of(b);
	if (reason_a != reason_b)
		return reason_a > reason_b ? -1 : 1;
	if (a->image != b->image)
		return a->image < b->image ? -1 : 1;
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	return digest_compare(&a->digest, &b->digest);
}

static bool is_layer_tampered(const struct match_facts *facts)
{
	for (size_t i = 0; i < facts->image_count; i++)
		for (size_t j = 0; j < facts->images[i].tree->layer_count; j++)
			if (facts->images[i].layers[j].is_tampered)
				return true;
	return false;
}

static bool is_anything_tampered(const struct match_facts *facts)
{
	for (size_t i = 0; i < facts->tree->error_count; i++)
		if (facts->tree->errors[i].error.code == ERROR_TAMPERED)
			return true;
	return is_layer_tampered(facts);
}

static bool is_anything_unread(const struct match_facts *facts)
{
	if (facts->tree->error_count > 0)
		return true;
	for (size_t i = 0; i < facts->image_count; i++) {
		const struct match_image *image = &facts->images[i];
		for (size_t j = 0; !image->is_ignored && j < image->tree->layer_count; j++)
			if (image->layers[j].is_unreadable)
				return true;
	}
	return false;
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

static enum priority priority_of(const struct judgement *judgement)
{
	if (judgement->reason == REASON_SHARED_BASE)
		for (size_t i = 0; i < judgement->evidence_count; i++)
			if (judgement->evidence[i].above_boundary)
				return PRIORITY_MEDIUM;
	return reasons[judgement->reason].priority;
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

	if (out->evidence_count > 0)
		out->reason = reason_of(&out->evidence[0]);
	else if (is_anything_unread(facts))
		out->reason = reason_unread(facts->tree);
	if (out->reason < REASON_TAMPERED && is_anything_tampered(facts))
		out->reason = REASON_TAMPERED;
	out->verdict = reasons[out->reason].verdict;
	out->priority = priority_of(out);
	plan_next(facts, out);
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
		.verdict = reasons[reason].verdict,
		.priority = reasons[reason].priority,
		.next_bytes = -1,
	};
}

void judgement_clear(struct judgement *judgement)
{
	free(judgement->evidence);
	*judgement = (struct judgement){.evidence = NULL};
}
