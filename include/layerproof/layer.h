/*
 * layer: blob bytes in, digests out, in one pass and bounded memory.
 *
 * The blob is hashed as it comes, told apart by its first bytes (gzip of any number of members,
 * zstd frames, plain tar, nothing), decompressed, hashed again as a tar, and walked for content.
 * Nothing is written to disk. The digests never depend on the tar being well formed, nor the blob's
 * digest on the decompression succeeding.
 */
#ifndef LAYERPROOF_LAYER_H
#define LAYERPROOF_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/reader.h"

enum layer_format {
	LAYER_UNKNOWN, /* none of the others: bzip2, xz, encrypted...: hashed as a blob only */
	LAYER_EMPTY,   /* no bytes at all */
	LAYER_TAR,
	LAYER_GZIP,
	LAYER_ZSTD,
};

struct layer_options {
	enum digest_algorithm blob_algorithm; /* DIGEST_NONE: sha256 */
	enum digest_algorithm tar_algorithm;  /* DIGEST_NONE: sha256 */
	int64_t compressed_limit;             /* bytes; 0: LIMIT_LAYER_COMPRESSED */
	int64_t uncompressed_limit;           /* bytes; 0: LIMIT_LAYER_UNCOMPRESSED */
	uint64_t entry_limit;                 /* tar entries; 0: LIMIT_TAR_ENTRIES */
};

/* Open value, filled by layer_read(). Each part says for itself whether it is to be believed. */
struct layer_result {
	struct digest digest; /* of the bytes served; unset when they ended in a failure */
	int64_t size;         /* bytes served */
	enum layer_format format;
	uint64_t members; /* gzip members, or zstd frames with content; 0 for the others */

	/* Of the uncompressed tar; unset when it could not be had: see `decode_error`. */
	struct digest diff_id;
	int64_t uncompressed;      /* bytes */
	struct error decode_error; /* why the decompression stopped: ERROR_MALFORMED, _OVER_LIMIT,
								  _UNSUPPORTED, or why the blob ended; or ERROR_NONE */

	uint64_t entries;        /* tar entries */
	uint64_t content_files;  /* regular files that are not empty (hard links are not counted) */
	struct error walk_error; /* why the tar was not walked to its end, if only because it could not
								be decoded; or ERROR_NONE */
	int64_t
		hashed_at; /* seconds since 1970, where the bytes were hashed in an earlier run; else 0 */
	bool has_os_release; /* usr/lib/os-release or etc/os-release was seen: an operating system's
							root */
};

/* Whether the layer is known to hold no content: walked to the end, and no non-empty regular file.
 */
bool layer_is_empty(const struct layer_result *result);

/* Reads `blob` to its end (the caller closes it). 0 when every byte of the blob was hashed,
 * whatever became of the decoding; -1 when the blob itself could not be read to its end (the
 * reader's error, or ERROR_OVER_LIMIT for its compressed size, or ERROR_INTERRUPTED): `out` then
 * holds what was learnt, without `digest`. */
int layer_read(struct reader *blob, const struct layer_options *options, struct layer_result *out,
			   struct error *err);

#endif
