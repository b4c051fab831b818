#include "released.h"

#include <stdint.h>
#include <stdlib.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* ---- Sets ---- */

static int compare(const void *a, const void *b)
{
	return digest_compare(a, b);
}

static bool holds(const struct digest_set *set, const struct digest *digest)
{
	return set->count > 0 && digest_is_set(digest) &&
		   bsearch(digest, set->digests, set->count, sizeof(*digest), compare) != NULL;
}

static void add(struct digest_set *set, const struct digest *digest)
{
	if (!digest_is_set(digest))
		return;
	set->digests = memory_grow(set->digests, set->count, &set->capacity, sizeof(*set->digests));
	set->digests[set->count++] = *digest;
}

static void add_all(struct digest_set *set, const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(set, &digests[i]);
}

static void sort(struct digest_set *set)
{
	if (set->count > 1)
		qsort(set->digests, set->count, sizeof(*set->digests), compare);
}

void digest_set_clear(struct digest_set *set)
{
	free(set->digests);
	*set = (struct digest_set){.count = 0};
}

/* ---- What the configuration lists ---- */

static bool is_known_by(const struct internal_image *image, const struct digest *digest)
{
	const unsigned documents = IDENTITY_INDEX | IDENTITY_MANIFEST | IDENTITY_CONFIG |
							   IDENTITY_IMAGE;
	for (size_t i = 0; i < image->top_count; i++)
		if ((image->tops[i].identity & documents) != 0 &&
			digest_equal(&image->tops[i].digest, digest))
			return true;
	return false;
}

/* Whoever converts or compresses a released image anew keeps some of these. */
static void add_image(struct index_snapshot *snapshot, uint32_t number, const struct digest *digest,
					  struct digest_set *out)
{
	struct error ignored;
	struct internal_image image;
	if (index_image(snapshot, number, &image, &ignored) != 1)
		return;
	if (is_known_by(&image, digest)) {
		for (size_t i = 0; i < image.top_count; i++)
			add(out, &image.tops[i].digest);
		add_all(out, image.layers, image.layer_count);
		add_all(out, image.diff_ids, image.diff_id_count);
	}
	internal_image_clear(&image);
}

void released_list(const struct digest *listed, size_t count, struct index *index,
				   struct digest_set *out)
{
	struct error ignored;
	uint32_t numbers[LIMIT_HOLDERS];
	*out = (struct digest_set){.count = 0};
	add_all(out, listed, count);
	struct index_snapshot *snapshot = index == NULL || count == 0
										  ? NULL
										  : index_snapshot_begin(index, &ignored);
	for (size_t i = 0; snapshot != NULL && i < count; i++) {
		int images = index_holders(snapshot, &listed[i], numbers, LIMIT_HOLDERS, &ignored);
		for (int j = 0; j < images; j++)
			add_image(snapshot, numbers[j], &listed[i], out);
	}
	index_snapshot_end(snapshot);
	sort(out);
}

/* ---- What the documents of a tree list ---- */

bool released_holds(const struct released *released, const struct digest *digest)
{
	return released->listed != NULL &&
		   (holds(released->listed, digest) || holds(&released->found, digest));
}

static bool holds_either(const struct released *released, const struct digest *a,
						 const struct digest *b)
{
	return released_holds(released, a) || released_holds(released, b);
}

/* Which image belongs to which of several indexes is not kept: only where there is one. */
static void add_children(const struct released *released, const struct tree *tree,
						 struct digest_set *out)
{
	size_t names = digest_equal(&tree->digest, &tree->digest_sha256) ? 1 : 2;
	if (!tree->is_index || tree->index_count != names ||
		!holds_either(released, &tree->digest, &tree->digest_sha256))
		return;
	for (size_t i = 0; i < tree->image_count; i++)
		add(out, &tree->images[i].manifest_declared);
}

/* A config that is not the one which the manifest names is not released by it. */
static bool has_tampered_part(const struct tree *tree, size_t image)
{
	for (size_t i = 0; i < tree->error_count; i++)
		if (tree->errors[i].error.code == ERROR_TAMPERED && tree->errors[i].image == (int)image)
			return true;
	return false;
}

static void add_parts(const struct released *released, const struct tree *tree,
					  struct digest_set *out)
{
	for (size_t i = 0; i < tree->image_count; i++) {
		const struct tree_image *image = &tree->images[i];
		if (!holds_either(released, &image->manifest, &image->manifest_sha256))
			continue;
		for (size_t j = 0; j < image->layer_count; j++)
			if (image->layers[j].has_blob_digest)
				add(out, &image->layers[j].descriptor.digest);
		if (has_tampered_part(tree, i))
			continue;
		add(out, &image->config);
		add(out, &image->config_sha256);
	}
}

static void add_diff_ids(const struct released *released, const struct tree *tree,
						 struct digest_set *out)
{
	for (size_t i = 0; i < tree->image_count; i++) {
		const struct tree_image *image = &tree->images[i];
		if (!holds_either(released, &image->config, &image->config_sha256))
			continue;
		for (size_t j = 0; j < image->layer_count; j++)
			add(out, &image->layers[j].diff_id);
	}
}

/* The texts are never written to: internal_image owns what it holds elsewhere, not here. */
static char *fixed(const char *text)
{
	return (char *)(uintptr_t)text;
}

void released_gather(struct released *released, const struct digest_set *listed,
					 const struct tree *tree)
{
	static void (*const steps[])(const struct released *, const struct tree *,
								 struct digest_set *) = {add_children, add_parts, add_diff_ids};
	*released = (struct released){.listed = NULL};
	if (listed == NULL || listed->count == 0)
		return;
	released->listed = listed;
	released->configuration.image.name = fixed("released_digest");
	released->configuration.image.source = fixed("configuration");
	released->configuration.image.origin = ORIGIN_PUBLIC;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct digest_set more = {.count = 0};
		steps[i](released, tree, &more);
		add_all(&released->found, more.digests, more.count);
		sort(&released->found);
		digest_set_clear(&more);
	}
}

void released_learn(struct released *released, const struct layer_result *result)
{
	bool by_blob = holds_either(released, &result->digest, &result->other_digest);
	bool by_tar = holds_either(released, &result->diff_id, &result->other_diff_id);
	if (by_blob == by_tar)
		return;
	add(&released->found, by_blob ? &result->diff_id : &result->digest);
	add(&released->found, by_blob ? &result->other_diff_id : &result->other_digest);
	sort(&released->found);
}

void released_clear(struct released *released)
{
	digest_set_clear(&released->found);
}
