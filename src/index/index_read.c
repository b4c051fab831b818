/*
 * index: look-ups and walks in a snapshot.
 */
#include <stdlib.h>
#include <string.h>

#include "holders.h"
#include "image_read.h"
#include "index_private.h"
#include "layerproof/chain_id.h"
#include "layerproof/memory.h"
#include "prefix.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

/* A ChainID is in the trie of stacks alone: nobody exports one, and each image makes many. */
static int find_chain_id(struct index_snapshot *snapshot, const struct digest *digest,
						 struct index_entry *out, struct error *err)
{
	struct prefix_node node;

	int found = prefix_get(snapshot->txn, PREFIX_DIFF_IDS, digest, &node, err);
	if (found == 1)
		*out = (struct index_entry){
			.identities = IDENTITY_CHAIN_ID,
			.origin = node.origin,
			.images = node.many_repositories ? 2 : 1,
			.first = node.image,
		};
	return found;
}

static int find(struct index_snapshot *snapshot, const struct digest *digest,
				struct index_entry *out, struct error *err)
{
	uint8_t key[RECORD_KEY_MAX];
	struct record_entry entry;

	size_t size = record_write_key(digest, key);
	int found = holders_get(snapshot->txn, (struct store_bytes){key, size}, &entry, err);
	if (found == 0)
		return find_chain_id(snapshot, digest, out, err);
	if (found == 1)
		*out = (struct index_entry){
			.identities = entry.identities,
			.origin = entry.origin,
			.images = entry.images,
			.first = entry.first,
		};
	return found;
}

int index_find(struct index_snapshot *snapshot, const struct digest *digest,
			   struct index_entry *out, struct error *err)
{
	int found = find(snapshot, digest, out, err);
	if (found < 0)
		index_fail(snapshot->index, err);
	return found;
}

static int knows_algorithm(struct index_snapshot *snapshot, enum digest_algorithm algorithm,
						   struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(snapshot->txn, DATABASE_DIGESTS, err);
	const uint8_t first = (uint8_t)algorithm;
	struct store_bytes key;
	struct store_bytes value;
	if (!cursor)
		return -1;
	int found = store_cursor_seek(cursor, (struct store_bytes){&first, 1}, &key, &value, err);
	return found == 1 ? ((const uint8_t *)key.bytes)[0] == first : found;
}

int index_knows_algorithm(struct index_snapshot *snapshot, enum digest_algorithm algorithm,
						  struct error *err)
{
	int knows = knows_algorithm(snapshot, algorithm, err);
	return knows < 0 ? index_fail(snapshot->index, err) : knows;
}

static int find_stack(struct index_snapshot *snapshot, const struct digest *chain_ids, size_t count,
					  struct index_stack *out, struct error *err)
{
	struct prefix_node node;

	for (size_t i = 0; i < count; i++) {
		int found = prefix_get(snapshot->txn, PREFIX_DIFF_IDS, &chain_ids[i], &node, err);
		if (found <= 0) /* no image has this prefix, so none has a longer one */
			return found;
		*out = (struct index_stack){.layers = i + 1, .origin = node.origin, .image = node.image};
	}
	return 0;
}

int index_find_stack(struct index_snapshot *snapshot, const struct digest *diff_ids, size_t count,
					 struct index_stack *out, struct error *err)
{
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));

	*out = (struct index_stack){.layers = 0};
	chain_id_compute(diff_ids, count, chain_ids);
	int result = find_stack(snapshot, chain_ids, count, out, err);
	return result < 0 ? index_fail(snapshot->index, err) : 0;
}

bool index_knows(const struct index_snapshot *snapshot, unsigned identities)
{
	for (int i = 0; i < IDENTITY_COUNT; i++)
		if ((identities & (1U << i)) != 0 && snapshot->state.identities[i] > 0)
			return true;
	return false;
}

static int list_holders(struct index_snapshot *snapshot, const struct digest *digest, uint32_t *out,
						size_t capacity, struct error *err)
{
	uint8_t key[RECORD_KEY_MAX];
	struct index_entry stack = {.images = 0};
	struct record_entry entry;

	struct store_bytes bytes = {key, record_write_key(digest, key)};
	int found = holders_get(snapshot->txn, bytes, &entry, err);
	if (found == 1)
		return holders_list(snapshot->txn, bytes, &entry, out, capacity, err);
	if (found == 0 && capacity > 0)
		found = find_chain_id(snapshot, digest, &stack, err);
	if (found == 1)
		out[0] = stack.first;
	return found;
}

int index_holders(struct index_snapshot *snapshot, const struct digest *digest, uint32_t *out,
				  size_t capacity, struct error *err)
{
	int count = list_holders(snapshot, digest, out, capacity, err);
	return count < 0 ? index_fail(snapshot->index, err) : count;
}

static int get_image(struct index_snapshot *snapshot, uint32_t number, struct internal_image *out,
					 struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	record_write_number(number, key);
	int found = store_get(snapshot->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
						  &value, err);
	if (found <= 0)
		return found;
	if (image_read(snapshot->txn, number, value, out, err) == 0)
		return 1;
	internal_image_clear(out);
	return error_add_context(err, "image %u", number);
}

int index_image(struct index_snapshot *snapshot, uint32_t number, struct internal_image *out,
				struct error *err)
{
	int found = get_image(snapshot, number, out, err);
	return found < 0 ? index_fail(snapshot->index, err) : found;
}

static int get_origin(struct index_snapshot *snapshot, uint32_t number, enum origin *out,
					  struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;
	struct record_image view;

	record_write_number(number, key);
	int found = store_get(snapshot->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
						  &value, err);
	if (found != 1)
		return found;
	if (record_view_image(value, &view, err) < 0)
		return error_add_context(err, "image %u", number);
	*out = view.origin;
	return 1;
}

int index_image_origin(struct index_snapshot *snapshot, uint32_t number, enum origin *out,
					   struct error *err)
{
	int found = get_origin(snapshot, number, out, err);
	return found < 0 ? index_fail(snapshot->index, err) : found;
}

int index_each_record(struct index_snapshot *snapshot, enum index_database database,
					  int (*visit)(void *context, struct store_bytes key, struct store_bytes value,
								   struct error *err),
					  void *context, struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(snapshot->txn, database, err);
	struct store_bytes key = {.size = 0};
	struct store_bytes value;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	while (more == 1) {
		int result = visit(context, key, value, err);
		if (result != 0)
			return result;
		more = store_cursor_next(cursor, &key, &value, err);
	}
	return more;
}

struct image_visitor {
	struct store_txn *txn;
	int (*visit)(void *context, uint32_t number, const struct internal_image *image);
	void *context;
};

static int visit_image(void *context, struct store_bytes key, struct store_bytes value,
					   struct error *err)
{
	struct image_visitor *visitor = context;
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	uint32_t number;

	if (record_read_number(key, &number, err) < 0)
		return -1;
	if (image_read(visitor->txn, number, value, &image, err) < 0)
		return error_add_context(err, "image %u", number);
	return visitor->visit(visitor->context, number, &image);
}

/* A visitor may end the walk with -1 of its own, and then has set no error. */
static int walk_ended(struct index_snapshot *snapshot, int result, const struct error *failure,
					  struct error *err)
{
	if (failure->code == ERROR_NONE)
		return result;
	*err = *failure;
	return index_fail(snapshot->index, err);
}

int index_each_image(struct index_snapshot *snapshot,
					 int (*visit)(void *context, uint32_t number,
								  const struct internal_image *image),
					 void *context, struct error *err)
{
	struct image_visitor visitor = {snapshot->txn, visit, context};
	struct error failure = ERROR_INIT;

	int result = index_each_record(snapshot, DATABASE_IMAGES, visit_image, &visitor, &failure);
	return walk_ended(snapshot, result, &failure, err);
}

struct source_visitor {
	int (*visit)(void *context, const struct index_source *source);
	void *context;
};

static int visit_source(void *context, struct store_bytes key, struct store_bytes value,
						struct error *err)
{
	struct source_visitor *visitor = context;
	CLEANUP(index_source_clear) struct index_source source = {.name = NULL};

	(void)key;
	if (record_read_source(value, &source, err) < 0)
		return -1;
	if (!digest_is_set(&source.sha256)) /* images that were added: no file */
		return 0;
	return visitor->visit(visitor->context, &source);
}

int index_each_source(struct index_snapshot *snapshot,
					  int (*visit)(void *context, const struct index_source *source), void *context,
					  struct error *err)
{
	struct source_visitor visitor = {visit, context};
	struct error failure = ERROR_INIT;

	int result = index_each_record(snapshot, DATABASE_SOURCES, visit_source, &visitor, &failure);
	return walk_ended(snapshot, result, &failure, err);
}

int index_statistics(struct index_snapshot *snapshot, struct index_statistics *out,
					 struct error *err)
{
	const struct record_state *state = &snapshot->state;

	*out = (struct index_statistics){
		.version = INDEX_VERSION,
		.images = state->images,
		.bytes = store_bytes_used(snapshot->index->store),
	};
	memcpy(out->identities, state->identities, sizeof(out->identities));
	memcpy(out->origins, state->origins, sizeof(out->origins));
	if (store_count(snapshot->txn, DATABASE_DIGESTS, &out->digests, err) < 0)
		return index_fail(snapshot->index, err);
	return 0;
}
