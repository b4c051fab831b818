#include "coverage.h"

#include <stdlib.h>

#include "layerproof/memory.h"

bool coverage_layer_is_hashed(const struct match_layer *layer)
{
	return layer->blob_level == LEVEL_HASHED || layer->tar_level == LEVEL_HASHED;
}

bool coverage_layer_origin(const struct match_layer *layer, enum origin *out)
{
	if (!layer->blob.is_known && !layer->tar.is_known)
		return false;
	*out = ORIGIN_UNKNOWN;
	if (layer->blob.is_known)
		*out = layer->blob.entry.origin;
	if (layer->tar.is_known && layer->tar.entry.origin > *out)
		*out = layer->tar.entry.origin;
	return true;
}

static const struct digest *name_of(const struct match_layer *layer)
{
	return digest_is_set(&layer->blob.digest) ? &layer->blob.digest : &layer->tar.digest;
}

struct place {
	const struct match_layer *layer;
	size_t image;
	size_t number;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left;
	const struct place *b = right;
	return digest_compare(name_of(a->layer), name_of(b->layer));
}

static bool is_ours(const struct judgement *judgement, const struct place *place)
{
	for (size_t i = 0; i < judgement->evidence_count; i++) {
		const struct evidence *evidence = &judgement->evidence[i];
		if (evidence->is_ours && evidence->image == place->image &&
			evidence->layer == place->number)
			return true;
	}
	return false;
}

static struct place *list_places(const struct match_facts *facts, size_t *count)
{
	size_t capacity = 0;
	struct place *places = NULL;
	*count = 0;
	for (size_t i = 0; i < facts->image_count; i++) {
		const struct match_image *image = &facts->images[i];
		for (size_t j = 0; !image->is_ignored && j < image->tree->layer_count; j++) {
			places = memory_grow(places, *count, &capacity, sizeof(*places));
			places[(*count)++] = (struct place){&image->layers[j], i, j};
		}
	}
	if (*count > 1)
		qsort(places, *count, sizeof(*places), compare_places);
	return places;
}

static void count_place(const struct place *place, const struct judgement *judgement,
						struct coverage *out)
{
	enum origin origin;
	out->total++;
	out->hashed += coverage_layer_is_hashed(place->layer);
	out->unread += place->layer->is_unreadable;
	out->bytes += place->layer->size > 0 ? place->layer->size : 0;
	if (is_ours(judgement, place))
		out->ours++;
	else if (coverage_layer_origin(place->layer, &origin) && origin >= ORIGIN_THIRD_PARTY)
		out->not_ours++;
}

void coverage_count(const struct match_facts *facts, const struct judgement *judgement,
					struct coverage *out)
{
	size_t count;
	CLEANUP(free_at) struct place *places = list_places(facts, &count);
	*out = (struct coverage){.total = 0};
	for (size_t i = 0; i < count; i++) {
		bool is_repeated = i > 0 && digest_is_set(name_of(places[i].layer)) &&
						   compare_places(&places[i - 1], &places[i]) == 0;
		if (!is_repeated)
			count_place(&places[i], judgement, out);
	}
}
