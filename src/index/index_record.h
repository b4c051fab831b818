/*
 * index_record: the bytes of each record of the index (layerproof-index(5)).
 *
 * Numbers that are keys are big-endian, so that their order is the order of the numbers. Every
 * reader checks every size and every value against the bytes that are there: a damaged record is
 * ERROR_MALFORMED "damaged record of ...". Records say some things twice, which can be held against
 * each other:
 *   - each digest of an image has an entry that holds the image's number, and the other way round;
 *     its identities, origin and count follow from the images that hold it;
 *   - an entry of more than RECORD_HOLDERS_INLINE images has as many postings as it counts, and a
 *     digest with fewer has none;
 *   - each node of the trie follows from the images whose stacks pass it (prefix_merge()), and each
 *     image has a node for each of its stacks;
 *   - the numbers of names, and of the sources of mentions, are there; each name's hash names it;
 *   - the state counts images, identities (each digest once for each, each node of diff_ids once as
 *     chain_id) and origins, sums the images (record_image_sum()), and its `next` numbers lie above
 *     all that are in use.
 */
#ifndef LAYERPROOF_INDEX_RECORD_H
#define LAYERPROOF_INDEX_RECORD_H

#include "layerproof/index.h"
#include "layerproof/store.h"

enum {
	RECORD_NUMBER_SIZE = 4,
	RECORD_KEY_MAX = 1 + DIGEST_BYTES_MAX,
	RECORD_STATE_SIZE = 136,
	RECORD_HOLDERS_INLINE = 14, /* more are in the postings */
	RECORD_ENTRY_MAX = 2 + 4 * RECORD_HOLDERS_INLINE,
	RECORD_PREFIX_MAX = 15,
	RECORD_SUM_SIZE = 16,
	RECORD_REFERENCE_SIZE = 6, /* the first bytes of a SHA-256 */
};

/* Number of an image, a name or a source as a key, and of an image as a posting. */
void record_write_number(uint32_t number, uint8_t out[static RECORD_NUMBER_SIZE]);
int record_read_number(struct store_bytes bytes, uint32_t *out, struct error *err);

/* Version of the format. */
void record_write_version(uint32_t version, uint8_t out[static RECORD_NUMBER_SIZE]);
int record_read_version(struct store_bytes bytes, uint32_t *out, struct error *err);

/* Algorithm byte and raw bytes; returns how many. */
size_t record_write_key(const struct digest *digest, uint8_t out[static RECORD_KEY_MAX]);

/* Bytes of the valid key that begins at `key`. */
size_t record_key_size(const uint8_t *key);
void record_read_key(const uint8_t *key, struct digest *out);

/* Counts over the whole index, kept up to date so that nobody need walk it. */
struct record_state {
	uint32_t images;
	uint32_t next_image;
	uint32_t next_source;
	uint32_t next_name;
	uint64_t identities[IDENTITY_COUNT];
	uint64_t origins[4];
	uint8_t sum[RECORD_SUM_SIZE]; /* of record_image_sum() of all images, modulo 2^128 */
	int64_t updated_at;
};
void record_write_state(const struct record_state *state, uint8_t out[static RECORD_STATE_SIZE]);
int record_read_state(struct store_bytes bytes, struct record_state *out, struct error *err);

/* What is known of one digest. */
struct record_entry {
	unsigned identities;
	enum origin origin;
	uint32_t images;
	uint32_t first;
	const uint8_t *holders; /* `images` numbers of four bytes, upward; NULL: in the postings */
};
/* `holders` is what lies inline; returns the size. */
size_t record_write_entry(const struct record_entry *entry, uint8_t out[static RECORD_ENTRY_MAX]);
int record_read_entry(struct store_bytes bytes, struct record_entry *out, struct error *err);

/* A node of the trie of layer stacks; DESIGN section 5, "Base boundary", is answered from these.
 * `repository` and `next` are those of the first image of ours that goes on above this stack: two
 * repositories part ways where there is more than one of both (see prefix.c). They are in the
 * record only where they are still of use and are not those of `image`. */
struct prefix_node {
	enum origin origin;                  /* the strongest of the images that have this prefix */
	bool exact;                          /* an image of ours is exactly this stack */
	bool continued;                      /* an image of ours has a layer above */
	bool many_repositories;              /* of ours, with a layer above */
	bool many_nexts;                     /* layers above, in images of ours */
	bool derived;                        /* `repository` and `next` are those of `image` */
	uint32_t image;                      /* the exact one, else the first that has this prefix */
	uint32_t repository;                 /* number of its name */
	uint8_t next[RECORD_REFERENCE_SIZE]; /* reference of the layer above */
};
size_t record_write_prefix(const struct prefix_node *node, uint8_t out[static RECORD_PREFIX_MAX]);
int record_read_prefix(struct store_bytes bytes, struct prefix_node *out, struct error *err);

/* A source. record_write_source() allocates; free with free(). Images that were added have one
 * without a SHA-256 for each name of theirs. */
uint8_t *record_write_source(const struct index_source *source, size_t *size);
int record_read_source(struct store_bytes bytes, struct index_source *out, struct error *err);

#endif
