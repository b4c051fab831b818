/*
 * forget: nodes of the trie that images passed which went.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "forget.h"
#include "holders.h"
#include "image_read.h"
#include "layerproof/chain_id.h"
#include "layerproof/memory.h"

enum { CHAIN_ID_POSITION = 5 }; /* the bit of IDENTITY_CHAIN_ID, as identities are counted */
_Static_assert(1 << CHAIN_ID_POSITION == IDENTITY_CHAIN_ID, "the bit of IDENTITY_CHAIN_ID");

struct stack_loss {
	struct forget *forget;
	const uint8_t *key; /* of the node */
	size_t depth;       /* place of the upper digest, from 0 */
	struct prefix_node before;
	struct prefix_node after;
	bool has_any;
};

static struct store_bytes node_key(const struct stack_loss *loss)
{
	return (struct store_bytes){loss->key, PREFIX_KEY_SIZE};
}

/* Whether the image's stack of that depth is the one. */
static bool has_stack(const struct stack_loss *loss, const struct digest *digests, size_t count)
{
	uint8_t key[PREFIX_KEY_SIZE];

	if (count <= loss->depth)
		return false;
	CLEANUP(free_at)
	struct digest *chain_ids = memory_alloc(loss->depth + 1, sizeof(*chain_ids));
	chain_id_compute(digests, loss->depth + 1, chain_ids);
	prefix_write_key((enum prefix_kind)loss->key[0], &chain_ids[loss->depth], key);
	return memcmp(key, loss->key, sizeof(key)) == 0;
}

static bool is_as_before(const struct stack_loss *loss)
{
	const struct prefix_node *a = &loss->before;
	const struct prefix_node *b = &loss->after;

	return loss->has_any && a->origin == b->origin && a->exact == b->exact &&
		   a->continued == b->continued && a->many_repositories == b->many_repositories &&
		   a->many_nexts == b->many_nexts;
}

static void merge(struct stack_loss *loss, uint32_t number, const struct record_image *view,
				  const struct digest *digests, size_t count)
{
	bool is_ours = view->origin == ORIGIN_OURS;
	struct prefix_node said = {
		.origin = view->origin,
		.exact = is_ours && count == loss->depth + 1,
		.continued = is_ours && count > loss->depth + 1,
		.derived = true,
		.image = number,
		.repository = view->names.repository,
	};

	if (said.continued)
		memcpy(said.next, digests[loss->depth + 1].bytes, RECORD_REFERENCE_SIZE);
	if (loss->has_any)
		prefix_merge(&loss->after, &said);
	else
		loss->after = said;
	loss->has_any = true;
}

/* One image that holds the upper digest of the stack; 1 when there is no more to learn. */
static int judge_image(void *context, uint32_t number, struct error *err)
{
	struct stack_loss *loss = context;
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	bool is_diff_ids = loss->key[0] == PREFIX_DIFF_IDS;
	struct record_image view;
	struct store_bytes value;

	int found = forget_get_image(loss->forget, number, &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there",
						 number);
	if (found < 0 || record_view_image(value, &view, err) < 0 ||
		image_read(loss->forget->txn, number, value, &image, err) < 0)
		return -1;
	const struct digest *digests = is_diff_ids ? image.diff_ids : image.layers;
	size_t count = is_diff_ids ? image.diff_id_count : image.layer_count;
	if (has_stack(loss, digests, count))
		merge(loss, number, &view, digests, count);
	return is_as_before(loss);
}

static int put_node(struct stack_loss *loss, struct error *err)
{
	struct forget *forget = loss->forget;
	uint8_t bytes[RECORD_PREFIX_MAX];

	if (!loss->has_any) {
		if (loss->key[0] == PREFIX_DIFF_IDS)
			forget->state.identities[CHAIN_ID_POSITION]--;
		return store_delete(forget->txn, DATABASE_PREFIXES, node_key(loss), err);
	}
	size_t size = record_write_prefix(&loss->after, bytes);
	return store_put(forget->txn, DATABASE_PREFIXES, node_key(loss),
					 (struct store_bytes){bytes, size}, err);
}

static int forget_stack(struct forget *forget, const uint8_t *lost, struct error *err)
{
	struct stack_loss loss = {
		.forget = forget,
		.key = lost,
		.depth = bytes_get_ordered_32(lost + LOST_STACK_DEPTH),
	};
	const uint8_t *top = lost + LOST_STACK_TOP;
	struct store_bytes key = {top, record_key_size(top)};
	struct store_bytes value;
	struct record_entry entry;

	int found = store_get(forget->txn, DATABASE_PREFIXES, node_key(&loss), &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "damaged: a stack of layers is missing");
	if (found < 0 || record_read_prefix(value, &loss.before, err) < 0)
		return -1;
	found = holders_get(forget->txn, key, &entry, err);
	if (found == 1)
		found = holders_each(forget->txn, key, &entry, judge_image, &loss, err);
	return found < 0 ? -1 : put_node(&loss, err);
}

int forget_stacks(struct forget *forget, struct error *err)
{
	uint8_t last[PREFIX_KEY_SIZE] = {0}; /* no kind is 0 */
	const uint8_t *lost;

	sorter_rewind(forget->stacks);
	while ((lost = sorter_next(forget->stacks)) != NULL) {
		if (memcmp(last, lost, sizeof(last)) == 0)
			continue;
		if (forget_stack(forget, lost, err) < 0)
			return -1;
		memcpy(last, lost, sizeof(last));
	}
	return sorter_check(forget->stacks, err);
}
