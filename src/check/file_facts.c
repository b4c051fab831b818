#include "file_facts.h"

#include <stdlib.h>

#include "layerproof/empty_layer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* What is known of a layer of the index, whichever of its files led there: as of a file of it. */
struct known_layer {
	uint32_t number;
	bool is_released;
	struct match_file file; /* without digest, size and path */
};

/* Those met while one layer of the candidate is looked up, by number. */
struct known_layers {
	struct known_layer *items;
	size_t count;
	size_t capacity;
};

static void known_layers_clear(struct known_layers *known)
{
	free(known->items);
}

/* ---- One layer of the index ---- */

static bool is_at(const struct digest *stack, size_t count, size_t place,
				  const struct digest *digest)
{
	return place < count && digest_equal(&stack[place], digest);
}

static bool is_empty_at(const struct internal_image *image, size_t place)
{
	return (place < image->diff_id_count && empty_layer_is_known(&image->diff_ids[place])) ||
		   (place < image->layer_count && empty_layer_is_known(&image->layers[place]));
}

/* The uppermost place of the layer in the image; false: it has none. */
static bool find_place(const struct internal_image *image, const struct digest *layer,
					   size_t *place, bool *is_on_top)
{
	size_t count = image->diff_id_count > image->layer_count ? image->diff_id_count
															 : image->layer_count;
	*is_on_top = true;
	for (*place = count; (*place)-- > 0;) {
		if (is_at(image->diff_ids, image->diff_id_count, *place, layer) ||
			is_at(image->layers, image->layer_count, *place, layer))
			return true;
		*is_on_top = *is_on_top && is_empty_at(image, *place);
	}
	return false;
}

/* Above a known boundary is better than on top, and that than nothing. */
static int strength_of(const struct match_file *file)
{
	struct match_file probe = *file;
	if (file->internal == NULL)
		return 0;
	probe.size = LIMIT_FILE_LEAST;
	if (!match_file_is_distinctive(&probe))
		return 1;
	return file->internal->boundary.known ? 3 : 2;
}

static int weigh_holder(struct fact_book *book, uint32_t number,
						const struct index_file_layer *layer, struct index_snapshot *snapshot,
						struct match_file *best, struct error *err)
{
	struct match_file file = *best;
	file.internal = fact_book_internal(book, number, snapshot, err);
	if (file.internal == NULL)
		return -1;
	if (file.internal->image.origin == ORIGIN_OURS &&
		find_place(&file.internal->image, &layer->digest, &file.place, &file.is_on_top) &&
		strength_of(&file) > strength_of(best))
		*best = file;
	return 0;
}

static int weigh_layer(struct fact_book *book, const struct index_file_layer *layer,
					   struct index_snapshot *snapshot, struct match_file *best, struct error *err)
{
	uint32_t numbers[LIMIT_HOLDERS];
	struct index_entry entry;
	*best = (struct match_file){.origin = ORIGIN_OURS, .has_packages = layer->has_packages};
	int found = index_find(snapshot, &layer->digest, &entry, err);
	if (found <= 0)
		return found;
	int count = index_holders(snapshot, &layer->digest, numbers, LIMIT_HOLDERS, err);
	if (count < 0)
		return -1;
	book->is_capped = book->is_capped || entry.images > LIMIT_HOLDERS;
	best->others = entry.images - 1;
	for (int i = 0; i < count; i++)
		if (weigh_holder(book, numbers[i], layer, snapshot, best, err) != 0)
			return -1;
	return 0;
}

/* The layer of this number, weighed once. NULL when the index failed. */
static const struct known_layer *know_layer(struct known_layers *known, struct fact_book *book,
											uint32_t number, struct index_snapshot *snapshot,
											struct error *err)
{
	struct index_file_layer layer;
	for (size_t i = known->count; i-- > 0;)
		if (known->items[i].number == number)
			return &known->items[i];
	struct known_layer fresh = {.number = number};
	if (index_get_file_layer(snapshot, number, &layer, err) != 0 ||
		weigh_layer(book, &layer, snapshot, &fresh.file, err) != 0)
		return NULL;
	fresh.is_released = released_holds(&book->released, &layer.digest);
	known->items = memory_grow(known->items, known->count, &known->capacity, sizeof(*known->items));
	known->items[known->count] = fresh;
	return &known->items[known->count++];
}

/* ---- The files ---- */

/* 1 when the hit is a distinctive file of ours, 0, or -1. */
static int weigh_hit(struct known_layers *known, struct fact_book *book, const struct file_hit *hit,
					 struct index_snapshot *snapshot, struct match_file *out, struct error *err)
{
	struct index_file file;
	int found = index_find_file(snapshot, &hit->digest, &file, err);
	if (found != 1 || file.origin != ORIGIN_OURS)
		return found < 0 ? -1 : 0;
	*out = (struct match_file){.origin = ORIGIN_OURS};
	for (size_t i = 0; i < file.layer_count; i++) {
		const struct known_layer *layer = know_layer(known, book, file.layers[i], snapshot, err);
		if (layer == NULL)
			return -1;
		if (layer->is_released)
			return 0;
		if (strength_of(&layer->file) > strength_of(out))
			*out = layer->file;
	}
	out->digest = hit->digest;
	out->size = hit->size;
	return match_file_is_distinctive(out);
}

int file_facts_learn(struct fact_book *book, size_t image, size_t layer,
					 const struct file_hits *hits, struct index_snapshot *snapshot,
					 struct error *err)
{
	struct match_layer *held = &book->facts.images[image].layers[layer];
	CLEANUP(known_layers_clear) struct known_layers known = {.count = 0};
	size_t capacity = 0;
	struct match_file file;
	if (held->files != NULL)
		return 0; /* as declared at another place too */
	held->has_unhashed_files = held->has_unhashed_files || hits->is_capped;
	for (size_t i = 0; i < hits->count; i++) {
		int counts = weigh_hit(&known, book, &hits->items[i], snapshot, &file, err);
		if (counts < 0)
			return -1;
		if (counts == 0)
			continue;
		file.path = memory_copy_text(hits->items[i].path);
		held->files = memory_grow(held->files, held->file_count, &capacity, sizeof(*held->files));
		held->files[held->file_count++] = file;
	}
	return 0;
}
