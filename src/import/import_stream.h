/*
 * import_stream: the bytes of an export, hashed as they pass, with a look at the first ones.
 */
#ifndef LAYERPROOF_IMPORT_STREAM_H
#define LAYERPROOF_IMPORT_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/reader.h"

/* Reads `file`, which stays the caller's, decompressed where it is compressed with gzip or zstd,
 * and without a UTF-8 byte order mark. */
struct reader *import_stream_new(struct reader *file);

/* Points at the first bytes that will be read, from the first that is not blank, without taking
 * them: up to 64 KiB, or fewer at the end of the file; none when it is blank. */
int import_stream_look(struct reader *stream, const uint8_t **head, size_t *size,
					   struct error *err);

/* Reads what is left, so that all bytes are hashed, and gives the SHA-256 of the file as it
 * is, compressed or not. */
int import_stream_finish(struct reader *stream, struct digest *out, struct error *err);

#endif
