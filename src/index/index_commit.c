/*
 * commit: a batch into the index, in one write transaction (DESIGN section 7).
 */
#include <string.h>

#include "bytes.h"
#include "index_batch.h"
#include "layerproof/clock.h"
#include "layerproof/memory.h"

/* An image of the batch, where its content key puts it. */
struct place {
	uint64_t sort; /* first bytes of the key */
	struct batch_image *image;
};

struct commit {
	struct index_batch *batch;
	const struct index_source *source; /* NULL when there is none */
	struct place *order;               /* the batch, by content and then by position */
	struct record_state state;
	struct index_outcome outcome;
};

static int compare_content(const struct place *a, const struct place *b)
{
	if (a->sort != b->sort)
		return a->sort < b->sort ? -1 : 1;
	return memcmp(a->image->content, b->image->content, RECORD_CONTENT_SIZE);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;

	int order = compare_content(left, right);
	if (order != 0 || left->image == right->image)
		return order;
	return left->image < right->image ? -1 : 1;
}

static struct place *sort_by_content(struct index_batch *batch)
{
	struct place *order = memory_alloc(batch->count + 1, sizeof(*order));

	for (size_t i = 0; i < batch->count; i++) {
		struct batch_image *image = &batch->images[i];
		order[i] = (struct place){bytes_sort_prefix(image->content), image};
	}
	qsort(order, batch->count, sizeof(*order), compare_places);
	return order;
}

static struct store_bytes content_key(const struct batch_image *image)
{
	return (struct store_bytes){image->content, RECORD_CONTENT_SIZE};
}

/* Which images of the batch the index does not have; of equal ones the first. */
static int find_fresh(struct store_txn *txn, struct commit *commit, struct error *err)
{
	struct store_bytes value;

	for (size_t i = 0; i < commit->batch->count; i++) {
		struct batch_image *image = commit->order[i].image;
		image->fresh = false;
		if (i > 0 && compare_content(&commit->order[i - 1], &commit->order[i]) == 0)
			continue;
		int found = store_get(txn, DATABASE_IMAGE_KEYS, content_key(image), &value, err);
		if (found < 0)
			return -1;
		image->fresh = found == 0;
	}
	return 0;
}

/* Adds to a number of 128 bits: a sum does not depend on the order. */
static void add_to_sum(uint8_t sum[static RECORD_SUM_SIZE], const uint8_t *content)
{
	unsigned carry = 0;
	for (int i = 0; i < RECORD_SUM_SIZE; i++) {
		carry += (unsigned)sum[i] + content[i];
		sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

static int commit_image(struct store_txn *txn, struct commit *commit, struct batch_image *image,
						struct error *err)
{
	struct record_state *state = &commit->state;
	const uint8_t *record = commit->batch->bytes + image->offset;
	uint8_t key[RECORD_NUMBER_SIZE];

	if (state->images == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u images", UINT32_MAX);
	image->number = state->images++;
	state->origins[record[0]]++; /* index_record_image.c: the first byte is the origin */
	add_to_sum(state->sum, image->content);
	commit->outcome.images_new++;
	record_write_number(image->number, key);
	return store_put(txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){record, image->size}, err);
}

static int commit_images(struct store_txn *txn, struct commit *commit, struct error *err)
{
	uint8_t number[RECORD_NUMBER_SIZE];

	for (size_t i = 0; i < commit->batch->count; i++) {
		struct batch_image *image = &commit->batch->images[i];
		if (image->fresh && commit_image(txn, commit, image, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < commit->batch->count; i++) {
		const struct batch_image *image = commit->order[i].image;
		if (!image->fresh)
			continue;
		record_write_number(image->number, number);
		if (store_put(txn, DATABASE_IMAGE_KEYS, content_key(image),
					  (struct store_bytes){number, sizeof(number)}, err) < 0)
			return -1;
	}
	return 0;
}

/* 1 a source of this name and these bytes is there, 0 not, -1 error. There are few sources. */
static int find_source(struct store_txn *txn, const struct commit *commit, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	for (uint32_t number = 0; number < commit->state.sources; number++) {
		CLEANUP(index_source_clear) struct index_source known = {.name = NULL};
		record_write_number(number, key);
		int found = store_get(txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)}, &value,
							  err);
		if (found < 0 || (found == 1 && record_read_source(value, &known, err) < 0))
			return -1;
		if (found == 1 && strcmp(known.name, commit->source->name) == 0 &&
			digest_equal(&known.sha256, &commit->source->sha256))
			return 1;
	}
	return 0;
}

static int commit_source(struct store_txn *txn, struct commit *commit, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	size_t size;

	if (!commit->source)
		return 0;
	CLEANUP(free_at) uint8_t *record = record_write_source(commit->source, &size);
	record_write_number(commit->state.sources++, key);
	return store_put(txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){record, size}, err);
}

static int commit_state(struct store_txn *txn, struct commit *commit, struct error *err)
{
	uint8_t bytes[RECORD_STATE_SIZE];

	commit->state.updated_at = clock_now();
	record_write_state(&commit->state, bytes);
	return store_put(txn, DATABASE_META, index_text_key("state"),
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

static int commit_batch(struct store_txn *txn, void *context, struct error *err)
{
	struct commit *commit = context;

	commit->outcome = (struct index_outcome){.images_new = 0};
	if (index_read_state(txn, &commit->state, err) < 0)
		return -1;
	int known = commit->source ? find_source(txn, commit, err) : 0;
	commit->outcome.already_imported = known == 1;
	if (known != 0)
		return known < 0 ? -1 : 0;
	if (find_fresh(txn, commit, err) < 0 || commit_images(txn, commit, err) < 0)
		return -1;
	if (commit->outcome.images_new == 0 && !commit->source)
		return 0;
	if (commit_digests(txn, commit->batch, &commit->state, &commit->outcome.digests_new, err) < 0 ||
		commit_prefixes(txn, commit->batch, &commit->state, err) < 0 ||
		commit_source(txn, commit, err) < 0)
		return -1;
	return commit_state(txn, commit, err);
}

/* A digest takes 33 bytes in its image's record and, in its own records, at most four times that.
 */
static uint64_t bytes_wanted(const struct index_batch *batch)
{
	return 5 * (uint64_t)batch->size;
}

int index_commit(struct index *index, struct index_batch *batch, const struct index_source *source,
				 struct index_outcome *outcome, struct error *err)
{
	CLEANUP(free_at) struct place *order = sort_by_content(batch);
	struct commit commit = {.batch = batch, .source = source, .order = order};

	if (store_reserve(index->store, bytes_wanted(batch), err) < 0 ||
		store_update(index->store, commit_batch, &commit, err) < 0)
		return index_fail(index, err);
	*outcome = commit.outcome;
	return 0;
}
