/*
 * store: LMDB environments, transactions and growth. The only user of LMDB.
 *
 * One writer, many readers, over threads and processes: readers see the state before or after a
 * write, never between. The map grows by itself. Files are 0600, the directory 0700. See lmdb.h,
 * "Caveats", for the rules kept here. Two are the caller's: a process opens one environment once at
 * a time, and a thread that holds a snapshot does not call store_update() or store_reserve(), which
 * may wait for all snapshots of the process to end. Error texts give the reason alone; the caller
 * says which store it was.
 */
#ifndef LAYERPROOF_STORE_H
#define LAYERPROOF_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/memory.h"

struct store;
struct store_txn;
struct store_cursor;

enum store_mode { STORE_READ, STORE_WRITE };

/* Bytes of a key or a value; those given back are borrowed until the transaction ends or, in a
 * write transaction, the next change. */
struct store_bytes {
	const void *bytes;
	size_t size;
};

/* Databases of the environment, by position in `names` (at most 16). Created when missing in
 * STORE_WRITE. */
struct store_schema {
	const char *const *names;
	const bool *duplicates; /* per database: many sorted fixed-size values per key
							   (MDB_DUPSORT|MDB_DUPFIXED) */
	size_t count;
};

/* Makes the directory and its parents, for their owner alone. Those that are there stay as they
 * are. ERROR_SYSTEM. */
int store_make_directory(const char *directory, struct error *err);

/* Takes the turn to write in `directory`, which must be there, before it is opened for that: for
 * writers that take long. 1 taken, and `*claim` is for store_unclaim(); 0 another process has it,
 * and `*holder` is its number, or 0 when that is not known; -1 ERROR_SYSTEM. Who dies gives its
 * turn back. A process takes the turn of one directory once at a time; readers need none. */
int store_claim(const char *directory, int *claim, long *holder, struct error *err);
void store_unclaim(int claim); /* -1 is legal */

/* Opens the environment in `directory`; STORE_WRITE makes the directory and its parents. Errors:
 * ERROR_NOT_FOUND (there is none yet), ERROR_SYSTEM (permission, disk, read-only
 * medium, too many readers), ERROR_MALFORMED (not LMDB, damaged, another LMDB format). Stale
 * readers of dead processes are cleared. A directory that cannot be written is opened for reading
 * without a lock file. A database that a store opened for reading does not have is an empty one. */
struct store *store_open(const char *directory, enum store_mode mode,
						 const struct store_schema *schema, struct error *err);
void store_close(struct store *store); /* NULL is legal */
DEFINE_CLEANUP(struct store, store_close)

/* Runs `change` in one write transaction: commits when it returns 0, leaves everything as it was
 * when it returns -1. `change` may be run again from the start, on an unchanged store (but for
 * store_step()), when the map had to grow: it must begin by resetting its own state. ERROR_SYSTEM
 * for a full disk. */
int store_update(struct store *store,
				 int (*change)(struct store_txn *txn, void *context, struct error *err),
				 void *context, struct error *err);

/* Inside store_update(), for a change that is too large to be held at once: commits what there is
 * so far, and goes on in a new transaction. Others see it from then on, and it stays whatever
 * becomes of the rest, so the caller marks it as unfinished. Nothing borrowed is valid behind it. A
 * failure must be returned at once by `change`. */
int store_step(struct store_txn *txn, struct error *err);

/* Bytes of the keys and values that were put since the update or its last step began. */
uint64_t store_pending(const struct store_txn *txn);

/* From now on an update of this store ends with ERROR_INTERRUPTED, and changes nothing, when a
 * signal asks the run to end before all of it is handed to the disk. */
void store_heed_interrupt(struct store *store);

/* Writes one state of the store, without the room that lies unused in it, as a store in
 * `directory`, which is made where it is missing. Others read and write meanwhile. What is there
 * already stays as it is (ERROR_SYSTEM); a signal ends it (ERROR_INTERRUPTED). Nothing half done is
 * left but the directory. */
int store_copy(struct store *store, const char *directory, struct error *err);

/* A hint before a large update: room for `bytes` more, so that it need not be run twice. Takes
 * address space, not disk. */
int store_reserve(struct store *store, uint64_t bytes, struct error *err);

/* A snapshot for reading. Any thread may use it, one at a time. */
struct store_txn *store_read_begin(struct store *store, struct error *err);
void store_read_end(struct store_txn *txn); /* NULL is legal */

/* From now on every database is an empty one in this snapshot. */
void store_read_nothing(struct store_txn *txn);

/* 1 found, 0 not there, -1 error. */
int store_get(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes *value, struct error *err);

/* Inside store_update(). A failure must be returned at once by `change`. */
int store_put(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes value, struct error *err);

/* The same for a key behind all that are there, without duplicates: pages come out full. */
int store_append(struct store_txn *txn, size_t database, struct store_bytes key,
				 struct store_bytes value, struct error *err);

/* The greatest key: 1, 0 in an empty database, -1 error. */
int store_last_key(struct store_txn *txn, size_t database, struct store_bytes *key,
				   struct error *err);

/* Whether the key has this value, in a database of duplicates: 1, 0 or -1. */
int store_has(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes value, struct error *err);

/* Takes a key away, with all its values: 0, or -1; one that is not there is gone already. */
int store_delete(struct store_txn *txn, size_t database, struct store_bytes key, struct error *err);

/* Takes all keys of a database away. */
int store_clear(struct store_txn *txn, size_t database, struct error *err);

/* Takes one value of a key away, in a database of duplicates. */
int store_delete_value(struct store_txn *txn, size_t database, struct store_bytes key,
					   struct store_bytes value, struct error *err);

/* Walks keys upward. store_cursor_seek() goes to the first key >= `key` (size 0: the first of all);
 * then store_cursor_next(). store_cursor_next_value() stays on the key (duplicates). All: 1 there,
 * 0 end, -1 error. */
struct store_cursor *store_cursor_open(struct store_txn *txn, size_t database, struct error *err);
void store_cursor_close(struct store_cursor *cursor); /* NULL is legal */
int store_cursor_seek(struct store_cursor *cursor, struct store_bytes key,
					  struct store_bytes *found_key, struct store_bytes *value, struct error *err);
int store_cursor_next(struct store_cursor *cursor, struct store_bytes *key,
					  struct store_bytes *value, struct error *err);
int store_cursor_next_value(struct store_cursor *cursor, struct store_bytes *value,
							struct error *err);

/* Records in a database, and bytes of the data file in use. */
int store_count(struct store_txn *txn, size_t database, uint64_t *out, struct error *err);
uint64_t store_bytes_used(struct store *store);

/* Transactions that changed it, ever: the first made its databases. */
uint64_t store_changes(struct store *store);

#endif
