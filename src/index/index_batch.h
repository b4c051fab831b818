/*
 * index_batch: images that wait for their commit, as the records they will become.
 */
#ifndef LAYERPROOF_INDEX_BATCH_H
#define LAYERPROOF_INDEX_BATCH_H

#include "index_private.h"

struct batch_image {
	uint8_t content[RECORD_CONTENT_SIZE];
	size_t offset; /* of its record in the batch's bytes */
	size_t size;
	bool fresh; /* not in the index yet; set by the commit, as is its number */
	uint32_t number;
};

struct index_batch {
	uint8_t *bytes; /* the records, one behind the other */
	size_t size, capacity;
	struct batch_image *images;
	size_t count, images_capacity;
	size_t digests; /* in all records: what a commit writes at most */
	size_t layers;  /* layers and diff_ids in all records */
};

/* The record of an image of the batch, in place. */
int batch_view(const struct index_batch *batch, const struct batch_image *image,
			   struct record_image *out, struct error *err);

/* Parts of a commit. Each writes, in the order of the keys, what the fresh images of the batch add,
 * and keeps `state` in step. */
int commit_digests(struct store_txn *txn, const struct index_batch *batch,
				   struct record_state *state, uint64_t *digests_new, struct error *err);
int commit_prefixes(struct store_txn *txn, const struct index_batch *batch,
					struct record_state *state, struct error *err);

#endif
