/*
 * reader: a stream of bytes that is pulled, chunk by chunk, without copying.
 *
 * Whoever has bytes (a file, an archive member, an HTTP body, a decoder over another reader) embeds
 * `struct reader` as the first member of its own struct and fills in the two functions.
 */
#ifndef LAYERPROOF_READER_H
#define LAYERPROOF_READER_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"

struct reader {
	/* Chunks that stay where they are: the last `kept` ones that next() gave; 0 stands for 1. */
	unsigned kept;
	/* Points `*bytes` at the next chunk, of `*size` bytes, borrowed until the next call on this
	 * reader, or for as long as `kept` says; `*size` is 0 at the end of the stream, and again at
	 * each call after it. -1 on failure; the reader can only be closed then. */
	int (*next)(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err);
	/* Frees the reader and all it owns. */
	void (*close)(struct reader *self);
};

static inline int reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
							  struct error *err)
{
	return reader->next(reader, bytes, size, err);
}

void reader_close(struct reader *reader); /* NULL is legal */
DEFINE_CLEANUP(struct reader, reader_close)

/* A reader over bytes that the caller keeps alive until the close. */
struct reader *reader_from_bytes(const void *bytes, size_t size);

/* A reader over a copy of bytes: takes ownership of `bytes` (from malloc). */
struct reader *reader_from_owned_bytes(void *bytes, size_t size);

/* A reader over an open file; closes `descriptor` at the end when `own` is not 0. `name` goes into
 * error texts. */
struct reader *reader_from_file(int descriptor, int own, const char *name);

/* Opens `path` for reading, "-" being standard input. Reading it ends with ERROR_INTERRUPTED when a
 * signal asks the run to end: a pipe that the user named may stay silent for ever. */
struct reader *reader_open(const char *path, struct error *err);

/* Reads to the end into `out`; its maximum bounds what is taken (ERROR_OVER_LIMIT). Does not close.
 */
int reader_read_all(struct reader *reader, struct buffer *out, struct error *err);

#endif
