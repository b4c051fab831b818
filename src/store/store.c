/*
 * store: opening and closing an environment.
 */
#include "store_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "layerproof/memory.h"

enum {
	FILE_MODE = 0600,
	DIRECTORY_MODE = 0700,
	READERS = 1024, /* one snapshot per worker (LIMIT_JOBS), in several processes */
};

int store_make_directory(const char *directory, struct error *err)
{
	CLEANUP(free_at) char *path = memory_copy_text(directory);
	char *slash = path;

	do {
		slash = *slash ? strchr(slash + 1, '/') : NULL;
		if (slash)
			*slash = '\0';
		if (mkdir(path, DIRECTORY_MODE) < 0 && errno != EEXIST)
			return store_fail(errno, "cannot make the directory", err);
		if (slash)
			*slash = '/';
	} while (slash);
	return 0;
}

/* Whether there is something to read: LMDB itself would leave a lock file behind in a directory
 * that holds no environment, and wait for ever on a pipe. */
static int check_file(const char *directory, enum store_mode mode, struct error *err)
{
	CLEANUP(free_at) char *path = memory_format("%s/data.mdb", directory);
	struct stat status;

	if (stat(path, &status) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return store_fail(errno, "cannot be opened", err);
		return mode == STORE_WRITE ? 0 : error_set(err, ERROR_NOT_FOUND, "there is none");
	}
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_MALFORMED, "damaged: data.mdb is not a regular file");
	if (status.st_size == 0 && mode == STORE_READ) /* its writer died before its first byte */
		return error_set(err, ERROR_NOT_FOUND, "there is none");
	return 0;
}

/* LMDB met what no sound file has: it would end the process without naming the file. */
static void on_assertion(MDB_env *env, const char *text)
{
	const struct store *store = mdb_env_get_userctx(env);

	(void)text;
	fault_end(store->path);
}

static int open_environment(struct store *store, const char *directory, unsigned flags)
{
	MDB_env **out = &store->env;
	int code = mdb_env_create(out);
	if (code != 0) {
		*out = NULL;
		return code;
	}
	mdb_env_set_userctx(*out, store);
	mdb_env_set_assert(*out, on_assertion);
	mdb_env_set_maxdbs(*out, STORE_DATABASES_MAX);
	mdb_env_set_maxreaders(*out, READERS);
	code = mdb_env_open(*out, directory, flags | MDB_NOTLS, FILE_MODE);
	if (code != 0) {
		mdb_env_close(*out); /* lmdb.h, mdb_env_open(): even after a failure */
		*out = NULL;
	}
	return code;
}

/* A medium or a directory that cannot be written has no place for a lock file. Nobody writes there
 * either, as far as we can see, so reading without locks is safe. */
static int open_for_reading(struct store *store, const char *directory, struct error *err)
{
	int code = open_environment(store, directory, MDB_RDONLY);
	if (code == EACCES || code == EROFS || code == EPERM)
		code = open_environment(store, directory, MDB_RDONLY | MDB_NOLOCK);
	return code == 0 ? 0 : store_fail(code, "cannot be opened", err);
}

static int open_for_writing(struct store *store, const char *directory, struct error *err)
{
	int code = open_environment(store, directory, 0);
	if (code == EACCES || code == EROFS || code == EPERM)
		return store_fail(code, "read-only", err);
	return code == 0 ? 0 : store_fail(code, "cannot be opened", err);
}

/* A page behind the end of a mapped file would be a SIGBUS at some later look-up. */
static int check_size(MDB_env *env, struct error *err)
{
	MDB_stat stat;
	MDB_envinfo info;
	mdb_filehandle_t file;
	struct stat status;

	mdb_env_stat(env, &stat);
	mdb_env_info(env, &info);
	mdb_env_get_fd(env, &file);
	if (fstat(file, &status) < 0)
		return store_fail(errno, "cannot be opened", err);
	uint64_t pages = (uint64_t)status.st_size / stat.ms_psize;
	if (pages <= info.me_last_pgno)
		return error_set(err, ERROR_MALFORMED,
						 "damaged: data.mdb is cut short (%llu of %llu pages)",
						 (unsigned long long)pages, (unsigned long long)info.me_last_pgno + 1);
	return 0;
}

static int open_databases(struct store *store, MDB_txn *txn, enum store_mode mode,
						  const struct store_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++) {
		unsigned flags = schema->duplicates[i] ? MDB_DUPSORT | MDB_DUPFIXED : 0;
		if (mode == STORE_WRITE)
			flags |= MDB_CREATE;
		int code = mdb_dbi_open(txn, schema->names[i], flags, &store->handles[i]);
		if (code != 0 && code != MDB_NOTFOUND)
			return code;
		store->present[i] = code == 0;
	}
	return 0;
}

static int open_schema(struct store *store, enum store_mode mode, const struct store_schema *schema,
					   struct error *err)
{
	MDB_txn *txn;

	if (store_begin(store, mode == STORE_READ ? MDB_RDONLY : 0, &txn, err) < 0)
		return -1;
	int code = open_databases(store, txn, mode, schema);
	if (code == 0)
		code = mdb_txn_commit(txn); /* of a reader too: that is what keeps the handles */
	else
		mdb_txn_abort(txn);
	store_leave(store);
	return code == 0 ? 0 : store_fail(code, "cannot be opened", err);
}

struct store *store_open(const char *directory, enum store_mode mode,
						 const struct store_schema *schema, struct error *err)
{
	if (schema->count > STORE_DATABASES_MAX) {
		error_set(err, ERROR_OVER_LIMIT, "more than %d databases", STORE_DATABASES_MAX);
		return NULL;
	}
	if (mode == STORE_WRITE && store_make_directory(directory, err) < 0)
		return NULL;
	if (check_file(directory, mode, err) < 0)
		return NULL;

	CLEANUP(store_close_at) struct store *store = memory_alloc(1, sizeof(*store));
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->idle, NULL);
	store->count = schema->count;
	store->path = memory_format("%s/data.mdb", directory);
	int result = mode == STORE_WRITE ? open_for_writing(store, directory, err)
									 : open_for_reading(store, directory, err);
	if (result < 0)
		return NULL;
	store_watch_map(store);
	if (check_size(store->env, err) < 0)
		return NULL;
	mdb_reader_check(store->env, NULL); /* forget readers that died: they would hold old pages */
	if (open_schema(store, mode, schema, err) < 0)
		return NULL;
	return STEAL(store);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	fault_unwatch(&store->map);
	if (store->env)
		mdb_env_close(store->env);
	pthread_cond_destroy(&store->idle);
	pthread_mutex_destroy(&store->lock);
	free(store->path);
	free(store);
}
