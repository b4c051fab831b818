/*
 * bounded_reader: a reader that ends in an error where the declared size is passed, and counts.
 */
#ifndef LAYERPROOF_SOURCE_BOUNDED_READER_H
#define LAYERPROOF_SOURCE_BOUNDED_READER_H

#include <stdint.h>

#include "layerproof/reader.h"

/* Takes ownership of `inner`. One byte more than `declared` is ERROR_TAMPERED; -1 sets no bound.
 * Bytes handed on are added to `*count`, which is borrowed; NULL counts nothing. */
struct reader *bounded_reader_new(struct reader *inner, int64_t declared, uint64_t *count);

#endif
