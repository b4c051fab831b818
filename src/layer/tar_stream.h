/*
 * tar_stream: the entries of a tar that comes from a reader, through libarchive.
 *
 * libarchive borrows the reader's chunks. It bounds a single extended header itself, but not all
 * that may stand before one entry (a chain of headers, a sparse map of any length): the bytes that
 * an entry's headers take are bounded here, by LIMIT_TAR_HEADER.
 */
#ifndef LAYER_TAR_STREAM_H
#define LAYER_TAR_STREAM_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/reader.h"
#include "tar_framing.h"
#include "ustar.h"

/* Passes over up to `size` bytes of the source without reading them; returns how many. */
typedef int64_t tar_stream_skip(struct reader *source, int64_t size);

/* Open value: made with tar_stream_open(), on the stack or in another struct; it must not move. */
struct tar_stream {
	struct archive *archive;
	struct reader *source; /* borrowed */
	tar_stream_skip *skip; /* NULL: every byte is read */
	bool in_header;
	int64_t header_pulled; /* bytes pulled for the headers of the entry at hand */
	int64_t pulled;        /* bytes pulled in all */
	int64_t content_end;   /* where the last byte pulled that is not zero ends */
	const uint8_t *chunk;  /* pulled last */
	size_t chunk_size;
	uint8_t before[USTAR_BLOCK_SIZE]; /* the bytes in front of that chunk */
	struct tar_framing framing;       /* of an archive that is read whole */
	bool readers_differ; /* the tar reader of container runtimes finds other entries, or sizes */
	uint64_t entries;
	struct error failure; /* of the source, or a bound: why libarchive got no more bytes */
};

enum tar_stream_result {
	TAR_STREAM_ERROR = -1,
	TAR_STREAM_END = 0,
	TAR_STREAM_ENTRY = 1,
};

/* With `skip`, the content of entries that nobody asks for is not read. */
int tar_stream_open(struct tar_stream *self, struct reader *source, tar_stream_skip *skip,
					struct error *err);
void tar_stream_close(struct tar_stream *self); /* a zeroed one is legal */

/* The next entry, borrowed until the next call. The content of the one before is skipped. */
enum tar_stream_result tar_stream_next(struct tar_stream *self, struct archive_entry **entry,
									   struct error *err);

/* The next piece of the content of the entry at hand, borrowed until the next call, and its place
 * in the file: what lies between the pieces of a sparse file is zeros. `*size` is 0 at the end. */
int tar_stream_content(struct tar_stream *self, const uint8_t **bytes, size_t *size,
					   int64_t *offset, struct error *err);

/* Reads what follows the end of an archive read without `skip`: ERROR_MALFORMED when it is not all
 * zeros, for then something was put where tar readers do not look. */
int tar_stream_finish(struct tar_stream *self, struct error *err);

/* Whether readers of the tar may take the content of the entry at hand, and so the entries behind
 * it, for something else: one size is in its plain header, which any size up to 8 GiB fits into,
 * and another in an extended header before it; or it is a hard link with content, which some skip.
 */
bool tar_stream_is_in_conflict(const struct tar_stream *self, struct archive_entry *entry);

/* The name of the entry at hand without leading "./" and "/", borrowed; "" when it cannot be told.
 * With `skip`, it may be the Unicode normalization of what an extended header says. */
const char *tar_stream_name(const struct tar_stream *self, struct archive_entry *entry);

/* Regular, with content of its own: no hard link to another entry, unless it brings content. */
bool tar_stream_is_file(struct archive_entry *entry);

#endif
