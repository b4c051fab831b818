/*
 * forget: digests of images that went.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "forget.h"
#include "holders.h"
#include "image_identities.h"
#include "layerproof/memory.h"

/* One digest, and the images that hold it no longer. */
struct digest_loss {
	struct forget *forget;
	struct store_bytes key;
	struct record_entry before;
	const uint32_t *lost; /* upward */
	size_t lost_count;
	struct record_entry after;
	uint8_t inlined[4 * RECORD_HOLDERS_INLINE];
	size_t next; /* of `lost` */
	uint32_t kept;
};

static void count_identities(struct record_state *state, unsigned before, unsigned after)
{
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if ((before & ~after) >> bit & 1)
			state->identities[bit]--;
}

static bool is_lost(struct digest_loss *loss, uint32_t number)
{
	while (loss->next < loss->lost_count && loss->lost[loss->next] < number)
		loss->next++;
	return loss->next < loss->lost_count && loss->lost[loss->next] == number;
}

/* Judges from one holder that stays; 1 when there is no more to learn. */
static int judge_holder(void *context, uint32_t number, struct error *err)
{
	struct digest_loss *loss = context;
	struct record_entry *after = &loss->after;
	struct store_bytes value;
	struct record_image view = {.origin = ORIGIN_UNKNOWN};

	if (is_lost(loss, number))
		return 0;
	if (loss->kept == 0)
		after->first = number;
	if (loss->kept < RECORD_HOLDERS_INLINE)
		bytes_put_32(loss->inlined + 4 * (size_t)loss->kept, number);
	loss->kept++;
	bool is_settled = after->identities == loss->before.identities &&
					  after->origin == loss->before.origin;
	if (is_settled)
		return after->images > RECORD_HOLDERS_INLINE || loss->kept == after->images;
	int found = forget_get_image(loss->forget, number, &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there",
						 number);
	if (found < 0 || record_view_image(value, &view, err) < 0)
		return -1;
	after->identities |= image_identities(&view, loss->key);
	if (view.origin > after->origin)
		after->origin = view.origin;
	return 0;
}

static int delete_postings(struct digest_loss *loss, struct error *err)
{
	struct store_txn *txn = loss->forget->txn;
	uint8_t number[RECORD_NUMBER_SIZE];

	if (loss->before.holders)
		return 0;
	if (loss->after.images <= RECORD_HOLDERS_INLINE)
		return store_delete(txn, DATABASE_POSTINGS, loss->key, err);
	for (size_t i = 0; i < loss->lost_count; i++) {
		record_write_number(loss->lost[i], number);
		if (store_delete_value(txn, DATABASE_POSTINGS, loss->key,
							   (struct store_bytes){number, sizeof(number)}, err) < 0)
			return -1;
	}
	return 0;
}

static int put_entry(struct digest_loss *loss, struct error *err)
{
	struct forget *forget = loss->forget;
	uint8_t bytes[RECORD_ENTRY_MAX];

	loss->after.holders = loss->after.images <= RECORD_HOLDERS_INLINE ? loss->inlined : NULL;
	count_identities(&forget->state, loss->before.identities, loss->after.identities);
	if (delete_postings(loss, err) < 0)
		return -1;
	if (loss->after.images == 0) {
		forget->out.digests++;
		if (forget_file_layer(forget, loss->key, err) < 0)
			return -1;
		return store_delete(forget->txn, DATABASE_DIGESTS, loss->key, err);
	}
	size_t size = record_write_entry(&loss->after, bytes);
	return store_put(forget->txn, DATABASE_DIGESTS, loss->key, (struct store_bytes){bytes, size},
					 err);
}

static int forget_digest(struct forget *forget, const uint8_t *key, const uint32_t *lost,
						 size_t count, struct error *err)
{
	struct digest_loss loss = {
		.forget = forget,
		.key = {key, record_key_size(key)},
		.lost = lost,
		.lost_count = count,
	};

	int found = holders_get(forget->txn, loss.key, &loss.before, err);
	if (found == 0 || (found == 1 && loss.before.images < count))
		return error_set(err, ERROR_MALFORMED, "damaged: a digest does not name all its images");
	if (found < 0)
		return -1;
	loss.after.images = loss.before.images - (uint32_t)count;
	if (loss.after.images > 0 &&
		holders_each(forget->txn, loss.key, &loss.before, judge_holder, &loss, err) < 0)
		return -1;
	return put_entry(&loss, err);
}

struct numbers {
	uint32_t *items;
	size_t count, capacity;
};

static void numbers_clear(struct numbers *numbers)
{
	free(numbers->items);
}

/* An image may have lost the same digest twice, as two things. */
static void add_number(struct numbers *numbers, uint32_t number)
{
	if (numbers->count > 0 && numbers->items[numbers->count - 1] == number)
		return;
	numbers->items = memory_grow(numbers->items, numbers->count, &numbers->capacity,
								 sizeof(*numbers->items));
	numbers->items[numbers->count++] = number;
}

int forget_digests(struct forget *forget, struct error *err)
{
	CLEANUP(numbers_clear) struct numbers numbers = {.count = 0};

	sorter_rewind(forget->digests);
	const uint8_t *lost = sorter_next(forget->digests);
	while (lost) {
		uint8_t key[RECORD_KEY_MAX];
		memcpy(key, lost, sizeof(key));
		numbers.count = 0;
		for (; lost && memcmp(lost, key, sizeof(key)) == 0; lost = sorter_next(forget->digests))
			add_number(&numbers, bytes_get_ordered_32(lost + LOST_DIGEST_NUMBER));
		if (forget_digest(forget, key, numbers.items, numbers.count, err) < 0)
			return -1;
	}
	return sorter_check(forget->digests, err);
}
