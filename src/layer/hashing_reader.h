/*
 * hashing_reader: passes the chunks of another reader on, unchanged, and counts, bounds and hashes
 * them on the way, perhaps on another core.
 */
#ifndef LAYER_HASHING_READER_H
#define LAYER_HASHING_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "hashers.h"
#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

struct hashing_options {
	enum digest_algorithm algorithm; /* DIGEST_NONE: the bytes are counted only */
	struct hashers *hashers;         /* borrowed; NULL: hashed on the calling thread */
	bool is_waited_for;              /* the source's bytes come from elsewhere: who pulls waits */
	int64_t limit;                   /* bytes let through at most */
	int64_t seconds_limit;           /* from the making of the reader; 0: none */
	const char *name;                /* what the bytes are, for error texts; borrowed */
	void (*on_progress)(void *context, int64_t size); /* NULL; after each chunk */
	void *context;
};

struct hashing_reader {
	struct reader reader;
	struct reader *source; /* borrowed */
	struct hashing_options options;
	struct hash_line *line; /* NULL: counted only */
	int64_t begun_ms;
	int64_t size;         /* bytes passed on so far */
	struct error failure; /* why the bytes ended early; nothing may be pulled after it */
};

/* `source` must outlive the reader. */
struct hashing_reader *hashing_reader_new(struct reader *source,
										  const struct hashing_options *options);
void hashing_reader_free(struct hashing_reader *self); /* NULL is legal */
DEFINE_CLEANUP(struct hashing_reader, hashing_reader_free)

/* Reads what nobody has pulled yet, and gives the digest of all of it (unset for DIGEST_NONE). -1
 * with the first failure, of the source or for the limit. */
int hashing_reader_finish(struct hashing_reader *self, struct digest *out, struct error *err);

#endif
