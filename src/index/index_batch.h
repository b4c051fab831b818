/*
 * index_batch: images that wait for their commit.
 */
#ifndef LAYERPROOF_INDEX_BATCH_H
#define LAYERPROOF_INDEX_BATCH_H

#include "index_private.h"
#include "pending.h"
#include "sorter.h"
#include "spill.h"

/* What the batch sorts to find equal images: their content and their place. */
enum { FOLD_PLACE_SIZE = 8, FOLD_SIZE = PENDING_CONTENT_SIZE + FOLD_PLACE_SIZE };

struct index_batch {
	uint64_t memory; /* that may be used, roughly */
	uint8_t *bytes;  /* one behind the other: size, image; behind those that were spilled */
	size_t size, capacity;
	struct spill spill; /* the images before */
	uint8_t *window;    /* of the spill: what was read last */
	uint64_t window_start;
	size_t window_size, window_capacity;
	struct sorter *fold;
	struct sorter *files; /* of layers (file_record.h); NULL: none */
	uint64_t count;
	struct index_source *sources; /* of an exported index */
	size_t source_count, source_capacity;
};

/* Part in a hundred of the memory: of the files, and as much again while they are written. */
enum { SHARE_FILES = 10 };

/* Memory for a sorter that takes this many parts in a hundred of the batch's. */
size_t batch_share(const struct index_batch *batch, unsigned percent);

/* The image at `place`, and the place behind it: 1, 0 at the end, -1 error. Borrowed until the next
 * call. */
int batch_read(struct index_batch *batch, uint64_t place, struct pending *out, uint64_t *next,
			   struct error *err);

#endif
