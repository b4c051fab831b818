/*
 * commit: digests and the images that hold them.
 *
 * What is sorted is a posting: the raw digest, the number, then the identity and the origin, which
 * count together for all postings of one image. A digest that few images hold, the usual case,
 * costs one record.
 */
#include "commit.h"
#include "holders.h"
#include "layerproof/memory.h"

enum { POSTING_EXTRA = RECORD_NUMBER_SIZE + 2 };

/* All postings of one digest, over what the index had. */
struct merged {
	uint8_t key[RECORD_KEY_MAX];
	size_t key_size;
	struct record_entry entry;
	uint32_t last; /* the number added last */
	bool has_last;
	uint8_t holders[4 * RECORD_HOLDERS_INLINE];
};

struct writing {
	struct commit *commit;
	bool append; /* all keys lie behind the end of the table */
};

static void collect(struct sorter *const sorters[static ALGORITHMS], const uint8_t *key,
					uint8_t identity, const struct pending *pending, uint32_t number)
{
	size_t size = record_key_size(key) - 1;
	uint8_t *at = sorter_add(sorters[key[0]]);

	at = bytes_put(at, key + 1, size);
	at = bytes_put_ordered_32(at, number);
	*at++ = identity;
	*at = (uint8_t)pending->origin;
}

static void collect_stack(struct sorter *const sorters[static ALGORITHMS], struct store_bytes keys,
						  uint32_t count, uint8_t identity, const struct pending *pending,
						  uint32_t number)
{
	const uint8_t *at = keys.bytes;

	for (uint32_t i = 0; i < count; i++, at += record_key_size(at))
		collect(sorters, at, identity, pending, number);
}

void commit_collect_digests(struct sorter *const sorters[static ALGORITHMS],
							const struct pending *pending, uint32_t number)
{
	const uint8_t *at = pending->tops.bytes;

	for (uint32_t i = 0; i < pending->top_count; i++, at += 1 + record_key_size(at + 1))
		collect(sorters, at + 1, at[0], pending, number);
	collect_stack(sorters, pending->layers, pending->layer_count, IDENTITY_LAYER, pending, number);
	collect_stack(sorters, pending->diff_ids, pending->diff_id_count, IDENTITY_DIFF_ID, pending,
				  number);
}

static void count_identities(struct record_state *state, unsigned before, unsigned after)
{
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++) {
		if ((after & ~before) >> bit & 1)
			state->identities[bit]++;
	}
}

static int put_posting(struct store_txn *txn, const struct merged *merged, uint32_t number,
					   struct error *err)
{
	uint8_t bytes[RECORD_NUMBER_SIZE];

	record_write_number(number, bytes);
	return store_put(txn, DATABASE_POSTINGS, (struct store_bytes){merged->key, merged->key_size},
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

/* The numbers that no longer fit the entry. */
static int move_to_postings(struct store_txn *txn, struct merged *merged, struct error *err)
{
	for (uint32_t i = 0; i < merged->entry.images; i++) {
		if (put_posting(txn, merged, bytes_get_32(merged->holders + 4 * (size_t)i), err) < 0)
			return -1;
	}
	merged->entry.holders = NULL;
	return 0;
}

/* The numbers come upward, those of the index first. */
static int add_holder(struct store_txn *txn, struct merged *merged, uint32_t number,
					  struct error *err)
{
	struct record_entry *entry = &merged->entry;

	if (merged->has_last && merged->last == number)
		return 0;
	merged->has_last = true;
	merged->last = number;
	if (entry->images == 0)
		entry->first = number;
	if (entry->images == RECORD_HOLDERS_INLINE && move_to_postings(txn, merged, err) < 0)
		return -1;
	if (entry->holders) {
		bytes_put_32(merged->holders + 4 * (size_t)entry->images++, number);
		return 0;
	}
	entry->images++;
	return put_posting(txn, merged, number, err);
}

/* What the index has of a digest. */
static int begin(struct writing *writing, const uint8_t *posting, enum digest_algorithm algorithm,
				 struct merged *out, struct error *err)
{
	*out = (struct merged){.key = {(uint8_t)algorithm}, .key_size = 1 + digest_size(algorithm)};
	memcpy(out->key + 1, posting, out->key_size - 1);
	out->entry.holders = out->holders;
	if (writing->append)
		return 0;
	int found = holders_get(writing->commit->txn, (struct store_bytes){out->key, out->key_size},
							&out->entry, err);
	if (found == 0)
		out->entry = (struct record_entry){.holders = out->holders};
	if (found == 1 && out->entry.holders) {
		memcpy(out->holders, out->entry.holders, 4 * (size_t)out->entry.images);
		out->entry.holders = out->holders;
	}
	return found;
}

static int finish(struct writing *writing, unsigned before, const struct merged *merged,
				  struct error *err)
{
	struct commit *commit = writing->commit;
	uint8_t bytes[RECORD_ENTRY_MAX];
	struct store_bytes key = {merged->key, merged->key_size};

	count_identities(&commit->state, before, merged->entry.identities);
	commit->outcome.digests_new += before == 0;
	struct store_bytes value = {bytes, record_write_entry(&merged->entry, bytes)};
	return writing->append ? store_append(commit->txn, DATABASE_DIGESTS, key, value, err)
						   : store_put(commit->txn, DATABASE_DIGESTS, key, value, err);
}

/* Whether the first of the keys lies behind all that are there. */
static int can_append(struct commit *commit, const uint8_t *posting,
					  enum digest_algorithm algorithm, bool *out, struct error *err)
{
	uint8_t key[RECORD_KEY_MAX] = {(uint8_t)algorithm};
	struct store_bytes last;

	memcpy(key + 1, posting, digest_size(algorithm));
	int found = store_last_key(commit->txn, DATABASE_DIGESTS, &last, err);
	*out = found == 0;
	if (found == 1 && last.size > 0) {
		size_t size = 1 + digest_size(algorithm);
		*out = memcmp(key, last.bytes, size < last.size ? size : last.size) > 0;
	}
	return found < 0 ? -1 : 0;
}

static int write_algorithm(struct commit *commit, enum digest_algorithm algorithm,
						   struct error *err)
{
	struct sorter *sorter = commit->digests[algorithm];
	size_t size = digest_size(algorithm);
	struct writing writing = {.commit = commit};
	struct merged merged;

	sorter_rewind(sorter);
	const uint8_t *posting = sorter_next(sorter);
	if (posting && can_append(commit, posting, algorithm, &writing.append, err) < 0)
		return -1;
	while (posting) {
		if (begin(&writing, posting, algorithm, &merged, err) < 0)
			return -1;
		unsigned before = merged.entry.identities;
		do {
			merged.entry.identities |= posting[size + RECORD_NUMBER_SIZE];
			uint8_t origin = posting[size + RECORD_NUMBER_SIZE + 1];
			if (origin > merged.entry.origin)
				merged.entry.origin = (enum origin)origin;
			if (add_holder(commit->txn, &merged, bytes_get_ordered_32(posting + size), err) < 0)
				return -1;
			posting = sorter_next(sorter);
		} while (posting && memcmp(posting, merged.key + 1, size) == 0);
		if (finish(&writing, before, &merged, err) < 0 || commit_step(commit, err) < 0)
			return -1;
	}
	return sorter_check(sorter, err);
}

void commit_make_sorters(const struct index_batch *batch, struct sorter *sorters[static ALGORITHMS])
{
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++)
		sorters[i] = sorter_new(digest_size((enum digest_algorithm)i) + POSTING_EXTRA,
								batch_share(batch, SHARE_DIGESTS));
}

void commit_free_sorters(struct sorter *sorters[static ALGORITHMS])
{
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++) {
		sorter_free(sorters[i]);
		sorters[i] = NULL;
	}
}

int commit_digests(struct commit *commit, struct error *err)
{
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++) {
		if (write_algorithm(commit, (enum digest_algorithm)i, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t count_runs(struct sorter *sorter, size_t size)
{
	uint8_t last[DIGEST_BYTES_MAX];
	const uint8_t *posting;
	uint64_t runs = 0;

	sorter_rewind(sorter);
	while ((posting = sorter_next(sorter)) != NULL) {
		if (runs > 0 && memcmp(posting, last, size) == 0)
			continue;
		memcpy(last, posting, size);
		runs++;
	}
	return runs;
}

int index_batch_count_digests(struct index_batch *batch, uint64_t *out, struct error *err)
{
	struct sorter *sorters[ALGORITHMS];
	struct pending pending;
	uint64_t place = 0;
	int more;

	commit_make_sorters(batch, sorters);
	while ((more = batch_read(batch, place, &pending, &place, err)) == 1)
		commit_collect_digests(sorters, &pending, 0);
	*out = 0;
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++) {
		*out += count_runs(sorters[i], digest_size((enum digest_algorithm)i));
		if (more == 0)
			more = sorter_check(sorters[i], err);
	}
	commit_free_sorters(sorters);
	return more;
}
