/*
 * index: its images in an order that does not depend on when they came.
 */
#include "bytes.h"
#include "image_read.h"
#include "index_private.h"
#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "pending.h"
#include "sorter.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

/* The hash of what an image is, which no other image has, and its number. */
enum { ORDER_SIZE = PENDING_CONTENT_SIZE + RECORD_NUMBER_SIZE };

static void add_place(struct sorter *sorter, uint32_t number, const struct internal_image *image)
{
	CLEANUP(free_at) uint8_t *pending = memory_alloc(pending_bound(image), 1);
	uint8_t *place = sorter_add(sorter);

	pending_write(image, pending); /* the hash comes first */
	memcpy(place, pending, PENDING_CONTENT_SIZE);
	record_write_number(number, place + PENDING_CONTENT_SIZE);
}

static int sort_images(struct store_txn *txn, struct sorter *sorter, struct error *err)
{
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(txn, DATABASE_IMAGES, err);

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	while (more == 1) {
		CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
		uint32_t number;
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (record_read_number(key, &number, err) < 0)
			return -1;
		if (image_read(txn, number, value, &image, err) < 0)
			return error_add_context(err, "image %u", number);
		add_place(sorter, number, &image);
		more = store_cursor_next(cursor, &key, &value, err);
	}
	sorter_rewind(sorter);
	return more;
}

static int visit_place(struct index_snapshot *snapshot, const uint8_t *place,
					   int (*visit)(void *context, const struct internal_image *image),
					   void *context, struct error *err)
{
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	uint32_t number = bytes_get_ordered_32(place + PENDING_CONTENT_SIZE);

	if (interrupt_requested())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	if (index_image(snapshot, number, &image, err) < 0)
		return -1;
	return visit(context, &image);
}

int index_each_image_in_order(struct index_snapshot *snapshot,
							  int (*visit)(void *context, const struct internal_image *image),
							  void *context, struct error *err)
{
	CLEANUP(sorter_free_at) struct sorter *sorter = sorter_new(ORDER_SIZE, 0);
	const uint8_t *place;

	if (sort_images(snapshot->txn, sorter, err) < 0)
		return index_fail(snapshot->index, err);
	while ((place = sorter_next(sorter)) != NULL) {
		int result = visit_place(snapshot, place, visit, context, err);
		if (result != 0)
			return result;
	}
	return 0;
}
