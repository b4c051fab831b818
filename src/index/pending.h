/*
 * pending: an image that waits for its commit, as bytes that need nothing beside them.
 *
 * The program's own bytes, in its memory or in a temporary file of its own that no other process
 * can open: they are checked as records are, which costs little, and never trusted.
 */
#ifndef LAYERPROOF_INDEX_PENDING_H
#define LAYERPROOF_INDEX_PENDING_H

#include "bytes.h"
#include "index_record.h"

enum { PENDING_CONTENT_SIZE = 16 };

struct pending {
	uint8_t content[PENDING_CONTENT_SIZE]; /* equal images, and only they, have equal ones */
	enum origin origin;
	struct store_bytes name, platform; /* platform.bytes is NULL when not known */
	struct store_bytes base;           /* key of the base digest; none: of size 0 */
	uint32_t top_count, layer_count, diff_id_count;
	struct store_bytes tops;             /* each an identity byte and a key, in order */
	struct store_bytes layers, diff_ids; /* keys */
	uint32_t mention_count;
	struct store_bytes mentions; /* see pending_take_mention() */
};

/* One list that named it. */
struct pending_mention {
	bool is_own; /* of the commit that it waits for; `source` holds where that has none */
	struct store_bytes source;
	struct digest file;
	uint64_t row;
	struct store_bytes attributes;
};

/* An upper bound of what pending_write() writes. */
size_t pending_bound(const struct internal_image *image);

/* Returns how many bytes it wrote. `image` has a digest. */
size_t pending_write(const struct internal_image *image, uint8_t *out);

int pending_read(struct store_bytes bytes, struct pending *out, struct error *err);

/* The next mention of valid bytes. */
void pending_take_mention(struct remaining *left, struct pending_mention *out);

/* The name without its tag and digest: their repository. The tag's colon comes behind the last
 * slash, where a port's does not. */
size_t pending_repository_length(struct store_bytes name);

#endif
