/*
 * store: the map, its size, and the transactions that hold it.
 *
 * LMDB maps a file of a size given beforehand, which may change only while no transaction of the
 * process is open (lmdb.h, mdb_env_set_mapsize()): so they are counted. New readers are let in
 * while somebody waits for the count to fall to 0, because a thread that holds one snapshot may ask
 * for another. The count, not a lock of POSIX, because one thread may end what another began.
 */
#include "store_private.h"

static void store_enter(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store->live++;
	pthread_mutex_unlock(&store->lock);
}

void store_leave(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	if (--store->live == 0)
		pthread_cond_broadcast(&store->idle);
	pthread_mutex_unlock(&store->lock);
}

int store_resize(struct store *store, size_t size, struct error *err)
{
	pthread_mutex_lock(&store->lock);
	while (store->live > 0)
		pthread_cond_wait(&store->idle, &store->lock);
	int code = mdb_env_set_mapsize(store->env, size);
	pthread_mutex_unlock(&store->lock);
	return code == 0 ? 0 : store_fail(code, "cannot grow the map", err);
}

int store_begin(struct store *store, unsigned flags, MDB_txn **out, struct error *err)
{
	for (;;) {
		store_enter(store);
		int code = mdb_txn_begin(store->env, NULL, flags, out);
		if (code == 0)
			return 0;
		store_leave(store);
		if (code != MDB_MAP_RESIZED)
			return store_fail(code, "cannot begin a transaction", err);
		if (store_resize(store, 0, err) < 0)
			return -1;
	}
}

uint64_t store_bytes_used(struct store *store)
{
	MDB_stat stat;
	MDB_envinfo info;

	mdb_env_stat(store->env, &stat);
	mdb_env_info(store->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
}
