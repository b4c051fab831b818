/*
 * prefix: nodes of the trie and how they grow.
 *
 * Two images part ways at a node when both their repositories and their next layers differ. Among
 * any set of images such a pair exists exactly when the set has more than one repository and more
 * than one next layer: were all pairs alike in one of the two, then all images would be alike in
 * the same one. So two flags are enough, whatever order the images come in.
 */
#include "prefix.h"

#include "bytes.h"
#include "index_private.h"
#include "record_image.h"

void prefix_write_key(enum prefix_kind kind, const struct digest *chain_id,
					  uint8_t out[static PREFIX_KEY_SIZE])
{
	out[0] = (uint8_t)kind;
	memcpy(out + 1, chain_id->bytes, PREFIX_KEY_SIZE - 1);
}

int prefix_get(struct store_txn *txn, enum prefix_kind kind, const struct digest *chain_id,
			   struct prefix_node *out, struct error *err)
{
	uint8_t key[PREFIX_KEY_SIZE];
	struct store_bytes value;

	prefix_write_key(kind, chain_id, key);
	int found = store_get(txn, DATABASE_PREFIXES, (struct store_bytes){key, sizeof(key)}, &value,
						  err);
	if (found <= 0)
		return found;
	return record_read_prefix(value, out, err) < 0 ? -1 : 1;
}

int prefix_complete(struct store_txn *txn, enum prefix_kind kind, size_t depth,
					struct prefix_node *node, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;
	struct record_image view;

	if (!node->derived || !node->continued || (node->many_repositories && node->many_nexts))
		return 0;
	record_write_number(node->image, key);
	int found = store_get(txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)}, &value,
						  err);
	if (found < 0 || (found == 1 && record_view_image(value, &view, err) < 0))
		return error_add_context(err, "image %u", node->image);
	uint32_t count = 0;
	if (found == 1)
		count = kind == PREFIX_DIFF_IDS ? view.diff_id_count : view.layer_count;
	if (count <= depth)
		return record_damaged("a stack of layers", err);
	node->repository = view.names.repository;
	memcpy(
		node->next,
		record_layer_reference(&view, kind == PREFIX_DIFF_IDS ? view.diff_ids : view.layers, depth),
		RECORD_REFERENCE_SIZE);
	return 0;
}

void prefix_merge(struct prefix_node *node, const struct prefix_node *other)
{
	if (other->origin > node->origin)
		node->origin = other->origin;
	if (other->exact && !node->exact) {
		node->exact = true;
		node->derived = node->derived && node->image == other->image;
		node->image = other->image;
	}
	if (!other->continued)
		return;
	if (!node->continued) {
		node->continued = true;
		node->derived = node->image == other->image;
		node->repository = other->repository;
		memcpy(node->next, other->next, RECORD_REFERENCE_SIZE);
	}
	node->many_repositories = node->many_repositories || other->many_repositories ||
							  node->repository != other->repository;
	node->many_nexts = node->many_nexts || other->many_nexts ||
					   memcmp(node->next, other->next, RECORD_REFERENCE_SIZE) != 0;
}

bool prefix_parts(const struct prefix_node *node)
{
	return node->many_repositories && node->many_nexts && !node->exact;
}
