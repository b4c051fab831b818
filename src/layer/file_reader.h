/*
 * file_reader: a reader over a part of a file, with a place of its own, so that any number of them
 * share one descriptor.
 */
#ifndef LAYER_FILE_READER_H
#define LAYER_FILE_READER_H

#include <stdint.h>

#include "layerproof/reader.h"

/* From `start` to the end of the file. The descriptor, of a regular file, and `name`, for error
 * texts, stay the caller's. */
struct reader *file_reader_new(int descriptor, int64_t start, const char *name);

/* Passes over `size` bytes without reading them, but not past the end of the file. Returns how
 * many. */
int64_t file_reader_skip(struct reader *reader, int64_t size);

#endif
