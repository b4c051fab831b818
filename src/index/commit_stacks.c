/*
 * commit: the trie of layer stacks.
 *
 * What is sorted is an addition: the node's key, the number of the image, what it is to the node,
 * the layers of the stack, and the repository and the layer above.
 */
#include "commit.h"
#include "layerproof/chain_id.h"
#include "layerproof/memory.h"
#include "prefix.h"

enum { CHAIN_ID_POSITION = 5 }; /* the bit of IDENTITY_CHAIN_ID, as identities are counted */
_Static_assert(1 << CHAIN_ID_POSITION == IDENTITY_CHAIN_ID, "the bit of IDENTITY_CHAIN_ID");

enum { ADDITION_ORIGIN = 3, ADDITION_EXACT = 1 << 2, ADDITION_CONTINUED = 1 << 3 };
enum { ADDITION_SIZE = PREFIX_KEY_SIZE + 4 + 1 + 4 + 4 + RECORD_REFERENCE_SIZE };

struct sorter *commit_make_stack_sorter(const struct index_batch *batch)
{
	return sorter_new(ADDITION_SIZE, batch_share(batch, SHARE_STACKS));
}

/* The keys of a stack and their ChainIDs. */
struct stack {
	enum prefix_kind kind;
	size_t count;
	struct digest *digests;
	struct digest *chain_ids;
};

static void collect_node(struct sorter *sorter, const struct stack *stack, size_t i,
						 const struct pending *pending, uint32_t number, uint32_t repository)
{
	uint8_t *at = sorter_add(sorter);
	unsigned flags = (unsigned)pending->origin;
	bool is_ours = pending->origin == ORIGIN_OURS;
	bool continued = is_ours && i + 1 < stack->count;
	static const struct digest none;
	const struct digest *next = continued ? &stack->digests[i + 1] : &none;

	if (is_ours)
		flags |= continued ? ADDITION_CONTINUED : ADDITION_EXACT;
	prefix_write_key(stack->kind, &stack->chain_ids[i], at);
	at = bytes_put_ordered_32(at + PREFIX_KEY_SIZE, number);
	*at++ = (uint8_t)flags;
	at = bytes_put_32(at, (uint32_t)i + 1);
	at = bytes_put_32(at, repository);
	memcpy(at, next->bytes, RECORD_REFERENCE_SIZE);
}

static void collect_stack(struct sorter *sorter, enum prefix_kind kind, struct store_bytes keys,
						  size_t count, const struct pending *pending, uint32_t number,
						  uint32_t repository)
{
	const uint8_t *at = keys.bytes;

	if (count == 0)
		return;
	CLEANUP(free_at) struct digest *digests = memory_alloc(count, sizeof(*digests));
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));
	struct stack stack = {kind, count, digests, chain_ids};
	for (size_t i = 0; i < count; i++, at += record_key_size(at))
		record_read_key(at, &digests[i]);
	chain_id_compute(digests, count, chain_ids);
	for (size_t i = 0; i < count; i++)
		collect_node(sorter, &stack, i, pending, number, repository);
}

void commit_collect_stacks(struct sorter *sorter, const struct pending *pending, uint32_t number,
						   uint32_t repository)
{
	collect_stack(sorter, PREFIX_DIFF_IDS, pending->diff_ids, pending->diff_id_count, pending,
				  number, repository);
	collect_stack(sorter, PREFIX_BLOBS, pending->layers, pending->layer_count, pending, number,
				  repository);
}

/* What one image says of the node; returns the layers of its stack. */
static uint32_t read_addition(const uint8_t *addition, struct prefix_node *out)
{
	const uint8_t *at = addition + PREFIX_KEY_SIZE;
	uint8_t flags = at[4];

	*out = (struct prefix_node){
		.origin = (enum origin)(flags & ADDITION_ORIGIN),
		.exact = flags & ADDITION_EXACT,
		.continued = flags & ADDITION_CONTINUED,
		.derived = true,
		.image = bytes_get_ordered_32(at),
		.repository = bytes_get_32(at + 9),
	};
	memcpy(out->next, at + 13, RECORD_REFERENCE_SIZE);
	return bytes_get_32(at + 5);
}

/* The node as the index has it, or as the first image makes it. */
static int begin_node(struct commit *commit, const uint8_t *addition, bool append,
					  struct store_bytes *value, struct prefix_node *out, struct error *err)
{
	struct prefix_node known;
	uint32_t depth = read_addition(addition, out);

	*value = (struct store_bytes){.size = 0};
	int found = append ? 0
					   : store_get(commit->txn, DATABASE_PREFIXES,
								   (struct store_bytes){addition, PREFIX_KEY_SIZE}, value, err);
	if (found == 1) {
		enum prefix_kind kind = (enum prefix_kind)addition[0];
		if (record_read_prefix(*value, &known, err) < 0 ||
			prefix_complete(commit->txn, kind, depth, &known, err) < 0)
			return -1;
		prefix_merge(&known, out);
		*out = known;
	} else if (found == 0 && addition[0] == PREFIX_DIFF_IDS) {
		commit->state.identities[CHAIN_ID_POSITION]++;
	}
	return found < 0 ? -1 : 0;
}

static int put_node(struct commit *commit, const uint8_t *key, const struct prefix_node *node,
					struct store_bytes known, bool append, struct error *err)
{
	uint8_t bytes[RECORD_PREFIX_MAX];
	struct store_bytes at = {key, PREFIX_KEY_SIZE};
	struct store_bytes value = {bytes, record_write_prefix(node, bytes)};

	if (known.bytes && known.size == value.size && memcmp(known.bytes, bytes, value.size) == 0)
		return 0; /* a base that many have: nothing new */
	return append ? store_append(commit->txn, DATABASE_PREFIXES, at, value, err)
				  : store_put(commit->txn, DATABASE_PREFIXES, at, value, err);
}

/* Whether the first of the keys lies behind all that are there. */
static int can_append(struct commit *commit, const uint8_t *addition, bool *out, struct error *err)
{
	struct store_bytes last;
	int found = store_last_key(commit->txn, DATABASE_PREFIXES, &last, err);

	*out = found == 0;
	if (found == 1 && last.size == PREFIX_KEY_SIZE)
		*out = memcmp(addition, last.bytes, PREFIX_KEY_SIZE) > 0;
	return found < 0 ? -1 : 0;
}

int commit_stacks(struct commit *commit, struct error *err)
{
	struct sorter *sorter = commit->prefixes;
	struct prefix_node node, other;
	uint8_t key[PREFIX_KEY_SIZE];
	struct store_bytes known;
	bool append = false;

	sorter_rewind(sorter);
	const uint8_t *addition = sorter_next(sorter);
	if (addition && can_append(commit, addition, &append, err) < 0)
		return -1;
	while (addition) {
		memcpy(key, addition, PREFIX_KEY_SIZE);
		if (begin_node(commit, addition, append, &known, &node, err) < 0)
			return -1;
		while ((addition = sorter_next(sorter)) != NULL &&
			   memcmp(addition, key, PREFIX_KEY_SIZE) == 0) {
			read_addition(addition, &other);
			prefix_merge(&node, &other);
		}
		if (put_node(commit, key, &node, known, append, err) < 0 || commit_step(commit, err) < 0)
			return -1;
	}
	return sorter_check(sorter, err);
}
