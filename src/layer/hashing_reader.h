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

enum { HASHING_DIGESTS = 2 };

struct hashing_options {
	/* Those that are DIGEST_NONE are not computed; without any the bytes are counted only. */
	enum digest_algorithm algorithms[HASHING_DIGESTS];
	struct hashers *hashers; /* borrowed; NULL: hashed on the calling thread */
	bool is_waited_for;      /* the source's bytes come from elsewhere: who pulls waits */
	int64_t limit;           /* bytes let through at most */
	int64_t seconds_limit;   /* from the making of the reader; 0: none */
	const char *name;        /* what the bytes are, for error texts; borrowed */
	void (*on_progress)(void *context, int64_t size); /* NULL; after each chunk */
	void *context;
};

struct hashing_reader {
	struct reader reader;
	struct reader *source; /* borrowed */
	struct hashing_options options;
	struct hash_line *lines[HASHING_DIGESTS]; /* NULL where there is no algorithm */
	int64_t begun_ms;
	int64_t size;         /* bytes passed on so far */
	struct error failure; /* why the bytes ended early; nothing may be pulled after it */
};

/* `source` must outlive the reader. */
struct hashing_reader *hashing_reader_new(struct reader *source,
										  const struct hashing_options *options);
void hashing_reader_free(struct hashing_reader *self); /* NULL is legal */
DEFINE_CLEANUP(struct hashing_reader, hashing_reader_free)

/* Pulls what nobody has pulled yet, so that every byte is hashed, and writes the digests (unset
 * ones for DIGEST_NONE). -1, and no digest, when the bytes ended in a failure, now or before. */
int hashing_reader_finish(struct hashing_reader *self, struct digest out[static HASHING_DIGESTS],
						  struct error *err);

#endif
