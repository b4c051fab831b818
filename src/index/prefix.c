/*
 * prefix: nodes of the trie and how they grow.
 *
 * Two images part ways at a node when both their repositories and their next layers differ. Among
 * any set of images such a pair exists exactly when the set has more than one repository and more
 * than one next layer: were all pairs alike in one of the two, then all images would be alike in
 * the same one. So two flags are enough, whatever order the images come in.
 */
#include "prefix.h"

#include <string.h>

#include "bytes.h"
#include "index_private.h"

size_t prefix_write_key(enum prefix_kind kind, const struct digest *chain_id,
						uint8_t out[static RECORD_KEY_MAX])
{
	size_t size = record_write_key(chain_id, out);

	out[0] = (uint8_t)kind; /* the size tells the algorithms apart */
	return size;
}

int prefix_get(struct store_txn *txn, enum prefix_kind kind, const struct digest *chain_id,
			   struct prefix_node *out, struct error *err)
{
	uint8_t key[RECORD_KEY_MAX];
	struct store_bytes value;

	size_t size = prefix_write_key(kind, chain_id, key);
	int found = store_get(txn, DATABASE_PREFIXES, (struct store_bytes){key, size}, &value, err);
	if (found <= 0)
		return found;
	return record_read_prefix(value, out, err) < 0 ? -1 : 1;
}

void prefix_merge(struct prefix_node *node, const struct prefix_node *other)
{
	if (other->origin > node->origin)
		node->origin = other->origin;
	if (other->exact && !node->exact) {
		node->exact = true;
		node->image = other->image;
	}
	if (!other->continued)
		return;
	if (!node->continued) {
		node->continued = true;
		node->repository = other->repository;
		node->next = other->next;
	}
	node->many_repositories = node->many_repositories || other->many_repositories ||
							  node->repository != other->repository;
	node->many_nexts = node->many_nexts || other->many_nexts || node->next != other->next;
}

bool prefix_parts(const struct prefix_node *node)
{
	return node->many_repositories && node->many_nexts && !node->exact;
}

/* A name without its tag and digest: the tag's colon comes behind the last slash, where a port's
 * does not. */
static size_t repository_length(const char *name)
{
	size_t length = strcspn(name, "@");
	size_t slash = length;

	while (slash > 0 && name[slash - 1] != '/')
		slash--;
	const char *colon = memchr(name + slash, ':', length - slash);
	return colon ? (size_t)(colon - name) : length;
}

uint64_t prefix_repository_tag(const char *name)
{
	struct digest digest;

	digest_of(DIGEST_SHA256, name, repository_length(name), &digest);
	return bytes_get_64(digest.bytes);
}

uint64_t prefix_layer_tag(const struct digest *layer)
{
	return bytes_get_64(layer->bytes);
}
