#include "damage.h"

bool damage_has_tampered_layer(const struct match_image *image)
{
	for (size_t i = 0; i < image->tree->layer_count; i++)
		if (image->layers[i].is_tampered)
			return true;
	return false;
}

static bool is_image_unread(const struct match_image *image)
{
	for (size_t i = 0; !image->is_ignored && i < image->tree->layer_count; i++)
		if (image->layers[i].is_unreadable)
			return true;
	return false;
}

struct damage damage_of_image(const struct match_facts *facts, size_t place)
{
	struct damage damage = {damage_has_tampered_layer(&facts->images[place]),
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
		damage.is_tampered = damage.is_tampered || damage_has_tampered_layer(&facts->images[i]);
		damage.is_unread = damage.is_unread || is_image_unread(&facts->images[i]);
	}
	return damage;
}
