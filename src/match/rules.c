#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/empty_layer.h"
#include "layerproof/memory.h"

/* Layers of an internal image: the longer of its two lists. */
static size_t internal_layer_count(const struct internal_image *internal)
{
	return internal->layer_count > internal->diff_id_count ? internal->layer_count
														   : internal->diff_id_count;
}

/* Whether one of its lists names a well-known empty at this place. */
static bool is_known_empty(const struct internal_image *internal, size_t layer)
{
	if (layer < internal->diff_id_count && empty_layer_is_known(&internal->diff_ids[layer]))
		return true;
	return layer < internal->layer_count && empty_layer_is_known(&internal->layers[layer]);
}

static bool holds(const struct digest *list, size_t count, size_t place,
				  const struct digest *digest)
{
	return place < count && digest_is_set(digest) && digest_equal(&list[place], digest);
}

/* An export's "layers" may hold diff_ids (cspm-formats 1), and an uncompressed blob's digest is its
 * diff_id: any name of the candidate's layer may equal any name of ours. */
static bool is_same_layer(const struct match_layer *layer, const struct internal_image *internal,
						  size_t place)
{
	return holds(internal->layers, internal->layer_count, place, &layer->blob.digest) ||
		   holds(internal->diff_ids, internal->diff_id_count, place, &layer->tar.digest) ||
		   holds(internal->layers, internal->layer_count, place, &layer->tar.digest) ||
		   holds(internal->diff_ids, internal->diff_id_count, place, &layer->blob.digest);
}

/* A layer of ours without content: a well-known one, or one that the candidate holds too, wherever,
 * and whose bytes were found to be empty. */
static bool is_empty_internal_layer(const struct match_image *image,
									const struct internal_image *internal, size_t place)
{
	if (is_known_empty(internal, place))
		return true;
	for (size_t i = 0; i < image->tree->layer_count; i++)
		if (image->layers[i].is_empty && is_same_layer(&image->layers[i], internal, place))
			return true;
	return false;
}

static size_t next_internal_layer(const struct match_image *image,
								  const struct internal_image *internal, size_t place)
{
	while (place < internal_layer_count(internal) &&
		   is_empty_internal_layer(image, internal, place))
		place++;
	return place;
}

/* How an internal image and the candidate compare. */
struct comparison {
	size_t common_run; /* places of the candidate below this one are in the common bottom run */
	size_t shared;     /* layers of the internal image found in the candidate, in order */
	bool is_whole; /* all of its non-empty layers are, at least one of them above the boundary */
	size_t top;    /* place of its topmost layer that is not empty */
	bool has_top;  /* the candidate has that layer, wherever, */
	bool is_top_hashed; /* and its bytes were served */
};

/* Whether two names tell if their layers are the same: both are known, and by one algorithm. What
 * was hashed was hashed by each that the index knows. */
static bool is_telling(const struct digest *digest, enum level level, const struct digest *list,
					   size_t count, size_t other)
{
	return other < count && digest_is_set(digest) &&
		   (level == LEVEL_HASHED || digest->algorithm == list[other].algorithm);
}

/* Whether the layer is that of an internal image's place, or was to be it and its bytes are broken:
 * damage in one layer must not change what is said of the others. */
static bool is_listed_layer(const struct match_image *image, size_t place,
							const struct internal_image *internal, size_t other)
{
	const struct match_layer *layer = &image->layers[place];
	const struct tree_layer *declared = &image->tree->layers[place];
	const struct match_layer claimed = {.blob.digest = declared->descriptor.digest,
										.tar.digest = declared->diff_id};
	return is_same_layer(layer, internal, other) ||
		   (layer->is_tampered && is_same_layer(&claimed, internal, other));
}

/* The same, or no name of it can be compared. */
static bool may_be_layer(const struct match_image *image, size_t place,
						 const struct internal_image *internal, size_t other)
{
	const struct match_layer *layer = &image->layers[place];
	if (is_listed_layer(image, place, internal, other))
		return true;
	return !is_telling(&layer->blob.digest, layer->blob_level, internal->layers,
					   internal->layer_count, other) &&
		   !is_telling(&layer->tar.digest, layer->tar_level, internal->diff_ids,
					   internal->diff_id_count, other);
}

/* It ends where the two certainly differ: who stands on the same base is not to be accused because
 * a layer of it is broken, or named otherwise than ours. Empty layers neither make nor break a run.
 */
static size_t find_common_run(const struct match_image *image,
							  const struct internal_image *internal)
{
	size_t other = 0;
	for (size_t place = 0; place < image->tree->layer_count; place++) {
		if (image->layers[place].is_empty)
			continue;
		other = next_internal_layer(image, internal, other);
		if (other == internal_layer_count(internal) || !may_be_layer(image, place, internal, other))
			return place;
		other++;
	}
	return image->tree->layer_count;
}

/* Whether the candidate has this layer, wherever; its bytes, where `is_hashed`. */
static bool is_here(const struct match_image *image, const struct internal_image *internal,
					size_t place, bool is_hashed)
{
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		const struct match_layer *layer = &image->layers[i];
		bool has_bytes = layer->blob_level == LEVEL_HASHED || layer->tar_level == LEVEL_HASHED;
		if ((has_bytes || !is_hashed) && is_same_layer(layer, internal, place))
			return true;
	}
	return false;
}

static struct comparison compare(const struct match_image *image,
								 const struct match_internal *internal)
{
	const struct internal_image *ours = &internal->image;
	struct comparison result = {.common_run = find_common_run(image, ours), .is_whole = true};
	bool has_own = false;
	size_t place = 0;
	for (size_t other = next_internal_layer(image, ours, 0); other < internal_layer_count(ours);
		 other = next_internal_layer(image, ours, other + 1)) {
		size_t found = place;
		result.top = other;
		while (found < image->tree->layer_count && !is_listed_layer(image, found, ours, other))
			found++;
		if (found == image->tree->layer_count) {
			result.is_whole = false;
			continue;
		}
		place = found + 1;
		result.shared++;
		has_own = has_own || other >= internal->boundary.layers;
	}
	result.is_whole = result.is_whole && has_own;
	result.has_top = is_here(image, ours, result.top, false);
	result.is_top_hashed = is_here(image, ours, result.top, true);
	return result;
}

/* Whether some place of the internal image at or above its boundary holds this layer. */
static bool lies_above_boundary(const struct match_layer *layer,
								const struct match_internal *internal)
{
	for (size_t place = internal->boundary.layers; place < internal_layer_count(&internal->image);
		 place++)
		if (is_same_layer(layer, &internal->image, place))
			return true;
	return false;
}

/* `first` is the lowest place of the layer in the candidate: a layer of the common run that is
 * repeated further up is no graft. */
static enum basis judge_against(const struct match_layer *layer, size_t first,
								const struct match_internal *internal,
								const struct comparison *comparison)
{
	if (!lies_above_boundary(layer, internal))
		return BASIS_COMMON_BASE;
	if (comparison->is_whole)
		return BASIS_WHOLE_IMAGE;
	if (internal->boundary.known)
		return BASIS_KNOWN_BOUNDARY;
	/* What lies between a guess and the top may have been copied in from a public image. */
	return first >= comparison->common_run && comparison->has_top ? BASIS_OUTSIDE_COMMON_BASE
																  : BASIS_COMMON_BASE;
}

/* A whole image shows more than a boundary, a boundary more than a graft, bytes more than a list,
 * anything more than a shared base. */
static int strength_of(enum basis basis, bool on_list)
{
	switch (basis) {
	case BASIS_WHOLE_IMAGE:
		return on_list ? 1 : 4;
	case BASIS_KNOWN_BOUNDARY:
		return 3;
	case BASIS_OUTSIDE_COMMON_BASE:
		return on_list ? 1 : 2;
	case BASIS_NONE:
	case BASIS_TOP_LAYER:
	case BASIS_COMMON_BASE:
		break;
	}
	return 0;
}

struct compared {
	const struct match_internal *internal;
	struct comparison comparison;
};

struct rules {
	const struct match_image *image;
	bool is_spoken_for;
	size_t *first; /* for each layer the lowest place where it stands: it may be there more than
					  once */
	struct compared *compared; /* by the number of the internal image, ascending */
	size_t count;
	size_t capacity;
};

static bool is_same_digest(const struct digest *a, const struct digest *b)
{
	return digest_is_set(a) && digest_equal(a, b);
}

static size_t find_first(const struct match_image *image, size_t layer)
{
	const struct match_layer *layers = image->layers;
	size_t place = 0;
	while (place < layer &&
		   !is_same_digest(&layers[place].blob.digest, &layers[layer].blob.digest) &&
		   !is_same_digest(&layers[place].tar.digest, &layers[layer].tar.digest))
		place++;
	return place;
}

struct rules *rules_new(const struct match_image *image, bool is_spoken_for)
{
	struct rules *rules = memory_alloc(1, sizeof(*rules));
	rules->image = image;
	rules->is_spoken_for = is_spoken_for;
	rules->first = memory_alloc(image->tree->layer_count, sizeof(*rules->first));
	for (size_t i = 0; i < image->tree->layer_count; i++)
		rules->first[i] = find_first(image, i);
	return rules;
}

void rules_free(struct rules *rules)
{
	if (rules == NULL)
		return;
	free(rules->compared);
	free(rules->first);
	free(rules);
}

static size_t position_of(const struct rules *rules, uint32_t number)
{
	size_t low = 0;
	size_t high = rules->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rules->compared[middle].internal->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct comparison compare_once(struct rules *rules, const struct match_internal *internal)
{
	size_t position = position_of(rules, internal->number);
	if (position < rules->count && rules->compared[position].internal == internal)
		return rules->compared[position].comparison;
	rules->compared = memory_grow(rules->compared, rules->count, &rules->capacity,
								  sizeof(*rules->compared));
	memmove(&rules->compared[position + 1], &rules->compared[position],
			(rules->count - position) * sizeof(*rules->compared));
	rules->compared[position] = (struct compared){internal, compare(rules->image, internal)};
	rules->count++;
	return rules->compared[position].comparison;
}

/* Above a guessed boundary only the topmost layer of an image is surely its own work. That it
 * stands on the others is anybody's to write, so until its bytes were served the candidate lists it
 * and does not hold it. */
static bool rests_on_list(const struct rules *rules, size_t layer,
						  const struct match_internal *internal, enum basis basis,
						  const struct comparison *comparison)
{
	bool needs_top = basis == BASIS_WHOLE_IMAGE || basis == BASIS_OUTSIDE_COMMON_BASE;
	return needs_top && !internal->boundary.known && !rules->is_spoken_for &&
		   !comparison->is_top_hashed &&
		   !is_same_layer(&rules->image->layers[layer], &internal->image, comparison->top);
}

struct ownership rules_judge_layer(struct rules *rules, size_t layer,
								   const struct match_lookup *lookup)
{
	const struct match_layer *held = &rules->image->layers[layer];
	struct ownership best = {.basis = BASIS_COMMON_BASE};
	size_t best_shared = 0;
	for (size_t i = 0; i < lookup->holder_count; i++) {
		const struct match_internal *internal = lookup->holders[i];
		if (internal->image.origin != ORIGIN_OURS)
			continue;
		struct comparison comparison = compare_once(rules, internal);
		enum basis basis = judge_against(held, rules->first[layer], internal, &comparison);
		bool on_list = rests_on_list(rules, layer, internal, basis, &comparison);
		int strength = strength_of(basis, on_list);
		int best_strength = strength_of(best.basis, best.rests_on_list);
		bool is_better = strength > best_strength ||
						 (strength == best_strength && comparison.shared > best_shared);
		if (lies_above_boundary(held, internal))
			best.above_boundary = true;
		if (best.internal != NULL && !is_better)
			continue;
		best.basis = basis;
		best.rests_on_list = on_list;
		best.internal = internal;
		best_shared = comparison.shared;
	}
	return best;
}
