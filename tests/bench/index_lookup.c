/*
 * index_lookup: how fast one thread looks digests up in an index, or in a bare LMDB database.
 *
 *   index_lookup index|lmdb DIRECTORY FILE [STARTED]
 *
 * index: of layerproof, by its library. lmdb: keys as in the index, one algorithm byte and the raw
 * digest, in the main database of DIRECTORY; the value is read too. FILE holds the digests to look
 * up, all of which are there: raw SHA-256, in the order in which they are looked up. As many that
 * are not there are the same with their bytes in reverse order. BATCH of them share a snapshot, as
 * those of one finding do. STARTED is when the program was started: nanoseconds of CLOCK_MONOTONIC.
 *
 * Prints "first MICROSECONDS", from STARTED (or from the begin of main()) to the first answer; then
 * ROUNDS times "hit PER_SECOND PER_SECOND_OF_CPU" and "miss ...". A wrong answer ends the program.
 */
#include <inttypes.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "layerproof/digest.h"
#include "layerproof/index.h"

enum { BATCH = 32, ROUNDS = 3, SHA256_SIZE = 32, KEY_SIZE = 1 + SHA256_SIZE };

static const double NANOSECONDS = 1e9;

/* Where is looked up. */
struct place {
	struct index *index; /* or NULL: */
	MDB_env *environment;
	MDB_dbi database;
};

/* One state of it. */
struct view {
	struct index_snapshot *snapshot; /* or NULL: */
	MDB_txn *txn;
	MDB_dbi database;
};

static uint64_t read_bytes; /* of values, so that none is left unread */

_Noreturn static void fail(const char *reason)
{
	fprintf(stderr, "index_lookup: %s\n", reason);
	exit(1);
}

static int64_t time_of(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void check(int code)
{
	if (code != 0)
		fail(mdb_strerror(code));
}

static void open_lmdb(struct place *place, const char *directory)
{
	MDB_txn *txn;
	check(mdb_env_create(&place->environment));
	check(mdb_env_open(place->environment, directory, MDB_RDONLY | MDB_NOTLS, 0600));
	check(mdb_txn_begin(place->environment, NULL, MDB_RDONLY, &txn));
	check(mdb_dbi_open(txn, NULL, 0, &place->database));
	check(mdb_txn_commit(txn));
}

static void open_index(struct place *place, const char *directory)
{
	struct error err = {.code = ERROR_NONE};
	place->index = index_open(directory, INDEX_READ, &err);
	if (place->index == NULL)
		fail(err.text);
}

static struct view begin(const struct place *place)
{
	struct view view = {.database = place->database};
	struct error err = {.code = ERROR_NONE};
	if (place->index == NULL) {
		check(mdb_txn_begin(place->environment, NULL, MDB_RDONLY, &view.txn));
		return view;
	}
	view.snapshot = index_snapshot_begin(place->index, &err);
	if (view.snapshot == NULL)
		fail(err.text);
	return view;
}

static void end(const struct view *view)
{
	if (view->snapshot != NULL)
		index_snapshot_end(view->snapshot);
	else
		mdb_txn_abort(view->txn);
}

static bool find_in_index(const struct view *view, const uint8_t *sha256)
{
	struct error err = {.code = ERROR_NONE};
	struct digest digest = {.algorithm = DIGEST_SHA256};
	struct index_entry entry;
	memcpy(digest.bytes, sha256, SHA256_SIZE);
	int found = index_find(view->snapshot, &digest, &entry, &err);
	if (found < 0)
		fail(err.text);
	if (found == 1)
		read_bytes += entry.images;
	return found == 1;
}

static bool find_in_lmdb(const struct view *view, const uint8_t *sha256)
{
	uint8_t bytes[KEY_SIZE] = {DIGEST_SHA256};
	memcpy(bytes + 1, sha256, SHA256_SIZE);
	MDB_val key = {.mv_size = sizeof bytes, .mv_data = bytes};
	MDB_val value;
	int code = mdb_get(view->txn, view->database, &key, &value);
	if (code == MDB_NOTFOUND)
		return false;
	check(code);
	read_bytes += *(const uint8_t *)value.mv_data;
	return true;
}

static bool find(const struct view *view, const uint8_t *sha256)
{
	return view->snapshot != NULL ? find_in_index(view, sha256) : find_in_lmdb(view, sha256);
}

static uint8_t *read_file(const char *path, size_t *count)
{
	struct stat status;
	FILE *file = fopen(path, "rb");
	if (file == NULL || fstat(fileno(file), &status) != 0 || status.st_size < SHA256_SIZE)
		fail("the digests cannot be read");
	*count = (size_t)status.st_size / SHA256_SIZE;
	uint8_t *digests = malloc(*count * SHA256_SIZE);
	if (digests == NULL || fread(digests, SHA256_SIZE, *count, file) != *count)
		fail("the digests cannot be read");
	fclose(file);
	return digests;
}

static uint8_t *reverse_each(const uint8_t *digests, size_t count)
{
	uint8_t *reversed = malloc(count * SHA256_SIZE);
	if (reversed == NULL)
		fail("out of memory");
	for (size_t i = 0; i < count * SHA256_SIZE; i++)
		reversed[i] = digests[i - i % SHA256_SIZE + SHA256_SIZE - 1 - i % SHA256_SIZE];
	return reversed;
}

/* Looks all of them up, and prints how many a second. */
static void measure(const struct place *place, const uint8_t *digests, size_t count, bool is_there)
{
	int64_t begun = time_of(CLOCK_MONOTONIC);
	int64_t begun_cpu = time_of(CLOCK_THREAD_CPUTIME_ID);
	for (size_t at = 0; at < count; at += BATCH) {
		struct view view = begin(place);
		for (size_t i = at; i < count && i < at + BATCH; i++) {
			if (find(&view, digests + i * SHA256_SIZE) != is_there)
				fail("a wrong answer");
		}
		end(&view);
	}
	double units = (double)count * NANOSECONDS;
	printf("%s %.0f %.0f\n", is_there ? "hit" : "miss",
		   units / (double)(time_of(CLOCK_MONOTONIC) - begun),
		   units / (double)(time_of(CLOCK_THREAD_CPUTIME_ID) - begun_cpu));
}

static void print_first(const struct place *place, const uint8_t *sha256, int64_t started)
{
	struct view view = begin(place);
	if (!find(&view, sha256))
		fail("a wrong answer");
	printf("first %.0f\n", (double)(time_of(CLOCK_MONOTONIC) - started) / 1000);
	end(&view);
}

int main(int count, char **arguments)
{
	int64_t started = time_of(CLOCK_MONOTONIC);
	if (count < 4 || (strcmp(arguments[1], "index") != 0 && strcmp(arguments[1], "lmdb") != 0))
		fail("usage: index_lookup index|lmdb DIRECTORY FILE [STARTED]");
	if (count > 4)
		started = strtoll(arguments[4], NULL, 10);
	uint8_t first[SHA256_SIZE];
	FILE *file = fopen(arguments[3], "rb");
	if (file == NULL || fread(first, sizeof first, 1, file) != 1)
		fail("the digests cannot be read");
	fclose(file);

	struct place place = {.index = NULL};
	if (strcmp(arguments[1], "index") == 0)
		open_index(&place, arguments[2]);
	else
		open_lmdb(&place, arguments[2]);
	print_first(&place, first, started);

	size_t digest_count;
	uint8_t *present = read_file(arguments[3], &digest_count);
	uint8_t *absent = reverse_each(present, digest_count);
	for (int round = 0; round < ROUNDS; round++) {
		measure(&place, present, digest_count, true);
		measure(&place, absent, digest_count, false);
	}
	if (read_bytes == 0)
		fail("no value was read");
	free(present);
	free(absent);
	index_close(place.index);
	if (place.environment != NULL)
		mdb_env_close(place.environment);
	return 0;
}
