/*
 * What the files of the store share.
 */
#ifndef LAYERPROOF_STORE_PRIVATE_H
#define LAYERPROOF_STORE_PRIVATE_H

#include <lmdb.h>
#include <pthread.h>

#include "layerproof/fault.h"
#include "layerproof/store.h"

enum { STORE_DATABASES_MAX = 16 };

struct store {
	MDB_env *env;
	size_t count;
	MDB_dbi handles[STORE_DATABASES_MAX];
	bool present[STORE_DATABASES_MAX]; /* a missing database reads as an empty one */
	pthread_mutex_t lock;
	pthread_cond_t idle;    /* signalled when `live` falls to 0 */
	bool heeds_interrupt;   /* updates do */
	unsigned live;          /* transactions of this process: the map is resized at 0 only */
	char *path;             /* of data.mdb */
	struct fault_watch map; /* where that is in memory; nowhere when that is not known */
};

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	bool map_full; /* a change did not fit the map: grow it and run again */
	bool writable;
	bool reads_nothing;
	uint64_t pending; /* bytes put since it began */
	/* In a write transaction, one for each database in use; LMDB closes them with it. A cursor that
	 * stays where it was makes keys in ascending order cheap. */
	MDB_cursor *cursors[STORE_DATABASES_MAX];
};

/* Sets `err` from a code of LMDB or errno; returns -1. */
int store_fail(int code, const char *what, struct error *err);

/* The map grows to `size` bytes, or to what another process made it when `size` is 0. Waits until
 * no transaction of this process is open. */
int store_resize(struct store *store, size_t size, struct error *err);

/* Finds out where the map is, and watches it. */
void store_watch_map(struct store *store);

/* What LMDB led to is in the map: 0, or -1 ERROR_MALFORMED. Changes of this transaction are not. */
int store_check_place(const struct store_txn *txn, const MDB_val *value, struct error *err);

/* Begins a transaction of LMDB, adopting the size of the map where another process changed it. */
int store_begin(struct store *store, unsigned flags, MDB_txn **out, struct error *err);

/* -1 ERROR_INTERRUPTED when a signal asks an update of this store to end. */
int store_check_interrupt(const struct store *store, struct error *err);

/* One transaction less: what store_begin() counted. */
void store_leave(struct store *store);

#endif
