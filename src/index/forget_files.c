/*
 * forget: files of layers that no image holds any longer.
 */
#include <stdlib.h>

#include "bytes.h"
#include "file_record.h"
#include "forget.h"
#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

int forget_file_layer(struct forget *forget, struct store_bytes key, struct error *err)
{
	uint8_t number[RECORD_NUMBER_SIZE];
	struct file_layer layer;

	int found = file_layer_get(forget->txn, key, &layer, err);
	if (found != 1)
		return found;
	forget->layers = memory_grow(forget->layers, forget->layer_count, &forget->layer_capacity,
								 sizeof(*forget->layers));
	forget->layers[forget->layer_count++] = layer.number;
	record_sum_image(forget->state.sum, layer.sum, true);
	record_write_number(layer.number, number);
	if (store_delete(forget->txn, DATABASE_FILE_LAYERS, key, err) < 0)
		return -1;
	return store_delete(forget->txn, DATABASE_FILE_LAYER_KEYS,
						(struct store_bytes){number, sizeof(number)}, err);
}

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

static bool is_lost(const struct forget *forget, uint32_t number)
{
	return bsearch(&number, forget->layers, forget->layer_count, sizeof(number), compare) != NULL;
}

/* The postings that lead to the layers that went: all files are looked at, once. */
static int collect_lost(struct forget *forget, struct sorter *lost, struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(forget->txn, DATABASE_FILES, err);
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	uint32_t number;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	while (more == 1) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (key.size != FILE_KEY_SIZE)
			return record_damaged("a file", err);
		if (record_read_number(value, &number, err) < 0)
			return -1;
		if (is_lost(forget, number))
			bytes_put_ordered_32(bytes_put(sorter_add(lost), key.bytes, FILE_KEY_SIZE), number);
		more = store_cursor_next_value(cursor, &value, err);
		if (more == 0)
			more = store_cursor_next(cursor, &key, &value, err);
	}
	return more;
}

int forget_files(struct forget *forget, struct error *err)
{
	CLEANUP(sorter_free_at) struct sorter *lost = sorter_new(FILE_POSTING_SIZE, 0);
	const uint8_t *posting;
	struct store_bytes value;

	if (forget->layer_count == 0)
		return 0;
	qsort(forget->layers, forget->layer_count, sizeof(*forget->layers), compare);
	if (collect_lost(forget, lost, err) < 0)
		return -1;
	sorter_rewind(lost);
	while ((posting = sorter_next(lost)) != NULL) {
		struct store_bytes key = {posting, FILE_KEY_SIZE};
		if (store_delete_value(forget->txn, DATABASE_FILES, key,
							   (struct store_bytes){posting + FILE_KEY_SIZE, RECORD_NUMBER_SIZE},
							   err) < 0)
			return -1;
		int found = store_get(forget->txn, DATABASE_FILES, key, &value, err);
		if (found < 0)
			return -1;
		forget->state.identities[FILE_POSITION] -= !found;
	}
	return 0;
}
