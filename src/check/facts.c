#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/empty_layer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

static size_t internal_position(const struct fact_book *book, uint32_t number)
{
	size_t low = 0;
	size_t high = book->internal_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (book->internals[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert_internal(struct fact_book *book, size_t position,
							struct match_internal *internal)
{
	book->internals = memory_grow(book->internals, book->internal_count, &book->internal_capacity,
								  sizeof(struct match_internal *));
	memmove(&book->internals[position + 1], &book->internals[position],
			(book->internal_count - position) * sizeof(struct match_internal *));
	book->internals[position] = internal;
	book->internal_count++;
}

const struct match_internal *fact_book_internal(struct fact_book *book, uint32_t number,
												struct index_snapshot *snapshot, struct error *err)
{
	size_t position = internal_position(book, number);
	if (position < book->internal_count && book->internals[position]->number == number)
		return book->internals[position];
	CLEANUP(free_at) struct match_internal *internal = memory_alloc(1, sizeof(*internal));
	internal->number = number;
	if (index_holder(snapshot, number, book->complete_bases, &internal->image, &internal->boundary,
					 err) != 0)
		return NULL;
	insert_internal(book, position, internal);
	return STEAL(internal);
}

/* What is not ours needs one name only: that of the first image that makes it so. 1 found, 0 not,
 * -1 error. */
static int find_disclaimer(const uint32_t *numbers, int count, enum origin origin,
						   struct index_snapshot *snapshot, uint32_t *out, struct error *err)
{
	for (int i = 0; i < count; i++) {
		enum origin held = ORIGIN_UNKNOWN;
		int found = index_image_origin(snapshot, numbers[i], &held, err);
		if (found < 0)
			return -1;
		*out = numbers[i];
		if (found == 1 && held == origin)
			return 1;
	}
	return 0;
}

static int hold(struct fact_book *book, const uint32_t *numbers, int count,
				struct index_snapshot *snapshot, struct match_lookup *out, struct error *err)
{
	out->holders = memory_alloc((size_t)count, sizeof(const struct match_internal *));
	for (int i = 0; i < count; i++) {
		out->holders[i] = fact_book_internal(book, numbers[i], snapshot, err);
		if (out->holders[i] == NULL)
			return -1;
		out->holder_count++;
	}
	return 0;
}

/* Everybody may have it, whatever it is and whoever else holds it. */
static int look_up_released(struct fact_book *book, struct index_snapshot *snapshot,
							struct match_lookup *out, struct error *err)
{
	uint32_t holders = 0;
	if (snapshot != NULL) {
		int found = index_find(snapshot, &out->digest, &out->entry, err);
		if (found < 0)
			return -1;
		holders = found == 1 ? out->entry.images : 0;
	}
	out->is_known = true;
	out->entry = (struct index_entry){
		.identities = IDENTITY_IMAGE | IDENTITY_LAYER | IDENTITY_DIFF_ID,
		.origin = ORIGIN_PUBLIC,
		.images = holders + 1,
	};
	out->holders = memory_alloc(1, sizeof(const struct match_internal *));
	out->holders[0] = &book->released.configuration;
	out->holder_count = 1;
	return 0;
}

static int look_up(struct fact_book *book, const struct digest *digest,
				   struct index_snapshot *snapshot, struct match_lookup *out, struct error *err)
{
	uint32_t numbers[LIMIT_HOLDERS];
	free(out->holders);
	*out = (struct match_lookup){.digest = *digest};
	if (released_holds(&book->released, digest))
		return look_up_released(book, snapshot, out, err);
	if (snapshot == NULL || !digest_is_set(digest))
		return 0;
	int found = index_find(snapshot, digest, &out->entry, err);
	if (found <= 0)
		return found;
	out->is_known = true;
	int count = index_holders(snapshot, digest, numbers, LIMIT_HOLDERS, err);
	if (count < 0)
		return -1;
	if (out->entry.origin == ORIGIN_OURS) {
		/* What is ours is weighed against each image that holds it. */
		book->is_capped = book->is_capped || out->entry.images > LIMIT_HOLDERS;
	} else {
		uint32_t number = 0;
		count = find_disclaimer(numbers, count, out->entry.origin, snapshot, &number, err);
		if (count < 0)
			return -1;
		numbers[0] = number;
	}
	return hold(book, numbers, count, snapshot, out, err);
}

/* The same bytes may be known by either of two algorithms. */
static int look_up_either(struct fact_book *book, const struct digest *digest,
						  const struct digest *other, struct index_snapshot *snapshot,
						  struct match_lookup *out, struct error *err)
{
	if (look_up(book, digest, snapshot, out, err) != 0)
		return -1;
	if (out->is_known || !digest_is_set(other) || digest_equal(digest, other))
		return 0;
	struct match_lookup second = {.is_known = false};
	if (look_up(book, other, snapshot, &second, err) != 0) {
		free(second.holders);
		return -1;
	}
	if (second.is_known)
		*out = second;
	return 0;
}

/* A foreign layer's bytes live elsewhere and are not followed; encrypted and unknown ones say
 * nothing when hashed. */
static enum unread unread_as_declared(const struct descriptor *descriptor)
{
	switch (media_type_kind(descriptor->media_type)) {
	case MEDIA_LAYER:
		return digest_is_set(&descriptor->digest) ? UNREAD_NOT : UNREAD_ALGORITHM;
	case MEDIA_LAYER_FOREIGN:
		return UNREAD_FOREIGN;
	case MEDIA_LAYER_ENCRYPTED:
		return UNREAD_ENCRYPTED;
	default:
		return UNREAD_KIND;
	}
}

static enum unread unread_as_served(const struct layer_result *result)
{
	if (!digest_is_set(&result->digest))
		return UNREAD_FAILED;
	if (digest_is_set(&result->diff_id))
		return UNREAD_NOT;
	return result->format == LAYER_UNKNOWN ? UNREAD_FORMAT : UNREAD_DAMAGED;
}

/* Whether the first bytes are not what the media type promises. A docker-archive's layers have no
 * media type of their own. */
static bool is_other_format(const struct tree_layer *declared, const struct layer_result *result)
{
	static const enum media_compression told[] = {
		[LAYER_UNKNOWN] = MEDIA_COMPRESSED_OTHERWISE,
		[LAYER_TAR] = MEDIA_UNCOMPRESSED,
		[LAYER_GZIP] = MEDIA_GZIP,
		[LAYER_ZSTD] = MEDIA_ZSTD,
	};
	enum media_kind kind = media_type_kind(declared->descriptor.media_type);
	bool is_layer = kind == MEDIA_LAYER || kind == MEDIA_LAYER_FOREIGN;
	if (!is_layer || !declared->has_blob_digest || !digest_is_set(&result->digest))
		return false;
	return result->format == LAYER_EMPTY ||
		   told[result->format] != media_type_compression(declared->descriptor.media_type);
}

/* Whether an image of the index has the blob, and does not say that it is empty. */
static bool is_content_of_index(const struct match_lookup *blob)
{
	for (size_t i = 0; i < blob->holder_count; i++) {
		const struct internal_image *image = &blob->holders[i]->image;
		for (size_t j = 0; j < image->layer_count; j++)
			if (digest_equal(&image->layers[j], &blob->digest) &&
				(j >= image->diff_id_count || !empty_layer_is_known(&image->diff_ids[j])))
				return true;
		for (size_t j = 0; j < image->diff_id_count; j++)
			if (digest_equal(&image->diff_ids[j], &blob->digest)) /* it is not compressed */
				return true;
	}
	return false;
}

static int gather_layer(struct fact_book *book, const struct tree_layer *tree,
						struct index_snapshot *snapshot, struct match_layer *out, struct error *err)
{
	static const struct digest none = {.algorithm = DIGEST_NONE};
	out->blob_level = LEVEL_DECLARED;
	out->tar_level = LEVEL_DECLARED;
	out->size = tree->descriptor.size;
	out->unread = unread_as_declared(&tree->descriptor);
	out->is_unreadable = out->unread != UNREAD_NOT;
	const struct digest *blob = tree->has_blob_digest ? &tree->descriptor.digest : &none;
	if (look_up(book, blob, snapshot, &out->blob, err) != 0 ||
		look_up(book, &tree->diff_id, snapshot, &out->tar, err) != 0)
		return -1;
	/* A config may say of any layer that it is empty. */
	out->is_empty = tree->is_empty &&
					(empty_layer_is_known(blob) || !is_content_of_index(&out->blob));
	return 0;
}

static int gather_image(struct fact_book *book, const struct tree_image *tree,
						struct index_snapshot *snapshot, struct match_image *out, struct error *err)
{
	out->tree = tree;
	out->is_ignored = tree->is_attestation;
	out->layers = memory_alloc(tree->layer_count, sizeof(*out->layers));
	if (look_up_either(book, &tree->manifest, &tree->manifest_sha256, snapshot, &out->manifest,
					   err) != 0 ||
		look_up_either(book, &tree->config, &tree->config_sha256, snapshot, &out->config, err) != 0)
		return -1;
	for (size_t i = 0; i < tree->layer_count; i++)
		if (gather_layer(book, &tree->layers[i], snapshot, &out->layers[i], err) != 0)
			return -1;
	return 0;
}

int fact_book_gather(struct fact_book *book, const struct tree *tree,
					 const struct fact_options *options, struct index_snapshot *snapshot,
					 struct error *err)
{
	struct match_facts *facts = &book->facts;
	*book = (struct fact_book){.complete_bases = options->complete_bases};
	facts->tree = tree;
	facts->knows_layers = snapshot != NULL &&
						  index_knows(snapshot, IDENTITY_LAYER | IDENTITY_DIFF_ID);
	facts->is_authorized = options->is_authorized;
	facts->index_count = tree->index_count;
	facts->indexes = memory_alloc(tree->index_count, sizeof(*facts->indexes));
	facts->image_count = tree->image_count;
	facts->images = memory_alloc(tree->image_count, sizeof(*facts->images));
	for (size_t i = 0; i < tree->image_count; i++)
		facts->images[i].tree = &tree->images[i];
	released_gather(&book->released, options->released, tree);
	for (size_t i = 0; i < tree->index_count; i++)
		if (look_up(book, &tree->indexes[i], snapshot, &facts->indexes[i], err) != 0)
			return -1;
	for (size_t i = 0; i < tree->image_count; i++)
		if (gather_image(book, &tree->images[i], snapshot, &facts->images[i], err) != 0)
			return -1;
	return 0;
}

int fact_book_learn_layer(struct fact_book *book, size_t image, size_t layer,
						  const struct layer_result *result, struct index_snapshot *snapshot,
						  struct error *err)
{
	const struct tree_layer *declared = &book->facts.images[image].tree->layers[layer];
	struct match_layer *held = &book->facts.images[image].layers[layer];
	bool has_blob = declared->has_blob_digest && digest_is_set(&result->digest);
	if ((has_blob && digest_differs(&declared->descriptor.digest, &result->digest)) ||
		digest_differs(&declared->diff_id, &result->diff_id))
		held->is_tampered = true;
	released_learn(&book->released, result);
	held->hashed_at = result->hashed_at;
	if (digest_is_set(&result->diff_id))
		held->is_empty = layer_is_empty(result);
	held->unread = unread_as_served(result);
	held->is_unreadable = held->unread != UNREAD_NOT;
	held->is_other_format = is_other_format(declared, result);
	held->oddities = result->oddities;
	held->has_unhashed_files = result->unhashed_files > 0;
	if (has_blob) {
		held->blob_level = LEVEL_HASHED;
		if (look_up_either(book, &result->digest, &result->other_digest, snapshot, &held->blob,
						   err) != 0)
			return -1;
	}
	if (!digest_is_set(&result->diff_id))
		return 0;
	held->tar_level = LEVEL_HASHED;
	return look_up_either(book, &result->diff_id, &result->other_diff_id, snapshot, &held->tar,
						  err);
}

void fact_book_distrust_layer(struct fact_book *book, size_t image, size_t layer)
{
	book->facts.images[image].layers[layer].is_tampered = true;
}

static void clear_files(struct match_layer *layer)
{
	for (size_t i = 0; i < layer->file_count; i++)
		free(layer->files[i].path);
	free(layer->files);
}

void fact_book_clear(struct fact_book *book)
{
	struct match_facts *facts = &book->facts;
	for (size_t i = 0; i < facts->index_count; i++)
		free(facts->indexes[i].holders);
	for (size_t i = 0; i < facts->image_count; i++) {
		struct match_image *image = &facts->images[i];
		free(image->manifest.holders);
		free(image->config.holders);
		for (size_t j = 0; image->layers != NULL && j < image->tree->layer_count; j++) {
			free(image->layers[j].blob.holders);
			free(image->layers[j].tar.holders);
			clear_files(&image->layers[j]);
		}
		free(image->layers);
	}
	free(facts->indexes);
	free(facts->images);
	for (size_t i = 0; i < book->internal_count; i++) {
		internal_image_clear(&book->internals[i]->image);
		free(book->internals[i]);
	}
	free(book->internals);
	released_clear(&book->released);
	*book = (struct fact_book){.complete_bases = false};
}
