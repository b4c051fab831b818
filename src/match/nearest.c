#include "layerproof/nearest.h"

#include <stdint.h>

static bool is_holder(const struct match_lookup *lookup, uint32_t number)
{
	size_t low = 0;
	size_t high = lookup->holder_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (lookup->holders[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < lookup->holder_count && lookup->holders[low]->number == number;
}

/* Layers of the candidate's image, with content, that the internal image has somewhere. */
static size_t count_shared(const struct match_image *image, const struct match_internal *internal)
{
	size_t shared = 0;
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		const struct match_layer *layer = &image->layers[i];
		if (!layer->is_empty &&
			(is_holder(&layer->blob, internal->number) || is_holder(&layer->tar, internal->number)))
			shared++;
	}
	return shared;
}

static const struct match_lookup *find_index(const struct match_facts *facts,
											 const struct digest *digest)
{
	for (size_t i = 0; i < facts->index_count; i++)
		if (digest_equal(&facts->indexes[i].digest, digest))
			return &facts->indexes[i];
	return NULL;
}

/* The look-up that made a document evidence; NULL for a layer. */
static const struct match_lookup *lookup_of(const struct match_facts *facts,
											const struct evidence *evidence)
{
	switch (evidence->identity) {
	case IDENTITY_INDEX:
		return find_index(facts, &evidence->digest);
	case IDENTITY_MANIFEST:
		return &facts->images[evidence->image].manifest;
	case IDENTITY_CONFIG:
		return &facts->images[evidence->image].config;
	default:
		return NULL;
	}
}

static bool can_be_shown(const struct match_image *image)
{
	return !image->is_ignored && image->tree->layer_count > 0;
}

/* Of all who have the document, and of all images it leads to, the pair with most in common; of
 * equals the first image, and of its equals the first holder. */
static bool find_pair(const struct match_facts *facts, const struct evidence *evidence,
					  const struct match_lookup *lookup, struct nearest *out)
{
	bool is_found = false;
	size_t most = 0;
	for (size_t i = 0; i < facts->image_count; i++) {
		if ((evidence->image != SIZE_MAX && evidence->image != i) ||
			!can_be_shown(&facts->images[i]))
			continue;
		for (size_t j = 0; j < lookup->holder_count; j++) {
			size_t shared = count_shared(&facts->images[i], lookup->holders[j]);
			if (is_found && shared <= most)
				continue;
			*out = (struct nearest){lookup->holders[j], i};
			most = shared;
			is_found = true;
		}
	}
	return is_found;
}

static bool find_by(const struct match_facts *facts, const struct evidence *evidence,
					struct nearest *out)
{
	const struct match_lookup *lookup = lookup_of(facts, evidence);
	if (lookup != NULL)
		return find_pair(facts, evidence, lookup, out);
	if (evidence->internal == NULL || evidence->image == SIZE_MAX)
		return false;
	*out = (struct nearest){evidence->internal, evidence->image};
	return true;
}

static bool has_layers(const struct match_internal *internal)
{
	return internal->image.layer_count > 0 || internal->image.diff_id_count > 0;
}

/* The image that the strongest evidence is about. */
static bool find_image(const struct match_facts *facts, const struct judgement *judgement,
					   size_t *out)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		*out = judgement->evidence[i].image;
		if (*out != SIZE_MAX && can_be_shown(&facts->images[*out]))
			return true;
	}
	return false;
}

bool nearest_find(const struct match_facts *facts, const struct judgement *judgement,
				  struct nearest *out)
{
	struct nearest found;
	*out = (struct nearest){.internal = NULL};
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (evidence->origin == ORIGIN_PUBLIC || evidence->origin == ORIGIN_THIRD_PARTY ||
			!find_by(facts, evidence, &found))
			continue;
		if (has_layers(found.internal)) {
			*out = found;
			return true;
		}
		if (out->internal == NULL)
			*out = found;
	}
	return out->internal != NULL || find_image(facts, judgement, &out->image);
}
