/*
 * file_record: the bytes of what the index says of files. Records say some things twice:
 *   - each layer with files has a number, which leads back to it, and is a digest of the index;
 *   - it counts its files and sums them, and the state sums those sums with the images'.
 */
#ifndef LAYERPROOF_INDEX_FILE_RECORD_H
#define LAYERPROOF_INDEX_FILE_RECORD_H

#include "index_private.h"
#include "layerproof/index_files.h"

/* A file's key is its bare SHA-256. */
enum { FILE_KEY_SIZE = 32, FILE_LAYER_SIZE = 2 * 4 + 1 + RECORD_SUM_SIZE };

enum { FILE_POSITION = 6 }; /* the bit of IDENTITY_FILE, as identities are counted */
_Static_assert(1 << FILE_POSITION == IDENTITY_FILE, "the bit of IDENTITY_FILE");

/* What is collected of a file: the key of its layer, filled up with zeros, the layer's flags, and
 * its own key. */
enum {
	FILED_FLAGS = RECORD_KEY_MAX,
	FILED_FILE = FILED_FLAGS + 1,
	FILED_SIZE = FILED_FILE + FILE_KEY_SIZE,
};

/* Of a layer. */
enum { FILE_PACKAGES = 1 << 0, FILE_FLAGS_KNOWN = (1 << 1) - 1 };

/* What is written of it: its key and the number of its layer. */
enum { FILE_POSTING_SIZE = FILE_KEY_SIZE + RECORD_NUMBER_SIZE };

struct file_layer {
	uint32_t number;
	uint32_t files;
	uint8_t flags;
	uint8_t sum[RECORD_SUM_SIZE]; /* the first bytes of the SHA-256 of its key, its flags, and its
									 files' keys, upward */
};

/* Writes what is collected. */
void file_collect(uint8_t *filed, const struct index_file_layer *layer, const uint8_t *file);

void file_layer_write(const struct file_layer *layer, uint8_t out[static FILE_LAYER_SIZE]);

/* The record of the layer of this key: 1, 0 or -1. */
int file_layer_get(struct store_txn *txn, struct store_bytes key, struct file_layer *out,
				   struct error *err);
int file_layer_read(struct store_bytes bytes, struct file_layer *out, struct error *err);

/* The key of the layer of this number: 1, 0 or -1. */
int file_layer_key(struct store_txn *txn, uint32_t number, struct store_bytes *out,
				   struct error *err);

/* Whether the bytes are a digest's key. */
bool file_is_layer_key(struct store_bytes key);

#endif
