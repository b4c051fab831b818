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

#include "layerproof/crew.h"
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

/* What one reader of a tar sees and another does not, so that bytes may be hidden from a scanner
 * that a container runtime unpacks: each a bit of layer_result.oddities. The digests do not depend
 * on it. */
enum layer_oddity {
	LAYER_DUPLICATE_PATH = 1 << 0, /* two entries have one path, and not both are directories */
	LAYER_SIZE_CONFLICT = 1 << 1,  /* two headers give an entry different sizes, or a hard link has
									  content, or the headers are such that container runtimes
									  find other entries, or content of another size */
};

/* A regular file of a layer; hard links to one are not listed, whiteouts are. */
struct layer_file {
	const char *path;     /* as in the tar, without leading "./" and "/"; any bytes but NUL */
	int64_t size;         /* bytes, the holes of a sparse file included */
	uint32_t mode;        /* permissions, 07777 at most */
	struct digest digest; /* sha256 of the content, holes as zeros */
};

struct layer_options {
	struct crew *crew; /* borrowed; NULL: no memory is shared, and no other core helps */
	enum digest_algorithm blob_algorithm; /* DIGEST_NONE: sha256 */
	enum digest_algorithm tar_algorithm;  /* DIGEST_NONE: sha256 */
	bool has_both_algorithms;             /* the other one is computed in the same pass */
	int64_t compressed_limit;             /* bytes; 0: LIMIT_LAYER_COMPRESSED */
	int64_t uncompressed_limit;           /* bytes; 0: LIMIT_LAYER_UNCOMPRESSED */
	uint64_t entry_limit;                 /* tar entries; 0: LIMIT_TAR_ENTRIES */
	int64_t seconds_limit;                /* for the whole layer; 0: LIMIT_LAYER_SECONDS */
	int64_t hole_limit; /* bytes of holes in all files: one that passes it is left out and counted;
						   0: only `uncompressed_limit` bounds what is hashed */

	/* NULL; or called for each file as soon as it is hashed, in the order of the tar, with what is
	 * borrowed until it returns. -1 ends layer_read() with its error. */
	int (*on_file)(void *context, const struct layer_file *file, struct error *err);
	/* NULL; or called after each chunk with the bytes of the blob read so far. */
	void (*on_progress)(void *context, int64_t size);
	void *context; /* of both */
};

/* Open value, filled by layer_read(). Each part says for itself whether it is to be believed. */
struct layer_result {
	struct digest digest;       /* of the bytes served; unset when they ended in a failure */
	struct digest other_digest; /* of the same, by the other algorithm if it was asked for */
	int64_t size;               /* bytes served */
	enum layer_format format;
	uint64_t members; /* gzip members, or zstd frames with content; 0 for the others */

	/* Of the uncompressed tar; unset when it could not be had: see `decode_error`. */
	struct digest diff_id;
	struct digest other_diff_id; /* of the same, by the other algorithm if it was asked for */
	int64_t uncompressed;        /* bytes */
	struct error decode_error;   /* why the decompression stopped: ERROR_MALFORMED, _OVER_LIMIT,
									_UNSUPPORTED, or why the blob ended; or ERROR_NONE */

	uint64_t entries;        /* tar entries */
	uint64_t content_files;  /* regular files that are not empty (hard links are not counted) */
	uint64_t unhashed_files; /* of them, left out for `hole_limit` */
	unsigned oddities;       /* of enum layer_oddity, as far as the tar was walked */
	struct error walk_error; /* why the tar was not walked to its end, if only because it could not
								be decoded; or ERROR_NONE */
	int64_t
		hashed_at; /* seconds since 1970, where the bytes were hashed in an earlier run; else 0 */
	bool has_os_release; /* usr/lib/os-release or etc/os-release was seen: an operating system's
							root */
};

/* Whether the layer is known to hold no content: walked to the end, no non-empty regular file, and
 * no size in conflict. */
bool layer_is_empty(const struct layer_result *result);

/* Reads `blob` to its end (the caller closes it). 0 when every byte of the blob was hashed,
 * whatever became of the decoding; -1 when the blob itself could not be read to its end (the
 * reader's error, or ERROR_OVER_LIMIT for its compressed size or its time, or ERROR_INTERRUPTED, or
 * what on_file() said): `out` then holds what was learnt, without `digest`. */
int layer_read(struct reader *blob, const struct layer_options *options, struct layer_result *out,
			   struct error *err);

#endif
