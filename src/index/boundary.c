/*
 * boundary: where an image's own work begins (DESIGN section 5, "Base boundary").
 *
 * Worked out at each look-up from the whole index, so that an import is right for all images at
 * once.
 */
#include <string.h>

#include "index_private.h"
#include "layerproof/chain_id.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "prefix.h"

const char *boundary_reason_name(enum boundary_reason reason)
{
	static const char *const names[] = {
		[BOUNDARY_NONE] = "none",
		[BOUNDARY_SET] = "set",
		[BOUNDARY_BASE_DIGEST] = "base_digest",
		[BOUNDARY_COMPLETE_BASES] = "complete_bases",
		[BOUNDARY_KNOWN_PREFIX] = "known_prefix",
		[BOUNDARY_PARTING] = "parting",
		[BOUNDARY_ROOT_HISTORY] = "root_history",
		[BOUNDARY_FIRST_LAYER] = "first_layer",
		[BOUNDARY_SINGLE_LAYER] = "single_layer",
	};
	return names[reason];
}

const char *boundary_reason_text(enum boundary_reason reason)
{
	static const char *const texts[] = {
		[BOUNDARY_NONE] = "the index does not know the layers of this image",
		[BOUNDARY_SET] = "known: a person set it",
		[BOUNDARY_BASE_DIGEST] = "known: the image names its base, and the index has it",
		[BOUNDARY_COMPLETE_BASES] =
			"known: a public or third-party image of the index has these bottom layers, and the "
			"configuration says that the index has every base",
		[BOUNDARY_KNOWN_PREFIX] =
			"guessed: a public or third-party image of the index has these bottom layers",
		[BOUNDARY_PARTING] = "guessed: several repositories of ours share these bottom layers and "
							 "part ways above them",
		[BOUNDARY_ROOT_HISTORY] = "guessed: up to there the image holds the root of an operating "
								  "system, by its history or its files",
		[BOUNDARY_FIRST_LAYER] = "guessed: nothing is known of the base, so the first layer is "
								 "taken for it",
		[BOUNDARY_SINGLE_LAYER] =
			"guessed: the image has one layer, and nothing is known of a base",
	};
	return texts[reason];
}

/* What the trie says of one stack. */
struct stack {
	size_t public_layers; /* the longest prefix that a public or third-party image has */
	size_t parting;       /* the longest prefix above which repositories of ours part ways */
};

static int walk_stack(struct index_snapshot *snapshot, enum prefix_kind kind,
					  const struct digest *chain_ids, size_t count, struct stack *stack,
					  struct error *err)
{
	struct prefix_node node;

	for (size_t i = 0; i < count; i++) {
		int found = prefix_get(snapshot->txn, kind, &chain_ids[i], &node, err);
		if (found <= 0) /* no image has this prefix, so none has a longer one */
			return found;
		if (node.origin >= ORIGIN_THIRD_PARTY && i + 1 > stack->public_layers)
			stack->public_layers = i + 1;
		if (prefix_parts(&node) && i + 1 > stack->parting)
			stack->parting = i + 1;
	}
	return 0;
}

/* The same over bare digests; adds to what `stack` says already where it goes further. */
static int walk_digests(struct index_snapshot *snapshot, enum prefix_kind kind,
						const struct digest *digests, size_t count, struct stack *stack,
						struct error *err)
{
	if (count == 0)
		return 0;
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));
	chain_id_compute(digests, count, chain_ids);
	return walk_stack(snapshot, kind, chain_ids, count, stack, err);
}

static bool is_prefix(const struct digest *base, size_t base_count, const struct digest *layers,
					  size_t count)
{
	if (base_count == 0 || base_count > count)
		return false;
	for (size_t i = 0; i < base_count; i++) {
		if (!digest_equal(&base[i], &layers[i]))
			return false;
	}
	return true;
}

static bool is_named_by(const struct internal_image *image, const struct digest *digest)
{
	for (size_t i = 0; i < image->top_count; i++) {
		if (digest_equal(&image->tops[i].digest, digest))
			return true;
	}
	return false;
}

/* Layers of `image` that `base` stands for; 0 when it is no base of it. An index digest names the
 * images of several platforms: one of them fits. */
static size_t base_layers(const struct internal_image *base, const struct internal_image *image)
{
	if (!is_named_by(base, &image->base_digest))
		return 0;
	if (is_prefix(base->diff_ids, base->diff_id_count, image->diff_ids, image->diff_id_count))
		return base->diff_id_count;
	if (is_prefix(base->layers, base->layer_count, image->layers, image->layer_count))
		return base->layer_count;
	return 0;
}

/* The layers of the image's base annotation, 0 when it does not resolve. */
static int resolve_base(struct index_snapshot *snapshot, const struct internal_image *image,
						size_t *layers, struct error *err)
{
	CLEANUP(free_at) uint32_t *holders = memory_alloc(LIMIT_HOLDERS, sizeof(*holders));

	*layers = 0;
	if (!digest_is_set(&image->base_digest))
		return 0;
	int count = index_holders(snapshot, &image->base_digest, holders, LIMIT_HOLDERS, err);
	for (int i = 0; i < count && *layers == 0; i++) {
		CLEANUP(internal_image_clear) struct internal_image base = {.name = NULL};
		if (index_image(snapshot, holders[i], &base, err) < 0)
			return -1;
		*layers = base_layers(&base, image);
	}
	return count < 0 ? -1 : 0;
}

/* The greatest; of equal ones the one that says most. */
static struct boundary guess(const struct stack *stack, size_t root, size_t count)
{
	if (stack->public_layers > 0 && stack->public_layers >= stack->parting &&
		stack->public_layers >= root)
		return (struct boundary){stack->public_layers, false, BOUNDARY_KNOWN_PREFIX};
	if (stack->parting > 0 && stack->parting >= root)
		return (struct boundary){stack->parting, false, BOUNDARY_PARTING};
	if (root > 0)
		return (struct boundary){root, false, BOUNDARY_ROOT_HISTORY};
	if (count > 1)
		return (struct boundary){1, false, BOUNDARY_FIRST_LAYER};
	return (struct boundary){0, false, BOUNDARY_SINGLE_LAYER};
}

/* What was said of an image may be of another one: a list is not read with its layers. */
static size_t at_most(size_t layers, size_t count)
{
	return layers < count ? layers : count;
}

int index_boundary(struct index_snapshot *snapshot, const struct internal_image *image,
				   bool complete_bases, struct boundary *out, struct error *err)
{
	size_t count = image->diff_id_count > 0 ? image->diff_id_count : image->layer_count;
	struct stack stack = {.public_layers = 0};
	size_t base;

	*out = (struct boundary){0, false, BOUNDARY_NONE};
	if (count == 0)
		return 0;
	if (image->origin >= ORIGIN_THIRD_PARTY) {
		*out = (struct boundary){count, false, BOUNDARY_KNOWN_PREFIX};
		return 0;
	}
	if (image->has_boundary) {
		*out = (struct boundary){at_most(image->boundary, count), true, BOUNDARY_SET};
		return 0;
	}
	if (resolve_base(snapshot, image, &base, err) < 0)
		return -1;
	if (base > 0) {
		*out = (struct boundary){base, true, BOUNDARY_BASE_DIGEST};
		return 0;
	}
	if (walk_digests(snapshot, PREFIX_DIFF_IDS, image->diff_ids, image->diff_id_count, &stack,
					 err) < 0 ||
		walk_digests(snapshot, PREFIX_BLOBS, image->layers, image->layer_count, &stack, err) < 0)
		return index_fail(snapshot->index, err);
	if (complete_bases && stack.public_layers > 0)
		*out = (struct boundary){stack.public_layers, true, BOUNDARY_COMPLETE_BASES};
	else
		*out = guess(&stack, at_most(image->root_layers, count), count);
	return 0;
}

int index_holder(struct index_snapshot *snapshot, uint32_t number, bool complete_bases,
				 struct internal_image *image, struct boundary *boundary, struct error *err)
{
	int found = index_image(snapshot, number, image, err);
	if (found == 0) {
		error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there", number);
		return index_fail(snapshot->index, err);
	}
	if (found < 0)
		return -1;
	if (index_boundary(snapshot, image, complete_bases, boundary, err) == 0)
		return 0;
	internal_image_clear(image);
	return -1;
}
