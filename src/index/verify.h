/*
 * verify: the parts of index_verify(); each looks at one kind of record.
 */
#ifndef LAYERPROOF_INDEX_VERIFY_PRIVATE_H
#define LAYERPROOF_INDEX_VERIFY_PRIVATE_H

#include "index_private.h"
#include "layerproof/index_verify.h"

/* Who is told what, while it is looked at. */
struct verify_listener {
	int (*damage)(void *context, const char *text); /* as index_verify() has it */
	/* It begins, after all that was looked at so far; NULL: not to be told. */
	void (*part)(void *context, const char *name, const struct index_verification *counts);
	void *context;
};

struct verify {
	struct index_snapshot *snapshot;
	struct store_txn *txn;
	struct index_verification *counts;
	struct record_state seen; /* what the state should say */
	uint64_t stack_digests;   /* layers and diff_ids of all images */
	uint64_t file_layers;     /* layers whose files are known */
	uint64_t unread;          /* images that cannot be read: what they say is not known */
	const struct verify_listener *listener;
};

/* Looks at every record of one snapshot, in bounded memory: 0, or -1 as index_verify(). */
int verify_all(struct index_snapshot *snapshot, const struct verify_listener *listener,
			   struct index_verification *out, struct error *err);

/* Tells a damage: 0 to go on, -1 to end. */
int verify_damage(struct verify *verify, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same with the reason of a failed reading, which is put into `err` where it is no damage. */
int verify_failure(struct verify *verify, const struct error *reason, struct error *err,
				   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Calls `visit` with each key of a database, and ends where it does not return 0. */
int verify_walk(struct verify *verify, size_t database, const char *what,
				int (*visit)(struct verify *verify, struct store_bytes key,
							 struct store_bytes value, struct error *err),
				struct error *err);

/* The key of a digest as people write it, in `text`; another key as a damage: 1, 0 or -1. */
int verify_key(struct verify *verify, struct store_bytes key, const char *what,
			   char text[static DIGEST_TEXT_SIZE]);

int verify_names(struct verify *verify, struct error *err);
int verify_images(struct verify *verify, struct error *err);
int verify_digests(struct verify *verify, struct error *err);
int verify_files(struct verify *verify, struct error *err);
int verify_stacks(struct verify *verify, struct error *err);

#endif
