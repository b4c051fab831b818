/*
 * lines: bounded lines from a file descriptor, one at a time, in constant memory.
 */
#ifndef LAYERPROOF_LINES_H
#define LAYERPROOF_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"

struct lines;

enum lines_result {
	LINES_ERROR = -1,
	LINES_END = 0,  /* no more input; or a signal asks the run to end: what was read is dropped */
	LINES_LINE = 1, /* `*line` holds it, without its end (LF or CRLF), NUL behind it */
	LINES_LONG =
		2, /* longer than the maximum: `*line` holds its first bytes; the rest was skipped */
};

/* `maximum` bytes of a line are read, its end not counted. `name` goes into error texts. The
 * descriptor stays the caller's. */
struct lines *lines_new(int descriptor, size_t maximum, const char *name);
void lines_free(struct lines *lines); /* NULL is legal */

/* The text is borrowed until the next call; it may hold NUL bytes, hence `size`. `*number` counts
 * from 1. */
enum lines_result lines_next(struct lines *lines, const char **line, size_t *size, uint64_t *number,
							 struct error *err);

#endif
