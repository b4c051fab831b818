/*
 * index: images that were named without their layers.
 */
#include <stdlib.h>

#include "index_private.h"
#include "layerproof/memory.h"
#include "record_image.h"

static int view_image(struct index_snapshot *snapshot, uint32_t number, struct record_image *out,
					  struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	record_write_number(number, key);
	int found = store_get(snapshot->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
						  &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "damaged: image %u is missing", number);
	return found < 0 ? -1 : record_view_image(value, out, err);
}

/* 1 when an image that holds the digest has layers, 0, or -1. */
static int is_told(struct index_snapshot *snapshot, const struct digest *digest, struct error *err)
{
	struct index_entry entry;
	struct record_image view = {.layer_count = 0};

	int found = index_find(snapshot, digest, &entry, err);
	if (found <= 0)
		return found;
	CLEANUP(free_at) uint32_t *holders = memory_alloc(entry.images, sizeof(*holders));
	int count = index_holders(snapshot, digest, holders, entry.images, err);
	for (int i = 0; i < count; i++) {
		if (view_image(snapshot, holders[i], &view, err) < 0)
			return index_fail(snapshot->index, err);
		if (view.layer_count > 0 || view.diff_id_count > 0)
			return 1;
	}
	return count < 0 ? -1 : 0;
}

int index_tells_layers(struct index_snapshot *snapshot, const struct internal_image *image,
					   struct error *err)
{
	for (size_t i = 0; i < image->top_count; i++) {
		bool names_image = (image->tops[i].identity & IDENTITIES_OF_IMAGE) != 0;
		int told = names_image ? is_told(snapshot, &image->tops[i].digest, err) : 0;
		if (told != 0)
			return told;
	}
	return 0;
}

/* 1 for an image of ours that lacks its layers: ends the walk. */
static int find_lacking(void *context, struct store_bytes key, struct store_bytes value,
						struct error *err)
{
	struct index_snapshot *snapshot = context;
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	struct record_image view = {.layer_count = 0};
	uint32_t number;

	if (record_read_number(key, &number, err) < 0 || record_view_image(value, &view, err) < 0)
		return index_fail(snapshot->index, err);
	if (view.origin != ORIGIN_OURS || view.layer_count > 0 || view.diff_id_count > 0)
		return 0;
	if (index_image(snapshot, number, &image, err) < 0)
		return -1;
	int told = index_tells_layers(snapshot, &image, err);
	return told < 0 ? -1 : told == 0;
}

int index_lacks_layers(struct index_snapshot *snapshot, struct error *err)
{
	return index_each_record(snapshot, DATABASE_IMAGES, find_lacking, snapshot, err);
}
