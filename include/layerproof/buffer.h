/*
 * buffer: bytes that grow up to a maximum given at the start.
 *
 * Everything read from the wire or from a file lands in one of these, so that nobody outside can
 * fill the memory.
 */
#ifndef LAYERPROOF_BUFFER_H
#define LAYERPROOF_BUFFER_H

#include <stddef.h>

#include "layerproof/error.h"

/* `bytes` is NULL before the first addition and otherwise has a NUL behind `size`, so that text may
 * be read as such. */
struct buffer {
	char *bytes;
	size_t size;
	size_t capacity;
	size_t maximum;
};

/* An empty buffer that will hold `limit` bytes at most, fewer than SIZE_MAX / 2. */
#define BUFFER_INIT(limit)                                                                         \
	{                                                                                              \
		.maximum = (size_t)(limit)                                                                 \
	}

/* Frees the bytes; the buffer is empty and usable again, with the same maximum. */
void buffer_clear(struct buffer *buffer);

/* Forgets the bytes but keeps the memory for the next use. */
void buffer_reset(struct buffer *buffer);

/* Appends bytes that are not the buffer's own; ERROR_OVER_LIMIT, and nothing appended, when the
 * maximum would be passed. */
int buffer_add(struct buffer *buffer, const void *bytes, size_t size, struct error *err);

/* printf at the end; same errors. */
int buffer_add_format(struct buffer *buffer, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Hands on the bytes (free with free()) and leaves the buffer empty. Never NULL. */
char *buffer_steal(struct buffer *buffer);

#endif
