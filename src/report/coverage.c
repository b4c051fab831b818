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
		if (evidence->is_ours && evidence->file == NULL && evidence->image == place->image &&
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

/* One distinct layer, at all its places. */
static void count_group(const struct place *places, size_t count, const struct judgement *judgement,
						struct coverage *out)
{
	const struct match_layer *layer = places[0].layer;
	enum origin origin;
	bool is_own = false;
	for (size_t i = 0; i < count; i++)
		is_own = is_own || is_ours(judgement, &places[i]);
	out->total++;
	out->hashed += coverage_layer_is_hashed(layer);
	out->unread += layer->is_unreadable;
	out->bytes += layer->size > 0 ? layer->size : 0;
	if (is_own)
		out->ours++;
	else if (coverage_layer_origin(layer, &origin) && origin >= ORIGIN_THIRD_PARTY)
		out->not_ours++;
}

void coverage_count(const struct match_facts *facts, const struct judgement *judgement,
					struct coverage *out)
{
	size_t count;
	CLEANUP(free_at) struct place *places = list_places(facts, &count);
	*out = (struct coverage){.total = 0};
	for (size_t from = 0, to; from < count; from = to) {
		to = from + 1;
		while (to < count && digest_is_set(name_of(places[from].layer)) &&
			   compare_places(&places[from], &places[to]) == 0)
			to++;
		count_group(&places[from], to - from, judgement, out);
	}
}
