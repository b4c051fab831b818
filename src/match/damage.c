#include "damage.h"

bool damage_has_tampered_layer(const struct match_image *image)
{
	for (size_t i = 0; i < image->tree->layer_count; i++)
		if (image->layers[i].is_tampered)
			return true;
	return false;
}

/* The diff_id that an internal image has where it has this blob; NULL when it does not tell. */
static const struct digest *diff_id_of(const struct internal_image *internal,
									   const struct digest *blob)
{
	for (size_t i = 0; i < internal->layer_count && i < internal->diff_id_count; i++)
		if (digest_equal(&internal->layers[i], blob))
			return &internal->diff_ids[i];
	return NULL;
}

const struct digest *match_contradicted_diff_id(const struct match_layer *layer)
{
	const struct digest *other = NULL;
	if (layer->blob_level == LEVEL_HASHED || layer->tar_level == LEVEL_HASHED)
		return NULL;
	for (size_t i = 0; i < layer->blob.holder_count; i++) {
		const struct digest *known = diff_id_of(&layer->blob.holders[i]->image,
												&layer->blob.digest);
		if (known != NULL && digest_equal(known, &layer->tar.digest))
			return NULL;
		if (known != NULL && digest_differs(known, &layer->tar.digest))
			other = known;
	}
	return other;
}

static bool has_contradicted_layer(const struct match_image *image)
{
	for (size_t i = 0; !image->is_ignored && i < image->tree->layer_count; i++)
		if (match_contradicted_diff_id(&image->layers[i]) != NULL)
			return true;
	return false;
}

static bool is_image_tampered(const struct match_image *image)
{
	return damage_has_tampered_layer(image) || has_contradicted_layer(image);
}

static bool is_image_unread(const struct match_image *image)
{
	for (size_t i = 0; !image->is_ignored && i < image->tree->layer_count; i++)
		if (image->layers[i].is_unreadable || image->layers[i].has_unhashed_files)
			return true;
	return false;
}

struct damage damage_of_image(const struct match_facts *facts, size_t place)
{
	struct damage damage = {is_image_tampered(&facts->images[place]),
							is_image_unread(&facts->images[place])};
	for (size_t i = 0; i < facts->tree->error_count; i++) {
		const struct tree_error *error = &facts->tree->errors[i];
		if (error->image != (int)place)
			continue;
		damage.is_tampered = damage.is_tampered || error->error.code == ERROR_TAMPERED;
		damage.is_unread = true;
	}
	return damage;
}

struct damage damage_of_all(const struct match_facts *facts)
{
	struct damage damage = {.is_unread = facts->tree->error_count > 0};
	for (size_t i = 0; i < facts->tree->error_count; i++)
		damage.is_tampered = damage.is_tampered ||
							 facts->tree->errors[i].error.code == ERROR_TAMPERED;
	for (size_t i = 0; i < facts->image_count; i++) {
		damage.is_tampered = damage.is_tampered || is_image_tampered(&facts->images[i]);
		damage.is_unread = damage.is_unread || is_image_unread(&facts->images[i]);
	}
	return damage;
}
