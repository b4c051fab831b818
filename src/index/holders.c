#include "holders.h"

#include "bytes.h"
#include "index_private.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

int holders_get(struct store_txn *txn, struct store_bytes key, struct record_entry *out,
				struct error *err)
{
	struct store_bytes value;

	int found = store_get(txn, DATABASE_DIGESTS, key, &value, err);
	if (found != 1)
		return found;
	return record_read_entry(value, out, err) < 0 ? -1 : 1;
}

int holders_have(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 uint32_t number, struct error *err)
{
	uint8_t bytes[RECORD_NUMBER_SIZE];

	for (uint32_t i = 0; entry->holders && i < entry->images; i++) {
		if (bytes_get_32(entry->holders + (size_t)4 * i) == number)
			return 1;
	}
	if (entry->holders)
		return 0;
	record_write_number(number, bytes);
	return store_has(txn, DATABASE_POSTINGS, key, (struct store_bytes){bytes, sizeof(bytes)}, err);
}

static int each_posting(struct store_txn *txn, struct store_bytes key,
						int (*visit)(void *context, uint32_t number, struct error *err),
						void *context, struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(txn, DATABASE_POSTINGS, err);
	struct store_bytes found_key, value;
	uint32_t number;
	int64_t last = -1;
	int result = 0;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &found_key, &value, err);
	if (more == 1 &&
		(found_key.size != key.size || memcmp(found_key.bytes, key.bytes, key.size) != 0))
		return 0;
	while (more == 1 && result == 0) {
		if (record_read_number(value, &number, err) < 0)
			return -1;
		if (number <= last) /* pages that lead back would have no end */
			return record_damaged("postings", err);
		last = number;
		result = visit(context, number, err);
		if (result == 0)
			more = store_cursor_next_value(cursor, &value, err);
	}
	return more < 0 ? -1 : result;
}

int holders_each(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 int (*visit)(void *context, uint32_t number, struct error *err), void *context,
				 struct error *err)
{
	if (!entry->holders)
		return each_posting(txn, key, visit, context, err);
	for (uint32_t i = 0; i < entry->images; i++) {
		int result = visit(context, bytes_get_32(entry->holders + (size_t)4 * i), err);
		if (result != 0)
			return result;
	}
	return 0;
}

struct list {
	uint32_t *numbers;
	size_t count, capacity;
};

static int append(void *context, uint32_t number, struct error *err)
{
	struct list *list = context;

	(void)err;
	list->numbers[list->count++] = number;
	return list->count == list->capacity;
}

int holders_list(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 uint32_t *out, size_t capacity, struct error *err)
{
	struct list list = {.numbers = out, .capacity = capacity};

	if (capacity == 0)
		return 0;
	return holders_each(txn, key, entry, append, &list, err) < 0 ? -1 : (int)list.count;
}
