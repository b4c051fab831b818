#include "document.h"

#include <string.h>

#include "damage.h"

/* The config is not the one that the manifest names, or has diff_ids for another number of layers.
 */
static bool has_tampered_config(const struct match_facts *facts, size_t image)
{
	static const char config[] = "config ";
	for (size_t i = 0; i < facts->tree->error_count; i++) {
		const struct tree_error *error = &facts->tree->errors[i];
		if (error->error.code == ERROR_TAMPERED && error->image == (int)image &&
			strncmp(error->where, config, strlen(config)) == 0)
			return true;
	}
	return false;
}

/* Whether the manifest, as far as it could be read, is the one that the index over it names. */
static bool is_child_of_index(const struct tree_image *tree)
{
	return !digest_is_set(&tree->manifest_declared) || !digest_is_set(&tree->manifest) ||
		   digest_equal(&tree->manifest_declared, &tree->manifest);
}

/* An index stands as long as one of its images does: damage in one hides nothing in another. */
static bool is_index_contradicted(const struct match_facts *facts)
{
	bool is_contradicted = false;
	for (size_t i = 0; i < facts->image_count; i++) {
		const struct match_image *image = &facts->images[i];
		if (image->is_ignored)
			continue;
		if (is_child_of_index(image->tree) && !damage_has_tampered_layer(image))
			return false;
		is_contradicted = true;
	}
	return is_contradicted;
}

/* Anybody who holds our JSON can serve it over other layers (domain.md section 6, item 4): a
 * document of ours speaks for its layers only until one of them proves to be something else. */
bool document_is_contradicted(const struct match_facts *facts, enum identity identity, size_t image)
{
	switch (identity) {
	case IDENTITY_MANIFEST:
		return damage_has_tampered_layer(&facts->images[image]);
	case IDENTITY_CONFIG:
		return damage_has_tampered_layer(&facts->images[image]) ||
			   has_tampered_config(facts, image);
	default:
		return is_index_contradicted(facts);
	}
}

bool document_speaks_of(const struct match_facts *facts, const struct evidence *evidence,
						size_t image)
{
	if (!evidence->is_ours || facts->images[image].is_ignored)
		return false;
	switch (evidence->identity) {
	case IDENTITY_MANIFEST:
	case IDENTITY_CONFIG:
		return evidence->image == image;
	case IDENTITY_INDEX:
		return is_child_of_index(facts->images[image].tree);
	default:
		return false;
	}
}

bool document_any_speaks_of(const struct match_facts *facts, const struct judgement *judgement,
							size_t image)
{
	for (size_t i = 0; i < judgement->evidence_count; i++)
		if (document_speaks_of(facts, &judgement->evidence[i], image))
			return true;
	return false;
}
