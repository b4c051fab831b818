/*
 * index_record: the bytes of each record of the index (layerproof-index(5)).
 *
 * Values are little-endian and read in place; keys that are numbers are big-endian, so that their
 * order is the order of the numbers. Every reader checks every size and every value against the
 * bytes that are there: a damaged record is ERROR_MALFORMED "damaged record of ...".
 */
#ifndef LAYERPROOF_INDEX_RECORD_H
#define LAYERPROOF_INDEX_RECORD_H

#include "layerproof/index.h"
#include "layerproof/store.h"

enum {
	RECORD_NUMBER_SIZE = 4,
	RECORD_KEY_MAX = 1 + DIGEST_BYTES_MAX,
	RECORD_STATE_SIZE = 128,
	RECORD_ENTRY_SIZE = 10,
	RECORD_PREFIX_MAX = 21,
	RECORD_CONTENT_SIZE = 32,
	RECORD_SUM_SIZE = 16,
};

/* Number of an image or a source as a key, and as a posting. */
void record_write_number(uint32_t number, uint8_t out[static RECORD_NUMBER_SIZE]);
int record_read_number(struct store_bytes bytes, uint32_t *out, struct error *err);

/* Version of the format. */
void record_write_version(uint32_t version, uint8_t out[static RECORD_NUMBER_SIZE]);
int record_read_version(struct store_bytes bytes, uint32_t *out, struct error *err);

/* Algorithm byte and raw bytes; returns how many. */
size_t record_write_key(const struct digest *digest, uint8_t out[static RECORD_KEY_MAX]);

/* Counts over the whole index, kept up to date so that nobody need walk it. */
struct record_state {
	uint32_t images;
	uint32_t sources;
	uint64_t identities[IDENTITY_COUNT];
	uint64_t origins[4];
	uint8_t sum[RECORD_SUM_SIZE]; /* of the content keys of all images, modulo 2^128 */
	int64_t updated_at;
};
void record_write_state(const struct record_state *state, uint8_t out[static RECORD_STATE_SIZE]);
int record_read_state(struct store_bytes bytes, struct record_state *out, struct error *err);

/* What is known of one digest. */
void record_write_entry(const struct index_entry *entry, uint8_t out[static RECORD_ENTRY_SIZE]);
int record_read_entry(struct store_bytes bytes, struct index_entry *out, struct error *err);

/* A node of the trie of layer stacks; DESIGN section 5, "Base boundary", is answered from these.
 * `repository` and `next` are those of the first image of ours that goes on above this stack: two
 * repositories part ways where there is more than one of both (see prefix.c). */
struct prefix_node {
	enum origin origin;     /* the strongest of the images that have this prefix */
	bool exact;             /* an image of ours is exactly this stack */
	bool continued;         /* an image of ours has a layer above: the fields below are set */
	bool many_repositories; /* of ours, with a layer above */
	bool many_nexts;        /* layers above, in images of ours */
	uint32_t image;         /* the exact one, else the first that has this prefix */
	uint64_t repository;    /* tag of the first repository */
	uint64_t next;          /* tag of the first layer above */
};
size_t record_write_prefix(const struct prefix_node *node, uint8_t out[static RECORD_PREFIX_MAX]);
int record_read_prefix(struct store_bytes bytes, struct prefix_node *out, struct error *err);

/* A source. record_write_source() allocates; free with free(). */
uint8_t *record_write_source(const struct index_source *source, size_t *size);
int record_read_source(struct store_bytes bytes, struct index_source *out, struct error *err);

/* An image. */
size_t record_image_size(const struct internal_image *image);
void record_write_image(const struct internal_image *image, uint8_t *out);
int record_read_image(struct store_bytes bytes, struct internal_image *out, struct error *err);

/* The key under which equal images are one: a hash over all but source and row, whatever the order
 * of the tops. */
void record_content_key(const struct internal_image *image,
						uint8_t out[static RECORD_CONTENT_SIZE]);

/* An image record, in place. */
struct record_image {
	enum origin origin;
	uint64_t row;
	struct store_bytes name, platform, source; /* platform.bytes is NULL when not known */
	const uint8_t *base;                       /* key of the base digest, NULL when none */
	struct store_bytes tops;                   /* each an identity byte and a key */
	struct store_bytes layers, diff_ids;       /* keys */
	uint32_t top_count, layer_count, diff_id_count;
};
int record_view_image(struct store_bytes bytes, struct record_image *out, struct error *err);

/* Bytes of the valid key that begins at `key`. */
size_t record_key_size(const uint8_t *key);
void record_read_key(const uint8_t *key, struct digest *out);

/* `count` keys of a viewed record as digests. Free with free(). */
struct digest *record_read_keys(struct store_bytes keys, size_t count);

#endif
