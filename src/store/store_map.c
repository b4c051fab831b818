/*
 * store: the map, its size, and the transactions that hold it.
 *
 * LMDB maps a file of a size given beforehand, which may change only while no transaction of the
 * process is open (lmdb.h, mdb_env_set_mapsize()): so they are counted. New readers are let in
 * while somebody waits for the count to fall to 0, because a thread that holds one snapshot may ask
 * for another. The count, not a lock of POSIX, because one thread may end what another began.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "layerproof/memory.h"
#include "store_private.h"

/* The line of proc(5), "/proc/[pid]/maps", that is of this file. */
static bool read_mapping(const char *line, const struct stat *file, struct fault_watch *map)
{
	char *at;
	uintptr_t start = (uintptr_t)strtoull(line, &at, 16);
	uintptr_t end = *at == '-' ? (uintptr_t)strtoull(at + 1, &at, 16) : 0;

	for (int field = 0; field < 2; field++) /* rights, offset */
		at += strspn(at, " ") + strcspn(at + strspn(at, " "), " ");
	unsigned long major_number = strtoul(at, &at, 16);
	unsigned long minor_number = *at == ':' ? strtoul(at + 1, &at, 16) : 0;
	if (end <= start || major(file->st_dev) != major_number ||
		minor(file->st_dev) != minor_number || strtoull(at, &at, 10) != file->st_ino)
		return false;
	map->start = (const void *)start; // NOLINT(performance-no-int-to-ptr): it is read as text
	map->size = end - start;
	return true;
}

/* LMDB does not tell where the map is. */
static bool find_map(MDB_env *env, struct fault_watch *map)
{
	CLEANUP(free_at) char *line = NULL;
	mdb_filehandle_t file;
	struct stat status;
	size_t size = 0;
	bool found = false;

	mdb_env_get_fd(env, &file);
	FILE *maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return false;
	if (fstat(file, &status) == 0)
		while (!found && getline(&line, &size, maps) > 0)
			found = read_mapping(line, &status, map);
	fclose(maps);
	return found;
}

void store_watch_map(struct store *store)
{
	fault_unwatch(&store->map);
	store->map = (struct fault_watch){.path = store->path};
	if (find_map(store->env, &store->map))
		fault_watch(&store->map);
}

int store_check_place(const struct store_txn *txn, const MDB_val *value, struct error *err)
{
	const struct fault_watch *map = &txn->store->map;
	uintptr_t offset = (uintptr_t)value->mv_data - (uintptr_t)map->start;

	if (txn->writable || !map->start || value->mv_size == 0 ||
		(offset <= map->size && value->mv_size <= map->size - offset))
		return 0;
	return error_set(err, ERROR_MALFORMED, "cannot read: damaged: a record leads out of data.mdb");
}

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
	store_watch_map(store);
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

uint64_t store_changes(struct store *store)
{
	MDB_envinfo info;

	mdb_env_info(store->env, &info);
	return info.me_last_txnid;
}

uint64_t store_bytes_used(struct store *store)
{
	MDB_stat stat;
	MDB_envinfo info;

	mdb_env_stat(store->env, &stat);
	mdb_env_info(store->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
}
