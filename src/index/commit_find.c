/*
 * commit: whether the index has an image already. Every digest of it leads to all that hold it, so
 * the one that the fewest hold is asked.
 */
#include "commit.h"
#include "holders.h"

struct search {
	struct commit *commit;
	const struct pending *pending;
	struct store_bytes content; /* as a record has it */
	uint32_t found;
};

struct rarest {
	struct store_bytes key;
	uint32_t images;
};

/* Looks at one list of keys: 1 all are known, 0 not, -1 error. */
static int find_rarest(struct store_txn *txn, struct store_bytes keys, uint32_t count,
					   bool identified, struct rarest *rarest, struct error *err)
{
	const uint8_t *at = keys.bytes;
	struct record_entry entry;

	for (uint32_t i = 0; i < count; i++) {
		at += identified;
		struct store_bytes key = {at, record_key_size(at)};
		int found = holders_get(txn, key, &entry, err);
		if (found != 1)
			return found;
		if (rarest->images == 0 || entry.images < rarest->images)
			*rarest = (struct rarest){key, entry.images};
		at += key.size;
	}
	return 1;
}

static int holds_all(struct store_txn *txn, struct store_bytes keys, uint32_t count,
					 bool identified, uint32_t number, struct error *err)
{
	const uint8_t *at = keys.bytes;
	struct record_entry entry;
	int held = 1;

	for (uint32_t i = 0; i < count && held == 1; i++) {
		at += identified;
		struct store_bytes key = {at, record_key_size(at)};
		held = holders_get(txn, key, &entry, err);
		if (held == 1)
			held = holders_have(txn, key, &entry, number, err);
		at += key.size;
	}
	return held;
}

/* Equal bytes have equal references; that an image is a holder makes each of them exact. */
static int compare(void *context, uint32_t number, struct error *err)
{
	struct search *search = context;
	const struct pending *pending = search->pending;
	struct store_txn *txn = search->commit->txn;
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	record_write_number(number, key);
	int found = store_get(txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)}, &value,
						  err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there",
						 number);
	if (found < 0)
		return -1;
	if (value.size <= search->content.size ||
		memcmp(value.bytes, search->content.bytes, search->content.size) != 0)
		return 0;
	int held = holds_all(txn, pending->tops, pending->top_count, true, number, err);
	if (held == 1)
		held = holds_all(txn, pending->layers, pending->layer_count, false, number, err);
	if (held == 1)
		held = holds_all(txn, pending->diff_ids, pending->diff_id_count, false, number, err);
	search->found = number;
	return held;
}

int commit_find_equal(struct commit *commit, const struct pending *pending,
					  struct store_bytes content, uint32_t *out, struct error *err)
{
	struct search search = {.commit = commit, .pending = pending, .content = content};
	struct rarest rarest = {.images = 0};
	struct record_entry entry;

	int known = find_rarest(commit->txn, pending->tops, pending->top_count, true, &rarest, err);
	if (known == 1)
		known = find_rarest(commit->txn, pending->layers, pending->layer_count, false, &rarest,
							err);
	if (known == 1)
		known = find_rarest(commit->txn, pending->diff_ids, pending->diff_id_count, false, &rarest,
							err);
	if (known == 1)
		known = holders_get(commit->txn, rarest.key, &entry, err);
	if (known != 1)
		return known;
	int found = crowd_each(commit, rarest.key, &entry, content, compare, &search, err);
	*out = search.found;
	return found;
}
