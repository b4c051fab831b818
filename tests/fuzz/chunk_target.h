/*
 * chunk_target: the bytes of a fuzz target as a reader that gives them in chunks of any size.
 */
#ifndef TESTS_CHUNK_TARGET_H
#define TESTS_CHUNK_TARGET_H

#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/reader.h"

static inline void require(int condition)
{
	if (!condition)
		abort();
}

/* Serves each chunk in memory of exactly its size, so that a read past its end is seen. */
struct chunk_reader {
	struct reader reader;
	const uint8_t *data;
	size_t size;
	size_t chunk;
	uint8_t *held;
};

static inline int chunk_reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
									struct error *err)
{
	struct chunk_reader *self = (struct chunk_reader *)reader;
	(void)err;
	free(STEAL(self->held));
	*size = self->size < self->chunk ? self->size : self->chunk;
	if (*size == 0)
		return 0;
	self->held = memory_alloc(*size, 1);
	memcpy(self->held, self->data, *size);
	*bytes = self->held;
	self->data += *size;
	self->size -= *size;
	return 0;
}

static inline void chunk_reader_close(struct reader *reader)
{
	free(((struct chunk_reader *)reader)->held);
}

/* `data` stays the caller's; reader_close() frees what the reader holds. */
static inline struct chunk_reader chunk_reader_over(const uint8_t *data, size_t size, size_t chunk)
{
	return (struct chunk_reader){
		.reader = {.next = chunk_reader_next, .close = chunk_reader_close},
		.data = data,
		.size = size,
		.chunk = chunk,
	};
}

#endif
