#include "generations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "stamp.h"

enum {
	NUMBER_DIGITS = 9,
	NAP_MS = 10,
	NAPS_MOST = 200,
};

struct generations {
	char *directory; /* the one that holds the generations */
	uint64_t share;  /* bytes of one */
	pthread_rwlock_t lock;
	struct store *newer; /* NULL: nothing can be kept any more */
	struct store *older; /* NULL: none */
	unsigned number;     /* of the newer */
	int users;           /* a file that each process locks while it is at it; -1: none */
	bool is_read_only;
	bool is_damaged;
};

static const char *const NAMES[CACHE_DATABASES] = {"documents", "tags", "blobs"};
static const bool DUPLICATES[CACHE_DATABASES];
static const struct store_schema SCHEMA = {NAMES, DUPLICATES, CACHE_DATABASES};

static char *path_of(const struct generations *generations, unsigned number)
{
	return memory_format("%s/%u", generations->directory, number);
}

/* A reader of another process keeps what it has open. */
static void remove_generation(const struct generations *generations, unsigned number)
{
	CLEANUP(free_at) char *path = path_of(generations, number);
	CLEANUP(free_at) char *data = memory_format("%s/data.mdb", path);
	CLEANUP(free_at) char *lock = memory_format("%s/lock.mdb", path);
	CLEANUP(free_at) char *stamp = memory_format("%s/" STAMP_NAME, path);
	(void)unlink(data);
	(void)unlink(lock);
	(void)unlink(stamp);
	(void)rmdir(path);
}

/* 0 when the name is none of a generation. */
static unsigned number_of(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	if (digits == 0 || digits > NUMBER_DIGITS || name[digits] != '\0' || name[0] == '0')
		return 0;
	return (unsigned)strtoul(name, NULL, 10);
}

/* Calls `visit` for each generation there is. */
static void each_generation(struct generations *generations,
							void (*visit)(struct generations *generations, unsigned number,
										  void *context),
							void *context)
{
	DIR *directory = opendir(generations->directory);
	if (directory == NULL)
		return;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		unsigned number = number_of(entry->d_name);
		if (number > 0)
			visit(generations, number, context);
	}
	(void)closedir(directory);
}

static void note_newest(struct generations *generations, unsigned number, void *context)
{
	unsigned *newest = context;
	(void)generations;
	if (number > *newest)
		*newest = number;
}

static void remove_old(struct generations *generations, unsigned number, void *context)
{
	(void)context;
	if (number + 1 < generations->number)
		remove_generation(generations, number);
}

/* ---- Who else is at it ---- */

static void remove_unless_whole(struct generations *generations, unsigned number, void *context)
{
	CLEANUP(free_at) char *path = path_of(generations, number);
	(void)context;
	if (stamp_fits(path))
		return;
	log_verbose("cache %s: was altered, or its last run did not end: begun anew", path);
	remove_generation(generations, number);
}

static void stamp(struct generations *generations, unsigned number, void *context)
{
	CLEANUP(free_at) char *path = path_of(generations, number);
	(void)context;
	stamp_write(path);
}

static void open_users(struct generations *generations)
{
	CLEANUP(free_at) char *path = memory_format("%s/users", generations->directory);
	generations->users = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* Until those who are alone at it, to look it through or to leave it, are done; but nobody waits
 * for ever for a process that was stopped there. */
static void wait_for_others(const struct generations *generations)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000L * 1000L};
	for (int naps = 0; naps < NAPS_MOST; naps++) {
		if (flock(generations->users, LOCK_SH | LOCK_NB) == 0)
			return;
		nanosleep(&nap, NULL);
	}
}

/* Nobody else: what lies there must be what was left. Nobody else comes in until share(). */
static void enter(struct generations *generations)
{
	struct error ignored = ERROR_INIT; /* who opens it is told */
	if (store_make_directory(generations->directory, &ignored) == 0)
		open_users(generations);
	if (generations->users < 0)
		return;
	if (flock(generations->users, LOCK_EX | LOCK_NB) == 0)
		each_generation(generations, remove_unless_whole, NULL);
	else
		wait_for_others(generations);
}

static void share(const struct generations *generations)
{
	if (generations->users >= 0)
		(void)flock(generations->users, LOCK_SH);
}

/* The last one to go leaves it as it is to be found. */
static void leave(struct generations *generations)
{
	if (generations->users < 0)
		return;
	if (flock(generations->users, LOCK_EX | LOCK_NB) == 0)
		each_generation(generations, stamp, NULL);
	(void)close(generations->users);
}

/* ---- Opening ---- */

static int open_newer(struct generations *generations, struct error *err)
{
	CLEANUP(free_at) char *path = path_of(generations, generations->number);
	generations->newer = store_open(path, STORE_WRITE, &SCHEMA, err);
	if (generations->newer != NULL)
		return 0;
	if (err->code == ERROR_MALFORMED) {
		log_verbose("cache %s: %s: begun anew", path, err->text);
		remove_generation(generations, generations->number++);
		CLEANUP(free_at) char *next = path_of(generations, generations->number);
		generations->newer = store_open(next, STORE_WRITE, &SCHEMA, err);
		return generations->newer == NULL ? -1 : 0;
	}
	struct error ignored = ERROR_INIT;
	generations->newer = store_open(path, STORE_READ, &SCHEMA, &ignored);
	generations->is_read_only = generations->newer != NULL;
	return generations->newer == NULL ? -1 : 0;
}

static void open_older(struct generations *generations)
{
	struct error reason = ERROR_INIT;
	CLEANUP(free_at) char *path = path_of(generations, generations->number - 1);
	generations->older = store_open(path, STORE_READ, &SCHEMA, &reason);
	if (generations->older != NULL || reason.code != ERROR_MALFORMED)
		return;
	log_verbose("cache %s: %s: removed", path, reason.text);
	remove_generation(generations, generations->number - 1);
}

/* Opens the newest there is, but none older than `least`. */
static int open_stores(struct generations *generations, unsigned least, struct error *err)
{
	unsigned newest = least;
	each_generation(generations, note_newest, &newest);
	generations->number = newest;
	if (open_newer(generations, err) != 0)
		return -1;
	open_older(generations);
	if (!generations->is_read_only)
		each_generation(generations, remove_old, NULL);
	return 0;
}

static void close_stores(struct generations *generations)
{
	store_close(generations->older);
	store_close(generations->newer);
	generations->older = generations->newer = NULL;
}

struct generations *generations_open(const char *directory, int64_t size, struct error *err)
{
	struct generations *generations = memory_alloc(1, sizeof(*generations));
	generations->directory = memory_format("%s/v1", directory);
	generations->share = (uint64_t)size / 2;
	pthread_rwlock_init(&generations->lock, NULL);
	generations->users = -1;
	enter(generations);
	if (open_stores(generations, 1, err) == 0) {
		share(generations);
		return generations;
	}
	if (generations->users >= 0)
		(void)close(generations->users);
	generations->users = -1;
	generations_close(generations);
	return NULL;
}

void generations_close(struct generations *generations)
{
	if (generations == NULL)
		return;
	close_stores(generations);
	if (generations->is_damaged && !generations->is_read_only) {
		remove_generation(generations, generations->number - 1);
		remove_generation(generations, generations->number);
	}
	leave(generations);
	pthread_rwlock_destroy(&generations->lock);
	free(generations->directory);
	free(generations);
}

/* Nothing is read or written any more; it is begun anew in the next run. The lock is held. */
static void give_up(struct generations *generations, const struct error *why)
{
	log_verbose("cache %s: %s: done without", generations->directory, why->text);
	generations->is_damaged = generations->is_damaged || why->code == ERROR_MALFORMED;
	close_stores(generations);
}

/* ---- Reading ---- */

/* -1 when the store is damaged. */
static int copy_value(struct store *store, enum generations_database database,
					  struct store_bytes key, void **out, size_t *size, struct error *err)
{
	struct store_bytes value;
	if (store == NULL)
		return 0;
	struct store_txn *txn = store_read_begin(store, err);
	if (txn == NULL)
		return -1;
	int found = store_get(txn, database, key, &value, err);
	if (found == 1) {
		*out = memory_copy_span(value.bytes, value.size);
		*size = value.size;
	}
	store_read_end(txn);
	return found;
}

void *generations_get(struct generations *generations, enum generations_database database,
					  struct store_bytes key, size_t *size, bool *is_old)
{
	struct error reason = ERROR_INIT;
	void *value = NULL;
	pthread_rwlock_rdlock(&generations->lock);
	int found = copy_value(generations->newer, database, key, &value, size, &reason);
	*is_old = found == 0;
	if (found == 0)
		found = copy_value(generations->older, database, key, &value, size, &reason);
	pthread_rwlock_unlock(&generations->lock);
	if (found < 0) {
		pthread_rwlock_wrlock(&generations->lock);
		if (generations->newer != NULL)
			give_up(generations, &reason);
		pthread_rwlock_unlock(&generations->lock);
	}
	return value;
}

/* ---- Writing ---- */

struct batch {
	const struct generations_record *records;
	size_t count;
	uint64_t bytes;
};

static int put_all(struct store_txn *txn, void *context, struct error *err)
{
	const struct batch *batch = context;
	for (size_t i = 0; i < batch->count; i++) {
		const struct generations_record *record = &batch->records[i];
		const struct store_bytes key = {record->key, record->key_size};
		const struct store_bytes value = {record->value, record->size};
		if (store_put(txn, record->database, key, value, err) != 0)
			return -1;
	}
	return 0;
}

static bool is_full(const struct generations *generations, const struct batch *batch)
{
	return store_bytes_used(generations->newer) + batch->bytes > generations->share;
}

/* Another process may have gone on to the next one already. */
static void go_on(struct generations *generations, const struct batch *batch)
{
	struct error reason = ERROR_INIT;
	pthread_rwlock_wrlock(&generations->lock);
	if (generations->newer != NULL && is_full(generations, batch)) {
		close_stores(generations);
		if (open_stores(generations, generations->number + 1, &reason) != 0)
			give_up(generations, &reason);
	}
	pthread_rwlock_unlock(&generations->lock);
}

/* What a batch takes in pages, with some for the tree. */
static uint64_t bytes_of(const struct generations_record *records, size_t count)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += (records[i].size + records[i].key_size) * 2 + 64;
	return bytes;
}

static int write_batch(struct generations *generations, struct batch *batch, bool *is_too_full,
					   struct error *err)
{
	int result = 0;
	*is_too_full = false;
	pthread_rwlock_rdlock(&generations->lock);
	if (generations->newer != NULL && !generations->is_read_only) {
		*is_too_full = is_full(generations, batch);
		if (!*is_too_full)
			result = store_update(generations->newer, put_all, batch, err);
	}
	pthread_rwlock_unlock(&generations->lock);
	return result;
}

void generations_put(struct generations *generations, const struct generations_record *records,
					 size_t count)
{
	struct error reason = ERROR_INIT;
	struct batch batch = {records, count, bytes_of(records, count)};
	bool is_too_full;
	int result = write_batch(generations, &batch, &is_too_full, &reason);
	if (is_too_full) {
		go_on(generations, &batch);
		result = write_batch(generations, &batch, &is_too_full, &reason);
	}
	if (result == 0)
		return;
	pthread_rwlock_wrlock(&generations->lock);
	if (generations->newer != NULL)
		give_up(generations, &reason);
	pthread_rwlock_unlock(&generations->lock);
}
