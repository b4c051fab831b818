/*
 * commit: digests and postings.
 *
 * The first image of a digest is in the digest's own record; postings begin with the second, so
 * that a digest of one image, the usual case, costs one record.
 */
#include <string.h>

#include "bytes.h"
#include "index_batch.h"
#include "layerproof/memory.h"

/* One digest of one image. */
struct posting {
	uint64_t sort;      /* first bytes of the key */
	const uint8_t *key; /* in the batch */
	uint32_t number;
	uint8_t identity;
	uint8_t origin;
};

struct posting_list {
	struct posting *items;
	size_t count;
};

static int compare_keys(const struct posting *a, const struct posting *b)
{
	if (a->sort != b->sort)
		return a->sort < b->sort ? -1 : 1;
	return memcmp(a->key, b->key, record_key_size(a->key)); /* alike in the algorithm byte */
}

static int compare_postings(const void *a, const void *b)
{
	const struct posting *left = a;
	const struct posting *right = b;

	int order = compare_keys(left, right);
	if (order != 0 || left->number == right->number)
		return order;
	return left->number < right->number ? -1 : 1;
}

static const uint8_t *collect_one(struct posting_list *list, const uint8_t *key, uint8_t identity,
								  const struct batch_image *image, enum origin origin)
{
	list->items[list->count++] = (struct posting){
		.sort = bytes_sort_prefix(key),
		.key = key,
		.number = image->number,
		.identity = identity,
		.origin = (uint8_t)origin,
	};
	return key + record_key_size(key);
}

static int collect_image(struct posting_list *list, const struct index_batch *batch,
						 const struct batch_image *image, struct error *err)
{
	struct record_image view;

	if (batch_view(batch, image, &view, err) < 0)
		return -1;
	const uint8_t *at = view.tops.bytes;
	for (uint32_t i = 0; i < view.top_count; i++)
		at = collect_one(list, at + 1, at[0], image, view.origin);
	at = view.layers.bytes;
	for (uint32_t i = 0; i < view.layer_count; i++)
		at = collect_one(list, at, IDENTITY_LAYER, image, view.origin);
	at = view.diff_ids.bytes;
	for (uint32_t i = 0; i < view.diff_id_count; i++)
		at = collect_one(list, at, IDENTITY_DIFF_ID, image, view.origin);
	return 0;
}

static int put_posting(struct store_txn *txn, struct store_bytes key, uint32_t number,
					   struct error *err)
{
	uint8_t bytes[RECORD_NUMBER_SIZE];

	record_write_number(number, bytes);
	return store_put(txn, DATABASE_POSTINGS, key, (struct store_bytes){bytes, sizeof(bytes)}, err);
}

/* Adds one image to the entry of its digest; the numbers come upward. */
static int add_holder(struct store_txn *txn, struct store_bytes key, struct index_entry *entry,
					  uint32_t number, struct error *err)
{
	entry->images++;
	if (entry->images == 1) {
		entry->first = number;
		return 0;
	}
	return put_posting(txn, key, number, err);
}

static void count_identities(struct record_state *state, unsigned before, unsigned after)
{
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++) {
		if ((after & ~before) >> bit & 1)
			state->identities[bit]++;
	}
}

/* All postings of one digest: items[0..count). */
static int commit_digest(struct store_txn *txn, const struct posting *items, size_t count,
						 struct record_state *state, uint64_t *digests_new, struct error *err)
{
	struct store_bytes key = {items[0].key, record_key_size(items[0].key)};
	struct index_entry entry = {.images = 0};
	uint8_t bytes[RECORD_ENTRY_SIZE];
	struct store_bytes value;

	int found = store_get(txn, DATABASE_DIGESTS, key, &value, err);
	if (found < 0 || (found == 1 && record_read_entry(value, &entry, err) < 0))
		return -1;
	*digests_new += found == 0;
	unsigned before = entry.identities;
	for (size_t i = 0; i < count; i++) {
		entry.identities |= items[i].identity;
		if (items[i].origin > entry.origin)
			entry.origin = (enum origin)items[i].origin;
		if ((i == 0 || items[i].number != items[i - 1].number) &&
			add_holder(txn, key, &entry, items[i].number, err) < 0)
			return -1;
	}
	count_identities(state, before, entry.identities);
	record_write_entry(&entry, bytes);
	return store_put(txn, DATABASE_DIGESTS, key, (struct store_bytes){bytes, sizeof(bytes)}, err);
}

static size_t end_of_run(const struct posting_list *list, size_t from)
{
	size_t to = from + 1;
	while (to < list->count && compare_keys(&list->items[from], &list->items[to]) == 0)
		to++;
	return to;
}

int commit_digests(struct store_txn *txn, const struct index_batch *batch,
				   struct record_state *state, uint64_t *digests_new, struct error *err)
{
	CLEANUP(free_at)
	struct posting *items = memory_alloc(batch->digests + 1, sizeof(*items));
	struct posting_list list = {.items = items};

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->images[i].fresh && collect_image(&list, batch, &batch->images[i], err) < 0)
			return -1;
	}
	qsort(items, list.count, sizeof(*items), compare_postings);
	for (size_t from = 0, to; from < list.count; from = to) {
		to = end_of_run(&list, from);
		if (commit_digest(txn, &items[from], to - from, state, digests_new, err) < 0)
			return -1;
	}
	return 0;
}

int index_batch_count_digests(const struct index_batch *batch, uint64_t *out, struct error *err)
{
	CLEANUP(free_at)
	struct posting *items = memory_alloc(batch->digests + 1, sizeof(*items));
	struct posting_list list = {.items = items};

	for (size_t i = 0; i < batch->count; i++) {
		if (collect_image(&list, batch, &batch->images[i], err) < 0)
			return -1;
	}
	qsort(items, list.count, sizeof(*items), compare_postings);
	*out = 0;
	for (size_t from = 0; from < list.count; from = end_of_run(&list, from))
		(*out)++;
	return 0;
}
