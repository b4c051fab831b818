/*
 * blob_format: what a blob is, told by its first bytes and never by its media type or name.
 */
#ifndef LAYER_BLOB_FORMAT_H
#define LAYER_BLOB_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/layer.h"

/* `bytes`: the first 512 of the blob at least, or all of it when it is shorter. */
enum layer_format blob_format_tell(const uint8_t *bytes, size_t size);

/* For people: what a LAYER_UNKNOWN blob looks like ("bzip2", "JSON"...); NULL when it looks like
 * nothing. */
const char *blob_format_guess(const uint8_t *bytes, size_t size);

#endif
