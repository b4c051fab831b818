#include "plan.h"

#include "document.h"
#include "layerproof/limits.h"

/* A layer worth fetching: its bytes can be had, were not had yet, and could be evidence. */
static bool is_fetchable(const struct match_layer *layer)
{
	return !layer->is_empty && !layer->is_unreadable && !layer->is_tampered &&
		   layer->blob_level != LEVEL_HASHED && layer->tar_level != LEVEL_HASHED;
}

/* A config speaks for tars, by their diff_ids; a manifest, or an index over it, for blobs. */
static bool is_sound(const struct match_layer *layer, enum identity document)
{
	return !layer->is_empty && !layer->is_tampered &&
		   (layer->tar_level == LEVEL_HASHED ||
			(document != IDENTITY_CONFIG && layer->blob_level == LEVEL_HASHED));
}

/* Keeps the smaller: known sizes before unknown ones; of equals, the one considered first. */
static void consider(const struct match_facts *facts, size_t image, size_t layer,
					 struct judgement *judgement)
{
	const struct match_layer *held = &facts->images[image].layers[layer];
	bool is_smaller = judgement->next_bytes < 0
						  ? held->size >= 0
						  : held->size >= 0 && held->size < judgement->next_bytes;
	if (!is_fetchable(held) || (judgement->next == NEXT_HASH_LAYER && !is_smaller))
		return;
	judgement->next = NEXT_HASH_LAYER;
	judgement->next_image = image;
	judgement->next_layer = layer;
	judgement->next_bytes = held->size;
	judgement->next_digest = digest_is_set(&held->blob.digest) ? held->blob.digest
															   : held->tar.digest;
}

/* Whether the layer is public by one of its names, as declared; to be ours by the other the config
 * has to lie. */
static bool is_disputed(const struct match_layer *layer)
{
	return (layer->blob.is_known && layer->blob.entry.origin >= ORIGIN_THIRD_PARTY) ||
		   (layer->tar.is_known && layer->tar.entry.origin >= ORIGIN_THIRD_PARTY);
}

static void consider_own(const struct match_facts *facts, bool disputed,
						 struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (evidence->is_ours && evidence->layer != SIZE_MAX && !evidence->rests_on_list &&
			is_disputed(&facts->images[evidence->image].layers[evidence->layer]) == disputed)
			consider(facts, evidence->image, evidence->layer, judgement);
	}
}

/* The smallest layer that is ours by the rules but not hashed; of equals, the one with the stronger
 * evidence. */
static void consider_own_layers(const struct match_facts *facts, struct judgement *judgement)
{
	consider_own(facts, false, judgement);
	if (judgement->next == NEXT_NONE)
		consider_own(facts, true, judgement);
}

static void consider_any_layer(const struct match_facts *facts, struct judgement *judgement)
{
	for (size_t i = 0; i < facts->image_count; i++) {
		if (!document_any_speaks_of(facts, judgement, i))
			continue;
		for (size_t j = 0; j < facts->images[i].tree->layer_count; j++)
			consider(facts, i, j, judgement);
	}
}

static bool is_named_by(const struct match_layer *layer, enum digest_algorithm algorithm)
{
	return layer->blob.digest.algorithm == algorithm || layer->tar.digest.algorithm == algorithm;
}

/* Exports name content by sha256: of a layer that is declared by sha512 alone nobody can tell whose
 * it is before it is hashed. */
static void consider_other_algorithm(const struct match_facts *facts, struct judgement *judgement)
{
	for (size_t i = 0; facts->knows_layers && i < facts->image_count; i++)
		for (size_t j = 0; j < facts->images[i].tree->layer_count; j++) {
			const struct match_layer *layer = &facts->images[i].layers[j];
			if (!facts->images[i].is_ignored && is_named_by(layer, DIGEST_SHA512) &&
				!is_named_by(layer, DIGEST_SHA256))
				consider(facts, i, j, judgement);
		}
}

static bool is_lifted(const struct match_facts *facts, const struct evidence *document,
					  size_t image)
{
	if (!document_speaks_of(facts, document, image))
		return false;
	for (size_t i = 0; i < facts->images[image].tree->layer_count; i++)
		if (is_sound(&facts->images[image].layers[i], document->identity))
			return true;
	return false;
}

static bool is_anchor_lifted(const struct match_facts *facts, const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->evidence_count; i++)
		for (size_t j = 0; j < facts->image_count; j++)
			if (is_lifted(facts, &judgement->evidence[i], j))
				return true;
	return false;
}

/* A small layer that would be shared may be empty, and is no evidence then. */
static void consider_doubtful_layers(const struct match_facts *facts, struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (!evidence->above_boundary || evidence->layer == SIZE_MAX)
			continue;
		int64_t size = facts->images[evidence->image].layers[evidence->layer].size;
		if (size >= 0 && size <= LIMIT_DOUBTFUL_LAYER)
			consider(facts, evidence->image, evidence->layer, judgement);
	}
}

/* A shared base is settled by naming the base: the image that ends with the topmost layer in
 * question. */
static void suggest_base(const struct match_facts *facts, struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		bool is_base = evidence->origin == ORIGIN_OURS && evidence->layer != SIZE_MAX &&
					   evidence->file == NULL;
		if (!is_base ||
			(judgement->next == NEXT_ADD_BASE && evidence->layer <= judgement->next_layer))
			continue;
		const struct match_layer *layer = &facts->images[evidence->image].layers[evidence->layer];
		judgement->next = NEXT_ADD_BASE;
		judgement->next_image = evidence->image;
		judgement->next_layer = evidence->layer;
		judgement->next_digest = digest_is_set(&layer->tar.digest) ? layer->tar.digest
																   : layer->blob.digest;
	}
}

void plan_next(const struct match_facts *facts, struct judgement *judgement)
{
	switch (judgement->reason) {
	case REASON_MANIFEST:
	case REASON_CONFIG:
	case REASON_INDEX:
		judgement->is_anchored = !is_anchor_lifted(facts, judgement);
		if (!judgement->is_anchored)
			break;
		consider_own_layers(facts, judgement);
		if (judgement->next == NEXT_NONE)
			consider_any_layer(facts, judgement);
		break;
	case REASON_LAYER_DECLARED:
	case REASON_DIFF_ID_DECLARED:
	case REASON_TAMPERED:
		consider_own_layers(facts, judgement);
		if (judgement->next == NEXT_NONE)
			consider_other_algorithm(facts, judgement);
		break;
	case REASON_LAYER:
	case REASON_DIFF_ID:
		break; /* it is proved */
	case REASON_SHARED_BASE:
		consider_other_algorithm(facts, judgement);
		if (judgement->next == NEXT_NONE)
			consider_doubtful_layers(facts, judgement);
		if (judgement->next == NEXT_NONE)
			suggest_base(facts, judgement);
		break;
	default:
		consider_other_algorithm(facts, judgement);
		break;
	}
}

bool match_gains_by_completion(const struct match_facts *facts, const struct judgement *judgement)
{
	bool is_settled = judgement->reason >= REASON_SHARED_BASE &&
					  judgement->reason != REASON_TAMPERED;
	if (facts->is_authorized || judgement->next != NEXT_NONE || is_settled)
		return false;
	for (size_t i = 0; i < facts->image_count; i++)
		for (size_t j = 0; j < facts->images[i].tree->layer_count; j++)
			if (!facts->images[i].is_ignored && !facts->images[i].layers[j].is_empty)
				return true;
	return false;
}

void judgement_suggest_completion(struct judgement *judgement)
{
	judgement->next = NEXT_ADD_MISSING;
}
