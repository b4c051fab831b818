/*
 * store: snapshots and updates.
 */
#include "store_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

static const size_t GROWTH_MINIMUM = (size_t)64 << 20;

struct store_txn *store_read_begin(struct store *store, struct error *err)
{
	MDB_txn *txn;

	if (store_begin(store, MDB_RDONLY, &txn, err) < 0)
		return NULL;
	struct store_txn *snapshot = memory_alloc(1, sizeof(*snapshot));
	snapshot->store = store;
	snapshot->txn = txn;
	return snapshot;
}

void store_read_end(struct store_txn *txn)
{
	if (!txn)
		return;
	mdb_txn_abort(txn->txn);
	store_leave(txn->store);
	free(txn);
}

void store_heed_interrupt(struct store *store)
{
	store->heeds_interrupt = true;
}

int store_check_interrupt(const struct store *store, struct error *err)
{
	if (!store->heeds_interrupt || !interrupt_requested())
		return 0;
	return error_set(err, ERROR_INTERRUPTED, "interrupted");
}

static bool file_is_short(struct store *store, mdb_filehandle_t file)
{
	struct stat status;

	return fstat(file, &status) == 0 && (uint64_t)status.st_size < store_bytes_used(store);
}

/* LMDB does not write a last page that one transaction both took and gave back, and the file is
 * then shorter than its meta page says: harmless, but the same as a file cut short to check_size()
 * of store.c. So it is given its full length, under the lock of a write transaction: another
 * process may be making it longer. */
static int complete_file(struct store *store, struct error *err)
{
	mdb_filehandle_t file;
	MDB_txn *txn;
	int code = 0;

	mdb_env_get_fd(store->env, &file);
	if (!file_is_short(store, file))
		return 0;
	if (store_begin(store, 0, &txn, err) < 0)
		return -1;
	if (file_is_short(store, file) && ftruncate(file, (off_t)store_bytes_used(store)) < 0)
		code = errno;
	mdb_txn_abort(txn);
	store_leave(store);
	return code == 0 ? 0 : store_fail(code, "cannot lengthen data.mdb", err);
}

/* LMDB says EIO where a write was cut short; a full disk is the usual cause. */
static int explain_commit(struct store *store, int code)
{
	mdb_filehandle_t file;
	struct statvfs status;

	mdb_env_get_fd(store->env, &file);
	if (code == EIO && fstatvfs(file, &status) == 0 && status.f_bavail == 0)
		return ENOSPC;
	return code;
}

uint64_t store_pending(const struct store_txn *txn)
{
	return txn->pending;
}

/* The new transaction is counted as the one before. */
int store_step(struct store_txn *txn, struct error *err)
{
	struct store *store = txn->store;

	if (store_check_interrupt(store, err) < 0)
		return -1;
	int code = mdb_txn_commit(STEAL(txn->txn));
	memset(txn->cursors, 0, sizeof(txn->cursors));
	txn->pending = 0;
	txn->map_full = code == MDB_MAP_FULL;
	if (code != 0)
		return store_fail(explain_commit(store, code), "cannot commit", err);
	if (complete_file(store, err) < 0)
		return -1;
	code = mdb_txn_begin(store->env, NULL, 0, &txn->txn);
	return code == 0 ? 0 : store_fail(code, "cannot begin a transaction", err);
}

/* 0 committed; 1 the map is too small, -1 failed: nothing was changed behind the last step. */
static int update_once(struct store *store,
					   int (*change)(struct store_txn *txn, void *context, struct error *err),
					   void *context, struct error *err)
{
	struct store_txn txn = {.store = store, .writable = true};

	if (store_begin(store, 0, &txn.txn, err) < 0)
		return -1;
	if (change(&txn, context, err) < 0 || store_check_interrupt(store, err) < 0) {
		mdb_txn_abort(txn.txn);
		store_leave(store);
		return txn.map_full ? 1 : -1;
	}
	int code = mdb_txn_commit(txn.txn);
	store_leave(store);
	if (code == MDB_MAP_FULL)
		return 1;
	if (code != 0)
		return store_fail(explain_commit(store, code), "cannot commit", err);
	return complete_file(store, err);
}

static int grow(struct store *store, struct error *err)
{
	MDB_envinfo info;

	mdb_env_info(store->env, &info);
	size_t step = info.me_mapsize > GROWTH_MINIMUM ? info.me_mapsize : GROWTH_MINIMUM;
	return store_resize(store, info.me_mapsize + step, err);
}

int store_update(struct store *store,
				 int (*change)(struct store_txn *txn, void *context, struct error *err),
				 void *context, struct error *err)
{
	for (;;) {
		struct error attempt = ERROR_INIT;
		int result = update_once(store, change, context, &attempt);
		if (result == 0)
			return 0;
		if (result < 0 || grow(store, &attempt) < 0) {
			*err = attempt;
			return -1;
		}
	}
}

int store_reserve(struct store *store, uint64_t bytes, struct error *err)
{
	MDB_envinfo info;

	mdb_env_info(store->env, &info);
	uint64_t wanted = store_bytes_used(store) + bytes;
	if (wanted <= info.me_mapsize)
		return 0;
	return store_resize(store, (size_t)((wanted + GROWTH_MINIMUM - 1) & ~(GROWTH_MINIMUM - 1)),
						err);
}
