/*
 * commit: the trie of layer stacks.
 */
#include <string.h>

#include "bytes.h"
#include "index_batch.h"
#include "layerproof/chain_id.h"
#include "layerproof/memory.h"
#include "prefix.h"

enum { CHAIN_ID_POSITION = 5 }; /* the bit of IDENTITY_CHAIN_ID, as identities are counted */
_Static_assert(1 << CHAIN_ID_POSITION == IDENTITY_CHAIN_ID, "the bit of IDENTITY_CHAIN_ID");

/* What one image says of one stack. */
struct addition {
	uint8_t *key; /* in the arena */
	size_t size;
	struct prefix_node node;
};

struct addition_list {
	struct addition *items;
	size_t count;
	uint8_t *arena;
	size_t used;
};

/* What is sorted instead of the additions, which are large. */
struct place {
	uint64_t sort; /* first bytes of the key */
	const struct addition *addition;
};

static int compare_keys(const struct place *a, const struct place *b)
{
	if (a->sort != b->sort)
		return a->sort < b->sort ? -1 : 1;
	size_t left = a->addition->size;
	size_t right = b->addition->size;
	int order = memcmp(a->addition->key, b->addition->key, left < right ? left : right);
	if (order != 0 || left == right)
		return order;
	return left < right ? -1 : 1;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;

	int order = compare_keys(left, right);
	if (order != 0)
		return order;
	uint32_t first = left->addition->node.image;
	uint32_t second = right->addition->node.image;
	return first == second ? 0 : first < second ? -1 : 1;
}

/* The nodes of one stack of one image. */
static void collect_stack(struct addition_list *list, enum prefix_kind kind,
						  struct store_bytes keys, size_t count, const struct prefix_node *whose)
{
	if (count == 0)
		return;
	CLEANUP(free_at) struct digest *digests = record_read_keys(keys, count);
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));
	chain_id_compute(digests, count, chain_ids);
	for (size_t i = 0; i < count; i++) {
		struct addition *added = &list->items[list->count++];
		added->key = list->arena + list->used;
		added->size = prefix_write_key(kind, &chain_ids[i], added->key);
		list->used += added->size;
		added->node = *whose;
		if (whose->origin != ORIGIN_OURS)
			continue;
		added->node.exact = i + 1 == count;
		added->node.continued = i + 1 < count;
		if (added->node.continued)
			added->node.next = prefix_layer_tag(&digests[i + 1]);
	}
}

static int collect_image(struct addition_list *list, const struct index_batch *batch,
						 const struct batch_image *image, struct error *err)
{
	struct record_image view;

	if (batch_view(batch, image, &view, err) < 0)
		return -1;
	CLEANUP(free_at) char *name = memory_copy_span(view.name.bytes, view.name.size);
	struct prefix_node whose = {
		.origin = view.origin,
		.image = image->number,
		.repository = prefix_repository_tag(name),
	};
	collect_stack(list, PREFIX_DIFF_IDS, view.diff_ids, view.diff_id_count, &whose);
	collect_stack(list, PREFIX_BLOBS, view.layers, view.layer_count, &whose);
	return 0;
}

/* All additions to one node: places[0..count). */
static int commit_node(struct store_txn *txn, const struct place *places, size_t count,
					   struct record_state *state, struct error *err)
{
	const struct addition *first = places[0].addition;
	struct store_bytes key = {first->key, first->size};
	struct prefix_node node = first->node;
	uint8_t bytes[RECORD_PREFIX_MAX];
	struct store_bytes value;

	int found = store_get(txn, DATABASE_PREFIXES, key, &value, err);
	if (found < 0 || (found == 1 && record_read_prefix(value, &node, err) < 0))
		return -1;
	if (found == 0 && first->key[0] == PREFIX_DIFF_IDS)
		state->identities[CHAIN_ID_POSITION]++;
	for (size_t i = 0; i < count; i++)
		prefix_merge(&node, &places[i].addition->node);
	size_t size = record_write_prefix(&node, bytes);
	if (found == 1 && value.size == size && memcmp(value.bytes, bytes, size) == 0)
		return 0; /* a base that many have: nothing new */
	return store_put(txn, DATABASE_PREFIXES, key, (struct store_bytes){bytes, size}, err);
}

static int commit_nodes(struct store_txn *txn, const struct addition_list *list,
						struct record_state *state, struct error *err)
{
	CLEANUP(free_at) struct place *places = memory_alloc(list->count + 1, sizeof(*places));

	for (size_t i = 0; i < list->count; i++)
		places[i] = (struct place){bytes_sort_prefix(list->items[i].key), &list->items[i]};
	qsort(places, list->count, sizeof(*places), compare_places);
	for (size_t from = 0, to; from < list->count; from = to) {
		for (to = from + 1; to < list->count && compare_keys(&places[from], &places[to]) == 0;)
			to++;
		if (commit_node(txn, &places[from], to - from, state, err) < 0)
			return -1;
	}
	return 0;
}

int commit_prefixes(struct store_txn *txn, const struct index_batch *batch,
					struct record_state *state, struct error *err)
{
	if (batch->layers == 0)
		return 0;
	CLEANUP(free_at)
	struct addition *items = memory_alloc(batch->layers, sizeof(*items));
	CLEANUP(free_at) uint8_t *arena = memory_alloc(batch->layers, RECORD_KEY_MAX);
	struct addition_list list = {.items = items, .arena = arena};

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->images[i].fresh && collect_image(&list, batch, &batch->images[i], err) < 0)
			return -1;
	}
	return commit_nodes(txn, &list, state, err);
}
