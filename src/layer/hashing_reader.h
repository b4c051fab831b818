/*
 * hashing_reader: passes the chunks of another reader on, unchanged, and counts, bounds and hashes
 * them on the way.
 */
#ifndef LAYER_HASHING_READER_H
#define LAYER_HASHING_READER_H

#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

struct hashing_reader {
	struct reader reader;
	struct reader *source;        /* borrowed */
	struct digest_stream *stream; /* NULL: counted only */
	const char *name;             /* what the bytes are, for error texts */
	int64_t limit;                /* bytes let through at most */
	int64_t size;                 /* bytes passed on so far */
	struct error failure;         /* why the bytes ended early; nothing may be pulled after it */
};

/* `source` and `name` must outlive the reader. DIGEST_NONE: the bytes are counted only. */
struct hashing_reader *hashing_reader_new(struct reader *source, enum digest_algorithm algorithm,
										  int64_t limit, const char *name);
void hashing_reader_free(struct hashing_reader *self); /* NULL is legal */
DEFINE_CLEANUP(struct hashing_reader, hashing_reader_free)

/* Pulls what nobody has pulled yet, so that every byte is hashed, and writes the digest (an unset
 * one for DIGEST_NONE). -1, and no digest, when the bytes ended in a failure, now or before. */
int hashing_reader_finish(struct hashing_reader *self, struct digest *out, struct error *err);

#endif
