/*
 * verify: the trie of layer stacks against the images whose stacks it should hold.
 *
 * What all images say is sorted and walked beside the nodes. The space of keys is cut into as many
 * ranges as keep each within the memory, and the images are read once for each.
 */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "image_read.h"
#include "layerproof/chain_id.h"
#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "prefix.h"
#include "record_image.h"
#include "sorter.h"
#include "verify.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

/* What one image says of one stack: the key, so that they lie in the order of the nodes, then the
 * rest. */
enum {
	SAYS_NUMBER = PREFIX_KEY_SIZE,
	SAYS_FLAGS = SAYS_NUMBER + 4,
	SAYS_REPOSITORY = SAYS_FLAGS + 1,
	SAYS_NEXT = SAYS_REPOSITORY + 4,
	SAYS_SIZE = SAYS_NEXT + RECORD_REFERENCE_SIZE,
	ORIGIN_BITS = 3,
	IS_EXACT = 1 << 2,
	IS_CONTINUED = 1 << 3,
};

enum { CHAIN_ID_POSITION = 5 }; /* the bit of IDENTITY_CHAIN_ID, as identities are counted */
_Static_assert(1 << CHAIN_ID_POSITION == IDENTITY_CHAIN_ID, "the bit of IDENTITY_CHAIN_ID");

/* Statements that are held at once: 128 MiB of them. */
enum { STATEMENTS_MAX = (128 << 20) / SAYS_SIZE };

/* The nodes, and the statements of one range of keys. */
struct stacks {
	struct verify *verify;
	struct sorter *sorter;
	uint64_t range, ranges;
	struct store_cursor *cursor; /* over the nodes */
	struct store_bytes key, value;
	int has_node; /* 1 or 0: `key` and `value` are those of the next node */
};

/* ---- What the images say ---- */

/* Which range a key lies in; ranges follow each other as keys do. */
static uint64_t range_of(const struct stacks *stacks, const uint8_t *key)
{
	uint64_t position = (uint64_t)(key[0] - PREFIX_DIFF_IDS) << 32 | bytes_get_ordered_32(key + 1);

	return position * stacks->ranges >> 33;
}

static void add_stack(struct stacks *stacks, enum prefix_kind kind, const struct digest *digests,
					  size_t count, const uint8_t *whose, const struct record_image *view)
{
	if (count == 0)
		return;
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));
	uint8_t key[PREFIX_KEY_SIZE];

	chain_id_compute(digests, count, chain_ids);
	for (size_t i = 0; i < count; i++) {
		prefix_write_key(kind, &chain_ids[i], key);
		if (range_of(stacks, key) != stacks->range)
			continue;
		uint8_t *says = sorter_add(stacks->sorter);
		memcpy(says, whose, SAYS_SIZE);
		memcpy(says, key, sizeof(key));
		if (view->origin != ORIGIN_OURS)
			continue;
		says[SAYS_FLAGS] |= i + 1 == count ? IS_EXACT : IS_CONTINUED;
		if (i + 1 < count)
			memcpy(says + SAYS_NEXT, digests[i + 1].bytes, RECORD_REFERENCE_SIZE);
	}
}

/* One that cannot be read was told where images were looked at. */
static int add_image(struct stacks *stacks, struct store_bytes key, struct store_bytes value)
{
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	struct error ignored = ERROR_INIT;
	struct record_image view;
	uint8_t whose[SAYS_SIZE] = {0};
	uint32_t number;

	if (record_read_number(key, &number, &ignored) < 0 ||
		record_view_image(value, &view, &ignored) < 0 ||
		image_read(stacks->verify->txn, number, value, &image, &ignored) < 0)
		return 0;
	bytes_put_ordered_32(whose + SAYS_NUMBER, number);
	whose[SAYS_FLAGS] = (uint8_t)view.origin;
	bytes_put_32(whose + SAYS_REPOSITORY, view.names.repository);
	add_stack(stacks, PREFIX_DIFF_IDS, image.diff_ids, image.diff_id_count, whose, &view);
	add_stack(stacks, PREFIX_BLOBS, image.layers, image.layer_count, whose, &view);
	return 0;
}

static int add_images(struct stacks *stacks, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(stacks->verify->txn, DATABASE_IMAGES, &ignored);

	int more = cursor ? store_cursor_seek(cursor, key, &key, &value, &ignored) : 0;
	while (more == 1) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		add_image(stacks, key, value);
		more = store_cursor_next(cursor, &key, &value, &ignored);
	}
	return 0;
}

/* ---- Held against the nodes ---- */

/* What all images say of one stack. */
struct summary {
	const uint8_t *key;
	struct prefix_node node; /* as it should be; `image` is the least that may stand there */
	bool has_image;          /* the image of the node is one of them, and exact if one is */
};

static void add_statement(struct summary *summary, const uint8_t *says,
						  const struct prefix_node *said)
{
	struct prefix_node *node = &summary->node;
	enum origin origin = (enum origin)(says[SAYS_FLAGS] & ORIGIN_BITS);
	uint32_t repository = bytes_get_32(says + SAYS_REPOSITORY);
	bool is_exact = says[SAYS_FLAGS] & IS_EXACT;

	if (origin > node->origin)
		node->origin = origin;
	node->exact = node->exact || is_exact;
	if (bytes_get_ordered_32(says + SAYS_NUMBER) == said->image && is_exact >= said->exact)
		summary->has_image = true;
	if (!(says[SAYS_FLAGS] & IS_CONTINUED))
		return;
	if (!node->continued) {
		node->continued = true;
		node->repository = repository;
		memcpy(node->next, says + SAYS_NEXT, RECORD_REFERENCE_SIZE);
	}
	node->many_repositories = node->many_repositories || node->repository != repository;
	node->many_nexts = node->many_nexts ||
					   memcmp(node->next, says + SAYS_NEXT, RECORD_REFERENCE_SIZE) != 0;
}

enum { NODE_TEXT_SIZE = 96, KEY_TEXT_SIZE = 64 };

static const char *format_node(const struct prefix_node *node, char text[static NODE_TEXT_SIZE])
{
	snprintf(text, NODE_TEXT_SIZE, "%s%s%s%s%s", origin_name(node->origin),
			 node->exact ? ", an image" : "", node->continued ? ", continued" : "",
			 node->many_repositories ? ", by repositories" : "",
			 node->many_nexts ? ", by layers" : "");
	return text;
}

static const char *format_key(const uint8_t *key, char text[static KEY_TEXT_SIZE])
{
	size_t size = (size_t)snprintf(text, KEY_TEXT_SIZE, "stack of %s ",
								   key[0] == PREFIX_DIFF_IDS ? "diff_ids" : "layers");

	for (size_t i = 1; i < PREFIX_KEY_SIZE; i++)
		size += (size_t)snprintf(text + size, KEY_TEXT_SIZE - size, "%02x", key[i]);
	return text;
}

static bool is_same(const struct prefix_node *a, const struct prefix_node *b)
{
	return a->origin == b->origin && a->exact == b->exact && a->continued == b->continued &&
		   a->many_repositories == b->many_repositories && a->many_nexts == b->many_nexts;
}

/* What the node carries of the one repository and the one next layer, where it does. */
static bool carries_own(const struct prefix_node *said, const struct prefix_node *node)
{
	if (!said->continued || said->derived || (said->many_repositories && said->many_nexts))
		return true;
	return (said->many_repositories || said->repository == node->repository) &&
		   (said->many_nexts || memcmp(said->next, node->next, RECORD_REFERENCE_SIZE) == 0);
}

static int compare_node(struct stacks *stacks, const struct summary *summary,
						const struct prefix_node *said)
{
	char where[KEY_TEXT_SIZE];
	char is[NODE_TEXT_SIZE];
	char should[NODE_TEXT_SIZE];

	format_key(summary->key, where);
	if (!is_same(said, &summary->node))
		return verify_damage(stacks->verify, "%s: is \"%s\", and should be \"%s\"", where,
							 format_node(said, is), format_node(&summary->node, should));
	if (!summary->has_image)
		return verify_damage(stacks->verify, "%s: image %u is not the one to name", where,
							 said->image);
	if (!carries_own(said, &summary->node))
		return verify_damage(stacks->verify, "%s: the repository or layer above is another", where);
	return 0;
}

static int next_node(struct stacks *stacks, struct error *err)
{
	struct error reason = ERROR_INIT;

	stacks->has_node = store_cursor_next(stacks->cursor, &stacks->key, &stacks->value, &reason);
	return stacks->has_node < 0 ? verify_failure(stacks->verify, &reason, err, "stacks") : 0;
}

/* Nodes before `key`, all that are left when it is NULL: no image has them. */
static int pass_nodes(struct stacks *stacks, const uint8_t *key, struct error *err)
{
	char text[KEY_TEXT_SIZE];

	while (stacks->has_node == 1) {
		const uint8_t *at = stacks->key.bytes;
		bool is_key = stacks->key.size == PREFIX_KEY_SIZE &&
					  (at[0] == PREFIX_DIFF_IDS || at[0] == PREFIX_BLOBS);
		if (is_key && key && memcmp(at, key, PREFIX_KEY_SIZE) >= 0)
			return 0;
		stacks->verify->counts->stacks++;
		int result = is_key ? verify_damage(stacks->verify, "%s: no image has it",
											format_key(at, text))
							: verify_damage(stacks->verify, "stacks: a key of %zu bytes is none",
											stacks->key.size);
		if (result < 0 || next_node(stacks, err) < 0)
			return -1;
	}
	return 0;
}

/* The statements on one stack, which begin with `says`; returns the first one on the next stack. */
static const uint8_t *sum_up(struct stacks *stacks, const uint8_t *says,
							 const struct prefix_node *said, struct summary *summary)
{
	*summary = (struct summary){.key = says};
	while (says && memcmp(says, summary->key, PREFIX_KEY_SIZE) == 0) {
		add_statement(summary, says, said);
		says = sorter_next(stacks->sorter);
	}
	return says;
}

static int compare_range(struct stacks *stacks, struct error *err)
{
	const uint8_t *says = sorter_next(stacks->sorter);

	while (says) {
		struct error reason = ERROR_INIT;
		struct prefix_node said = {.image = 0};
		char text[KEY_TEXT_SIZE];
		struct summary summary;
		int result = 0;

		if (pass_nodes(stacks, says, err) < 0)
			return -1;
		bool is_there = stacks->has_node == 1 &&
						memcmp(stacks->key.bytes, says, PREFIX_KEY_SIZE) == 0;
		int readable = is_there ? record_read_prefix(stacks->value, &said, &reason) : -1;
		says = sum_up(stacks, says, &said, &summary);
		stacks->verify->seen.identities[CHAIN_ID_POSITION] += summary.key[0] == PREFIX_DIFF_IDS;
		format_key(summary.key, text);
		if (!is_there)
			result = verify_damage(stacks->verify, "%s: is missing", text);
		else if (readable < 0)
			result = verify_failure(stacks->verify, &reason, err, "%s", text);
		else
			result = compare_node(stacks, &summary, &said);
		stacks->verify->counts->stacks += is_there;
		if (result < 0 || (is_there && next_node(stacks, err) < 0))
			return -1;
	}
	return 0;
}

static int verify_range(struct stacks *stacks, struct error *err)
{
	CLEANUP(sorter_free_at) struct sorter *sorter = sorter_new(SAYS_SIZE, 0);

	stacks->sorter = sorter;
	if (add_images(stacks, err) < 0)
		return -1;
	sorter_rewind(sorter);
	return compare_range(stacks, err);
}

int verify_stacks(struct verify *verify, struct error *err)
{
	if (verify->unread > 0) /* those images may have any stack */
		return 0;
	struct error reason = ERROR_INIT;
	struct stacks stacks = {.verify = verify, .ranges = verify->stack_digests / STATEMENTS_MAX + 1};
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(verify->txn, DATABASE_PREFIXES, &reason);

	stacks.cursor = cursor;
	stacks.has_node = cursor ? store_cursor_seek(cursor, (struct store_bytes){.size = 0},
												 &stacks.key, &stacks.value, &reason)
							 : -1;
	if (stacks.has_node < 0)
		return verify_failure(verify, &reason, err, "stacks");
	for (; stacks.range < stacks.ranges; stacks.range++)
		if (verify_range(&stacks, err) < 0)
			return -1;
	return pass_nodes(&stacks, NULL, err);
}
