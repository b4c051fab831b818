/*
 * What the files of the index share.
 */
#ifndef LAYERPROOF_INDEX_PRIVATE_H
#define LAYERPROOF_INDEX_PRIVATE_H

#include "index_record.h"
#include "layerproof/index.h"
#include "layerproof/store.h"

/* Databases, by position in the schema. */
enum index_database {
	DATABASE_META,            /* "version", "state" */
	DATABASE_DIGESTS,         /* digest key -> what is known of it, its images if few */
	DATABASE_POSTINGS,        /* digest key -> numbers of its images where they are many */
	DATABASE_IMAGES,          /* number -> image */
	DATABASE_SOURCES,         /* number -> source */
	DATABASE_NAMES,           /* number -> text that images share */
	DATABASE_NAME_HASHES,     /* hash of a text -> numbers of the names that have it */
	DATABASE_PREFIXES,        /* stack kind and ChainID -> prefix node */
	DATABASE_FILES,           /* SHA-256 of a file -> numbers of the layers that hold it */
	DATABASE_FILE_LAYERS,     /* digest key of a layer -> its number, and what its files sum to */
	DATABASE_FILE_LAYER_KEYS, /* number of a layer with files -> its digest key */
	DATABASE_COUNT
};

struct index {
	struct store *store;
	char *directory;
	int claim; /* the turn to write, -1 without one */
};

struct index_snapshot {
	struct index *index;
	struct store_txn *txn;
	struct record_state state;
	uint8_t
		*layer_origins; /* of layers with files, by number: the origin and 1; 0: not looked up */
	size_t layer_origin_count;
};

/* A key that is a text. */
struct store_bytes index_text_key(const char *text);

/* The state: ERROR_MALFORMED when it is not there. */
int index_read_state(struct store_txn *txn, struct record_state *out, struct error *err);

/* Calls `visit` with each record of a database until it returns something other than 0, which is
 * returned then. */
int index_each_record(struct index_snapshot *snapshot, enum index_database database,
					  int (*visit)(void *context, struct store_bytes key, struct store_bytes value,
								   struct error *err),
					  void *context, struct error *err);

/* Takes the turn to write in `directory`, -1 when a signal or, with INDEX_WRITE_NOW, another writer
 * is in the way. */
int index_claim(const char *directory, enum index_mode mode, int *claim, struct error *err);

/* Puts "index DIR: " before the text; returns -1. */
int index_fail(const struct index *index, struct error *err);

#endif
