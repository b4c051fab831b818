/*
 * store_fixture: a store in a directory of its own for each test, and small steps in it.
 */
#ifndef LAYERPROOF_TESTS_STORE_FIXTURE_H
#define LAYERPROOF_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layerproof/store.h"

enum { PLAIN, LISTS };

static const char *const NAMES[] = {"plain", "lists"};
static const bool DUPLICATES[] = {false, true};
static const struct store_schema SCHEMA = {NAMES, DUPLICATES, 2};

/* ---- A directory for each test ---- */

static char root[64];
static char directory[128];

static inline int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/layerproof-test-store-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(directory, sizeof(directory), "%s/deep/store", root);
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
							   struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int tear_down(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *data_file(void)
{
	static char path[160];
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	return path;
}

/* ---- Small steps ---- */

static inline struct store_bytes text(const char *bytes)
{
	return (struct store_bytes){bytes, strlen(bytes)};
}

static inline struct store *open_store(enum store_mode mode)
{
	struct error err = ERROR_INIT;
	struct store *store = store_open(directory, mode, &SCHEMA, &err);
	if (!store)
		fail_msg("%s", err.text);
	return store;
}

struct pair {
	const char *key;
	const char *value;
};

static inline int put_pair(struct store_txn *txn, void *context, struct error *err)
{
	const struct pair *pair = context;
	return store_put(txn, PLAIN, text(pair->key), text(pair->value), err);
}

static inline void put(struct store *store, const char *key, const char *value)
{
	struct error err = ERROR_INIT;
	struct pair pair = {key, value};
	if (store_update(store, put_pair, &pair, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(err.code, ERROR_NONE);
}

/* "" for a key that is not there. */
static inline const char *get_in(struct store_txn *txn, const char *key)
{
	static char value[64];
	struct error err = ERROR_INIT;
	struct store_bytes found;
	int result = store_get(txn, PLAIN, text(key), &found, &err);
	assert_true(result >= 0);
	assert_true(result == 0 || found.size < sizeof(value));
	snprintf(value, sizeof(value), "%.*s", result == 1 ? (int)found.size : 0,
			 result == 1 ? (const char *)found.bytes : "");
	return value;
}

static inline const char *get(struct store *store, const char *key)
{
	struct error err = ERROR_INIT;
	struct store_txn *txn = store_read_begin(store, &err);
	assert_non_null(txn);
	const char *value = get_in(txn, key);
	store_read_end(txn);
	return value;
}

/* `count` values of 1,000 bytes under numbers. */
struct many {
	uint32_t count;
	unsigned runs;
};

static inline int put_many(struct store_txn *txn, void *context, struct error *err)
{
	struct many *many = context;
	static const char value[1000] = {1};

	many->runs++;
	for (uint32_t i = 0; i < many->count; i++) {
		if (store_put(txn, PLAIN, (struct store_bytes){&i, sizeof(i)},
					  (struct store_bytes){value, sizeof(value)}, err) < 0)
			return -1;
	}
	return 0;
}

static inline uint64_t count_records(struct store *store, size_t database)
{
	struct error err = ERROR_INIT;
	struct store_txn *txn = store_read_begin(store, &err);
	uint64_t count = 0;
	assert_non_null(txn);
	assert_int_equal(store_count(txn, database, &count, &err), 0);
	store_read_end(txn);
	return count;
}

/* Runs in a process of its own; its exit code is 0 when all went well. */
static inline int in_child(int (*run)(void))
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(run());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
