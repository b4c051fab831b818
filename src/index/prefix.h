/*
 * prefix: the trie of layer stacks, one node for each ChainID of each image.
 */
#ifndef LAYERPROOF_INDEX_PREFIX_H
#define LAYERPROOF_INDEX_PREFIX_H

#include "index_record.h"
#include "layerproof/store.h"

/* What the digests of a stack are. Stored as the first byte of the key: never renumber. */
enum prefix_kind { PREFIX_DIFF_IDS = 1, PREFIX_BLOBS = 2 };

/* Kind byte and the bytes of the ChainID; returns how many. */
size_t prefix_write_key(enum prefix_kind kind, const struct digest *chain_id,
						uint8_t out[static RECORD_KEY_MAX]);

/* 1 found, 0 no image has this prefix, -1 error. */
int prefix_get(struct store_txn *txn, enum prefix_kind kind, const struct digest *chain_id,
			   struct prefix_node *out, struct error *err);

/* Adds to `node` what `other` knows of the same stack. */
void prefix_merge(struct prefix_node *node, const struct prefix_node *other);

/* Where repositories of ours part ways above this stack, and no image of ours is this stack. */
bool prefix_parts(const struct prefix_node *node);

/* Tags that tell repositories, and next layers, apart. */
uint64_t prefix_repository_tag(const char *name);
uint64_t prefix_layer_tag(const struct digest *layer);

#endif
