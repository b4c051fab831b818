/*
 * decoder: a reader that decompresses another reader, member by member: what gzip and zstd have in
 * common. Each format adds one function that takes input and makes output.
 *
 * The whole of the source is read: what stands behind the last member is an error, not ignored,
 * because a diff_id must cover the blob.
 */
#ifndef LAYER_DECODER_H
#define LAYER_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allowance.h"
#include "layerproof/error.h"
#include "layerproof/reader.h"

enum {
	DECODER_OUTPUT_SIZE = 256 * 1024,
	DECODER_OUTPUTS = 4, /* used in turn where others still work on those before */
};

struct decoder {
	struct reader reader;
	struct reader *source; /* borrowed */

	/* Takes from `input` and adds to `output` until one of them is used up or a member ends. With
	 * no input left (the source has ended) it sets `ended`, or adds what it still held back, or
	 * fails. */
	int (*step)(struct decoder *self, struct error *err);
	/* Frees the object that embeds this one. */
	void (*free)(struct decoder *self);

	const uint8_t *input; /* what is left of the chunk pulled last */
	size_t input_size;
	bool input_ended;

	uint8_t *outputs[DECODER_OUTPUTS]; /* NULL: not used so far */
	unsigned turn;
	uint8_t *output; /* the one whose turn it is */
	size_t output_size;

	int64_t pulled;       /* bytes, compressed */
	int64_t produced;     /* bytes, uncompressed */
	uint64_t members;     /* gzip members, or zstd frames that are not skippable, begun so far */
	bool ended;           /* nothing more comes: the end, or `failure` */
	struct error failure; /* told when all that was decompressed before it has been read */
};

/* Each borrows `source`; free with reader_close(&decoder->reader). */
struct decoder *gzip_decoder_new(struct reader *source);
struct decoder *zstd_decoder_new(struct reader *source);

/* From here on windows of more than LIMIT_LAYER_WINDOW_LOG are taken from `windows`, borrowed. */
void zstd_decoder_share_windows(struct decoder *decoder, struct allowance *windows);

/* Keeps the last chunks: see reader.h. Before the first is read. */
void decoder_keep_outputs(struct decoder *self);

/* For the formats: fills in the reader and the memory. */
void decoder_init(struct decoder *self, struct reader *source,
				  int (*step)(struct decoder *self, struct error *err),
				  void (*release)(struct decoder *self));

/* For the formats: marks the first `size` bytes of the input as used. */
static inline void decoder_take(struct decoder *self, size_t size)
{
	self->input += size;
	self->input_size -= size;
}

#endif
