/*
 * tar_content: the content of the entry at hand as one run of bytes, with zeros for the holes of a
 * sparse file, which a tar does not hold.
 */
#ifndef LAYER_TAR_CONTENT_H
#define LAYER_TAR_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "tar_stream.h"

/* Open value, from tar_content_begin(). */
struct tar_content {
	struct tar_stream *tar; /* borrowed */
	int64_t size;           /* of the whole content */
	int64_t given;          /* bytes handed on */
	int64_t holes;          /* of them, zeros of holes */
	const uint8_t *piece;   /* what was read but not handed on */
	size_t piece_size;
	int64_t piece_offset; /* its place in the content */
};

/* For the entry that tar_stream_next() returned last, of `size` bytes. */
void tar_content_begin(struct tar_content *self, struct tar_stream *tar, int64_t size);

/* The next bytes, borrowed until the next call; `*size` is 0 at the end. */
int tar_content_next(struct tar_content *self, const uint8_t **bytes, size_t *size,
					 struct error *err);

#endif
