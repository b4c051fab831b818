/*
 * record_image: the bytes of an image in the index.
 *
 * First its content, which equal images share, then the lists that named it. A digest of an image
 * is a reference: the first bytes of a SHA-256, which is the one of those bytes whose entry holds
 * the image. An image with another algorithm, or with two digests of the same first bytes, has the
 * keys of its digests instead.
 */
#ifndef LAYERPROOF_INDEX_RECORD_IMAGE_H
#define LAYERPROOF_INDEX_RECORD_IMAGE_H

#include "pending.h"

/* Numbers of texts that images share (names.h). */
struct record_names {
	uint32_t repository;
	uint32_t platform;
	uint32_t base; /* text of the base digest */
};

/* An image record, in place. */
struct record_image {
	enum origin origin;
	bool has_platform, has_base;
	bool has_keys;        /* instead of references */
	bool is_named_by_top; /* the name ends with "@" and the digest of tops[named_by] */
	struct record_names names;
	struct store_bytes suffix; /* of the name, behind the repository */
	uint32_t named_by;
	uint32_t top_count, layer_count, diff_id_count;
	struct store_bytes tops;             /* each an identity byte and a reference or key */
	struct store_bytes layers, diff_ids; /* references or keys */
	size_t content_size;                 /* of the record's first part */
	uint32_t mention_count;
	struct store_bytes mentions; /* by ascending number of their source, one each */
};

/* One list that named the image. */
struct record_mention {
	uint32_t source;
	uint64_t row;
	struct store_bytes attributes;
};

/* An upper bound of what record_write_content() writes. */
size_t record_content_bound(const struct pending *pending);
size_t record_write_content(const struct pending *pending, const struct record_names *names,
							uint8_t *out);

/* The mentions: an upper bound of their size, and their bytes. */
size_t record_mentions_bound(const struct record_mention *mentions, size_t count);
size_t record_write_mentions(const struct record_mention *mentions, size_t count, uint8_t *out);

int record_view_image(struct store_bytes bytes, struct record_image *out, struct error *err);

/* The next mention of valid bytes. */
void record_take_mention(struct remaining *left, struct record_mention *out);

/* Bytes of the reference or key that begins at `at`. */
size_t record_reference_size(const struct record_image *image, const uint8_t *at);

/* The first bytes of the digest at this position of the stack, whatever it is written as. */
const uint8_t *record_layer_reference(const struct record_image *image, struct store_bytes stack,
									  size_t position);

/* Adds to the state's sum, modulo 2^128, or takes from it: what images are, in any order. An
 * image counts with its content, and each mention with its attributes, if it has any. */
void record_sum_image(uint8_t sum[static RECORD_SUM_SIZE],
					  const uint8_t content[static PENDING_CONTENT_SIZE], bool is_taken);
void record_sum_mention(uint8_t sum[static RECORD_SUM_SIZE],
						const uint8_t content[static PENDING_CONTENT_SIZE],
						struct store_bytes attributes, bool is_taken);

#endif
