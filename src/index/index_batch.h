/*
 * index_batch: images that wait for their commit.
 */
#ifndef LAYERPROOF_INDEX_BATCH_H
#define LAYERPROOF_INDEX_BATCH_H

#include "index_private.h"
#include "pending.h"
#include "sorter.h"

/* What the batch sorts to find equal images: their content and their place. */
enum { FOLD_PLACE_SIZE = 8, FOLD_SIZE = PENDING_CONTENT_SIZE + FOLD_PLACE_SIZE };

struct index_batch {
	uint8_t *bytes; /* one behind the other: size, image */
	size_t size, capacity;
	struct sorter *fold;
	uint64_t count;
	struct index_source *sources; /* of an exported index */
	size_t source_count, source_capacity;
};

/* The image at `place`, and the place behind it: 1, 0 at the end, -1 error. */
int batch_read(const struct index_batch *batch, uint64_t place, struct pending *out, uint64_t *next,
			   struct error *err);

#endif
