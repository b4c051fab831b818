/*
 * decompress: a file that may be compressed with gzip or zstd, as its plain bytes.
 */
#ifndef LAYERPROOF_DECOMPRESS_H
#define LAYERPROOF_DECOMPRESS_H

#include "layerproof/reader.h"

/* Reads `source`, which stays the caller's and must outlive the reader: decompressed where its
 * first bytes are those of gzip or zstd, of any number of members, else as it is. ERROR_MALFORMED
 * for damage, also behind the last member; what came before it has been read by then. */
struct reader *decompress_new(struct reader *source);

#endif
