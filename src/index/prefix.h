/*
 * prefix: the trie of layer stacks, one node for each ChainID of each image.
 */
#ifndef LAYERPROOF_INDEX_PREFIX_H
#define LAYERPROOF_INDEX_PREFIX_H

#include "index_record.h"
#include "layerproof/store.h"

/* What the digests of a stack are. Stored as the first byte of the key: never renumber. */
enum prefix_kind { PREFIX_DIFF_IDS = 1, PREFIX_BLOBS = 2 };

enum { PREFIX_KEY_SIZE = 1 + 16 };

/* Kind byte and the first bytes of the ChainID. */
void prefix_write_key(enum prefix_kind kind, const struct digest *chain_id,
					  uint8_t out[static PREFIX_KEY_SIZE]);

/* 1 found, 0 no image has this prefix, -1 error. `repository` and `next` may be left to the
 * image. */
int prefix_get(struct store_txn *txn, enum prefix_kind kind, const struct digest *chain_id,
			   struct prefix_node *out, struct error *err);

/* Fetches `repository` and `next` of a node of `depth` layers from its image, if that has them. */
int prefix_complete(struct store_txn *txn, enum prefix_kind kind, size_t depth,
					struct prefix_node *node, struct error *err);

/* Adds to a complete `node` what `other` knows of the same stack. */
void prefix_merge(struct prefix_node *node, const struct prefix_node *other);

/* Where repositories of ours part ways above this stack, and no image of ours is this stack. */
bool prefix_parts(const struct prefix_node *node);

#endif
