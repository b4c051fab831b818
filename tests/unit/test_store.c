#include "store_fixture.h"

#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "store/store_private.h"

static void check_open_fails(enum store_mode mode, enum error_code code, const char *expected)
{
	struct error err = ERROR_INIT;
	assert_null(store_open(directory, mode, &SCHEMA, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(err.code, code);
}

/* ---- Tests ---- */

static void test_values_are_kept(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	put(store, "a", "one");
	put(store, "a", "two");
	assert_string_equal(get(store, "a"), "two");
	assert_string_equal(get(store, "b"), "");
	store_close(store);

	store = open_store(STORE_READ);
	assert_string_equal(get(store, "a"), "two");
	store_close(store);
	store_close(NULL);
	store_read_end(NULL);
	store_cursor_close(NULL);
}

static void test_nobody_else_may_read_the_files(void **state)
{
	(void)state;
	struct stat status;
	char path[160];
	mode_t before = umask(0);
	store_close(open_store(STORE_WRITE));
	umask(before);

	assert_int_equal(stat(directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(data_file(), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/lock.mdb", directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/deep", root);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void test_a_missing_store_is_left_missing(void **state)
{
	(void)state;
	check_open_fails(STORE_READ, ERROR_NOT_FOUND, "there is none");
	assert_int_equal(access(directory, F_OK), -1);

	snprintf(directory, sizeof(directory), "%s", root); /* there, but empty */
	check_open_fails(STORE_READ, ERROR_NOT_FOUND, "there is none");
	assert_int_equal(rmdir(root), 0); /* no lock file was left in it */
	assert_int_equal(mkdir(root, 0700), 0);
}

static void test_a_file_in_the_way(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s/file", root);
	close(open(directory, O_CREAT | O_WRONLY, 0600));
	check_open_fails(STORE_READ, ERROR_NOT_FOUND, "there is none");
	check_open_fails(STORE_WRITE, ERROR_SYSTEM, "cannot be opened: Not a directory");
	snprintf(directory, sizeof(directory), "%s/file/store", root);
	check_open_fails(STORE_WRITE, ERROR_SYSTEM, "cannot make the directory: Not a directory");
}

static void test_a_pipe_is_not_waited_for(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s", root);
	assert_int_equal(mkfifo(data_file(), 0600), 0);
	check_open_fails(STORE_READ, ERROR_MALFORMED, "damaged: data.mdb is not a regular file");
	check_open_fails(STORE_WRITE, ERROR_MALFORMED, "damaged: data.mdb is not a regular file");
}

static void test_the_map_grows_within_one_update(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 100000};
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(many.runs, 4); /* in 1 MiB, 65, 130 and 260 */
	assert_int_equal(count_records(store, PLAIN), 100000);
	assert_true(store_bytes_used(store) > 100000 * 1000);
	store_close(store);
}

static void test_reserved_room_spares_the_second_run(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 50000};
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_reserve(store, (uint64_t)100 << 20, &err), 0);
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	assert_int_equal(many.runs, 1);
	store_close(store);
}

static int put_then_fail(struct store_txn *txn, void *context, struct error *err)
{
	struct pair pair = {"a", "changed"};
	(void)context;
	if (put_pair(txn, &pair, err) < 0)
		return -1;
	return error_set(err, ERROR_MALFORMED, "as arranged");
}

static void test_a_failed_change_leaves_all_as_it_was(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "kept");
	assert_int_equal(store_update(store, put_then_fail, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.text, "as arranged");
	assert_string_equal(get(store, "a"), "kept");
	store_close(store);
}

static int step_then_fail(struct store_txn *txn, void *context, struct error *err)
{
	struct pair first = {"a", "in the first step"};
	struct pair second = {"b", "in the second"};
	(void)context;
	assert_int_equal(store_pending(txn), 0);
	assert_int_equal(put_pair(txn, &first, err), 0);
	assert_int_equal(store_pending(txn), strlen("a"
												"in the first step"));
	assert_int_equal(store_step(txn, err), 0);
	assert_int_equal(store_pending(txn), 0);
	assert_string_equal(get_in(txn, "a"), "in the first step");
	assert_int_equal(put_pair(txn, &second, err), 0);
	return error_set(err, ERROR_MALFORMED, "as arranged");
}

static void test_what_is_before_a_step_stays(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_update(store, step_then_fail, NULL, &err), -1);
	assert_string_equal(err.text, "as arranged");
	assert_string_equal(get(store, "a"), "in the first step");
	assert_string_equal(get(store, "b"), "");
	put(store, "c", "later"); /* it is not held up */
	store_close(store);
}

static int clear_plain(struct store_txn *txn, void *context, struct error *err)
{
	(void)context;
	return store_clear(txn, PLAIN, err);
}

static void test_a_database_is_cleared(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "old");
	assert_int_equal(store_update(store, clear_plain, NULL, &err), 0);
	assert_string_equal(get(store, "a"), "");
	put(store, "b", "new");
	assert_string_equal(get(store, "b"), "new");
	store_close(store);
}

static void test_a_snapshot_may_read_nothing(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);
	struct store_bytes key, value;
	uint64_t count = 1;

	put(store, "a", "there");
	struct store_txn *txn = store_read_begin(store, &err);
	store_read_nothing(txn);
	assert_string_equal(get_in(txn, "a"), "");
	assert_int_equal(store_count(txn, PLAIN, &count, &err), 0);
	assert_int_equal(count, 0);
	struct store_cursor *cursor = store_cursor_open(txn, PLAIN, &err);
	assert_int_equal(store_cursor_seek(cursor, text(""), &key, &value, &err), 0);
	store_cursor_close(cursor);
	store_read_end(txn);
	assert_string_equal(get(store, "a"), "there");
	store_close(store);
}

static void test_a_reader_keeps_its_state(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "old");
	struct store_txn *before = store_read_begin(store, &err);
	put(store, "a", "new"); /* fits the map: it waits for nobody */
	struct store_txn *after = store_read_begin(store, &err);
	assert_string_equal(get_in(before, "a"), "old");
	assert_string_equal(get_in(after, "a"), "new");
	store_read_end(before);
	store_read_end(after);
	store_close(store);
}

static void *end_snapshot(void *context)
{
	usleep(20000);
	store_read_end(context);
	return NULL;
}

static void test_growth_waits_for_a_snapshot_that_another_thread_ends(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 5000};
	struct store *store = open_store(STORE_WRITE);
	pthread_t thread;

	struct store_txn *snapshot = store_read_begin(store, &err);
	assert_int_equal(pthread_create(&thread, NULL, end_snapshot, snapshot), 0);
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	assert_int_equal(many.runs, 2);
	pthread_join(thread, NULL);
	store_close(store);
}

static char half_a_change[] = "a reader saw half a change";

static void *read_often(void *context)
{
	struct error err = ERROR_INIT;
	uint64_t before = 0;
	uint64_t count = 0;

	for (int i = 0; i < 300; i++) {
		struct store_txn *txn = store_read_begin(context, &err);
		if (!txn || store_count(txn, PLAIN, &count, &err) < 0 || count < before ||
			(count != 0 && count != 2000 && count != 40000))
			return half_a_change;
		before = count;
		store_read_end(txn);
	}
	return NULL;
}

static void test_readers_while_the_map_grows(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);
	pthread_t threads[4];
	void *complaint;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_often, store), 0);
	struct many few = {.count = 2000};
	struct many many = {.count = 40000};
	assert_int_equal(store_update(store, put_many, &few, &err), 0);
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &complaint);
		if (complaint)
			fail_msg("%s", (char *)complaint);
	}
	store_close(store);
}

static int write_much(void)
{
	struct error err = ERROR_INIT;
	struct many many = {.count = 40000};
	struct store *store = store_open(directory, STORE_WRITE, &SCHEMA, &err);
	if (!store || store_update(store, put_many, &many, &err) < 0)
		return 1;
	store_close(store);
	return 0;
}

static void test_a_reader_follows_the_growth_of_another_process(void **state)
{
	(void)state;
	store_close(open_store(STORE_WRITE));
	struct store *store = open_store(STORE_READ);
	assert_int_equal(count_records(store, PLAIN), 0);
	assert_int_equal(in_child(write_much), 0);
	assert_int_equal(count_records(store, PLAIN), 40000);
	store_close(store);
}

static void test_a_writer_follows_the_growth_of_another_process(void **state)
{
	(void)state;
	struct store *store = open_store(STORE_WRITE);
	assert_int_equal(in_child(write_much), 0);
	put(store, "a", "behind");
	assert_int_equal(count_records(store, PLAIN), 40001);
	store_close(store);
}

static int die_as_reader(void)
{
	struct error err = ERROR_INIT;
	struct store *store = store_open(directory, STORE_READ, &SCHEMA, &err);
	return store && store_read_begin(store, &err) ? 0 : 1; /* and never ends it */
}

static void test_readers_that_died_are_forgotten(void **state)
{
	(void)state;
	int dead = -1;
	MDB_env *env;

	struct store *store = open_store(STORE_WRITE);
	assert_int_equal(in_child(die_as_reader), 0);
	assert_int_equal(in_child(write_much), 0); /* its store_open() clears them */
	store_close(store);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, directory, MDB_RDONLY, 0600), 0);
	assert_int_equal(mdb_reader_check(env, &dead), 0);
	assert_int_equal(dead, 0);
	mdb_env_close(env);
}

static void test_garbage_is_refused(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s", root);
	FILE *file = fopen(data_file(), "w");
	for (int i = 0; i < 5000; i++)
		fputs("garbage ", file);
	fclose(file);
	check_open_fails(STORE_READ, ERROR_MALFORMED,
					 "cannot be opened: damaged: MDB_INVALID: File is not an LMDB file");
	check_open_fails(STORE_WRITE, ERROR_MALFORMED,
					 "cannot be opened: damaged: MDB_INVALID: File is not an LMDB file");
}

static void write_at(off_t offset, const void *bytes, size_t size)
{
	int file = open(data_file(), O_WRONLY);
	assert_int_equal(pwrite(file, bytes, size, offset), size);
	close(file);
}

static void test_another_format_of_lmdb_is_refused(void **state)
{
	(void)state;
	store_close(open_store(STORE_WRITE));
	const uint32_t version = 999; /* behind the page header (16) and the magic number (4) */
	write_at(20, &version, sizeof(version));
	write_at(4096 + 20, &version, sizeof(version));
	check_open_fails(STORE_READ, ERROR_MALFORMED,
					 "cannot be opened: written by another version of LMDB");
}

static void test_a_file_cut_short_is_refused(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 100};
	struct store *store = open_store(STORE_WRITE);
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	uint64_t size = store_bytes_used(store);
	store_close(store);

	char expected[128];
	snprintf(expected, sizeof(expected), "damaged: data.mdb is cut short (10 of %llu pages)",
			 (unsigned long long)size / 4096);
	assert_int_equal(truncate(data_file(), 10 * 4096 + 5), 0);
	check_open_fails(STORE_READ, ERROR_MALFORMED, expected);
	check_open_fails(STORE_WRITE, ERROR_MALFORMED, expected);

	assert_int_equal(truncate(data_file(), 100), 0);
	check_open_fails(STORE_READ, ERROR_MALFORMED,
					 "cannot be opened: damaged: MDB_INVALID: File is not an LMDB file");

	assert_int_equal(truncate(data_file(), 0), 0);
	check_open_fails(STORE_READ, ERROR_NOT_FOUND, "there is none");
	store_close(open_store(STORE_WRITE)); /* and may be begun anew */
}

/* Takes pages for a long value, and gives them back. The store has no word for that: LMDB is asked.
 */
static int put_and_delete(struct store_txn *txn, void *context, struct error *err)
{
	static const char value[400000] = {1};
	char name[] = "long";
	MDB_val key = {.mv_size = strlen(name), .mv_data = name};
	(void)context;
	if (store_put(txn, PLAIN, text("long"), (struct store_bytes){value, sizeof(value)}, err) < 0)
		return -1;
	return mdb_del(txn->txn, txn->store->handles[PLAIN], &key, NULL);
}

static void test_the_file_has_all_its_pages_after_each_commit(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct stat status;
	struct store *store = open_store(STORE_WRITE);
	struct many many = {.count = 300};

	for (int i = 0; i < 20; i++) {
		assert_int_equal(store_update(store, put_many, &many, &err), 0);
		assert_int_equal(store_update(store, put_and_delete, NULL, &err), 0);
		assert_int_equal(stat(data_file(), &status), 0);
		assert_true((uint64_t)status.st_size >= store_bytes_used(store));
	}
	store_close(store);
}

/* As a user to whom the files are closed; root is let in everywhere. */
static int drop_rights(void)
{
	return setgid(65534) == 0 && setuid(65534) == 0 ? 0 : -1;
}

static int read_without_lock_file(void)
{
	struct error err = ERROR_INIT;
	struct pair pair = {"b", "x"};
	if (drop_rights() < 0)
		return 77;
	struct store *store = store_open(directory, STORE_READ, &SCHEMA, &err);
	if (!store || strcmp(get(store, "a"), "one") != 0)
		return 1;
	if (store_update(store, put_pair, &pair, &err) == 0 || err.code != ERROR_SYSTEM)
		return 2;
	store_close(store);
	store = store_open(directory, STORE_WRITE, &SCHEMA, &err);
	if (store || err.code != ERROR_SYSTEM || strcmp(err.text, "read-only: Permission denied") != 0)
		return 3;
	return 0;
}

static void test_a_directory_that_cannot_be_written_is_read(void **state)
{
	(void)state;
	char path[160];
	struct store *store = open_store(STORE_WRITE);
	put(store, "a", "one");
	store_close(store);

	snprintf(path, sizeof(path), "%s/lock.mdb", directory);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/deep", root);
	assert_int_equal(chmod(root, 0755) | chmod(path, 0755) | chmod(directory, 0755) |
						 chmod(data_file(), 0644),
					 0);
	int result = in_child(read_without_lock_file);
	if (result == 77)
		skip(); /* not root: no other user to be */
	assert_int_equal(result, 0);
}

static int read_closed_file(void)
{
	struct error err = ERROR_INIT;
	if (drop_rights() < 0)
		return 77;
	if (store_open(directory, STORE_READ, &SCHEMA, &err) || err.code != ERROR_SYSTEM)
		return 1;
	return strcmp(err.text, "cannot be opened: Permission denied") == 0 ? 0 : 2;
}

static void test_a_file_that_cannot_be_read(void **state)
{
	(void)state;
	store_close(open_store(STORE_WRITE));
	assert_int_equal(chmod(root, 0755), 0);
	int result = in_child(read_closed_file);
	if (result == 77)
		skip();
	assert_int_equal(result, 0);
}

/* A change that a signal meets after its first record. */
static int put_and_be_asked_to_end(struct store_txn *txn, void *context, struct error *err)
{
	if (put_pair(txn, context, err) < 0)
		return -1;
	raise(SIGTERM);
	return 0;
}

static int end_an_update(void)
{
	struct error err = ERROR_INIT;
	struct pair lost = {"b", "lost"}, done = {"c", "done"};
	struct store *store = open_store(STORE_WRITE);

	interrupt_install();
	put(store, "a", "kept");
	if (store_update(store, put_and_be_asked_to_end, &done, &err) != 0)
		return 1; /* who did not ask for it is not ended */
	store_heed_interrupt(store);
	if (store_update(store, put_pair, &lost, &err) == 0 || err.code != ERROR_INTERRUPTED)
		return 2;
	if (strcmp(err.text, "interrupted") != 0)
		return 3;
	int kept = count_records(store, PLAIN) == 2 && strcmp(get(store, "a"), "kept") == 0;
	store_close(store);
	return kept ? 0 : 4;
}

static void test_a_signal_ends_an_update(void **state)
{
	(void)state;
	assert_int_equal(in_child(end_an_update), 0);
}

/* A file system of 2 MiB, in a mount table of our own. */
static int fill_the_disk(void)
{
	struct error err = ERROR_INIT;
	struct many many = {.count = 5000};
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", root, "tmpfs", 0, "size=2m") < 0)
		return 77;
	struct store *store = store_open(directory, STORE_WRITE, &SCHEMA, &err);
	if (!store)
		return 1;
	put(store, "a", "kept");
	if (store_update(store, put_many, &many, &err) == 0 || err.code != ERROR_SYSTEM)
		return 2;
	if (strcmp(err.text, "cannot commit: no space left on device") != 0)
		return 3;
	if (strcmp(get(store, "a"), "kept") != 0 || count_records(store, PLAIN) != 1)
		return 4;
	store_close(store);
	store = store_open(directory, STORE_READ, &SCHEMA, &err);
	return store && strcmp(get(store, "a"), "kept") == 0 ? 0 : 5;
}

static void test_a_full_disk(void **state)
{
	(void)state;
	int result = in_child(fill_the_disk);
	if (result == 77)
		skip(); /* may not mount */
	assert_int_equal(result, 0);
}

static int put_lists(struct store_txn *txn, void *context, struct error *err)
{
	static const char *const values[] = {"bbbb", "aaaa", "cccc", "aaaa"};
	(void)context;
	for (size_t i = 0; i < 4; i++) {
		if (store_put(txn, LISTS, text("k"), text(values[i]), err) < 0)
			return -1;
	}
	return store_put(txn, LISTS, text("l"), text("zzzz"), err);
}

static void check_bytes(struct store_bytes bytes, const char *expected)
{
	assert_int_equal(bytes.size, strlen(expected));
	assert_memory_equal(bytes.bytes, expected, bytes.size);
}

static void test_cursors(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store_bytes key, value;
	struct store *store = open_store(STORE_WRITE);
	assert_int_equal(store_update(store, put_lists, NULL, &err), 0);
	assert_int_equal(count_records(store, LISTS), 4);

	struct store_txn *txn = store_read_begin(store, &err);
	struct store_cursor *cursor = store_cursor_open(txn, LISTS, &err);
	assert_int_equal(store_cursor_seek(cursor, text("j"), &key, &value, &err), 1);
	check_bytes(key, "k");
	check_bytes(value, "aaaa");
	assert_int_equal(store_cursor_next_value(cursor, &value, &err), 1);
	check_bytes(value, "bbbb");
	assert_int_equal(store_cursor_next_value(cursor, &value, &err), 1);
	check_bytes(value, "cccc");
	assert_int_equal(store_cursor_next_value(cursor, &value, &err), 0);
	assert_int_equal(store_cursor_seek(cursor, text(""), &key, &value, &err), 1);
	check_bytes(key, "k");
	assert_int_equal(store_cursor_next(cursor, &key, &value, &err), 1);
	check_bytes(key, "l");
	check_bytes(value, "zzzz");
	assert_int_equal(store_cursor_next(cursor, &key, &value, &err), 0);
	assert_int_equal(store_cursor_seek(cursor, text("m"), &key, &value, &err), 0);
	store_cursor_close(cursor);
	store_read_end(txn);
	store_close(store);
}

static void test_a_database_that_is_not_there_is_empty(void **state)
{
	(void)state;
	static const char *const names[] = {"plain", "lists", "later"};
	static const bool duplicates[] = {false, true, false};
	const struct store_schema wider = {names, duplicates, 3};
	struct error err = ERROR_INIT;
	struct store_bytes key, value;
	uint64_t count = 7;

	store_close(open_store(STORE_WRITE));
	struct store *store = store_open(directory, STORE_READ, &wider, &err);
	struct store_txn *txn = store_read_begin(store, &err);
	assert_int_equal(store_get(txn, 2, text("a"), &value, &err), 0);
	assert_int_equal(store_count(txn, 2, &count, &err), 0);
	assert_int_equal(count, 0);
	struct store_cursor *cursor = store_cursor_open(txn, 2, &err);
	assert_int_equal(store_cursor_seek(cursor, text(""), &key, &value, &err), 0);
	store_cursor_close(cursor);
	store_read_end(txn);
	store_close(store);
}

static void test_bad_keys_are_errors(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct pair pair = {"", "x"};
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_update(store, put_pair, &pair, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "cannot write: MDB_BAD_VALSIZE: Unsupported size of key/DB "
								  "name/data, or wrong DUPFIXED size");
	store_close(store);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_values_are_kept),
		EACH(test_nobody_else_may_read_the_files),
		EACH(test_a_missing_store_is_left_missing),
		EACH(test_a_file_in_the_way),
		EACH(test_a_pipe_is_not_waited_for),
		EACH(test_the_map_grows_within_one_update),
		EACH(test_reserved_room_spares_the_second_run),
		EACH(test_a_failed_change_leaves_all_as_it_was),
		EACH(test_what_is_before_a_step_stays),
		EACH(test_a_database_is_cleared),
		EACH(test_a_snapshot_may_read_nothing),
		EACH(test_a_reader_keeps_its_state),
		EACH(test_growth_waits_for_a_snapshot_that_another_thread_ends),
		EACH(test_readers_while_the_map_grows),
		EACH(test_a_reader_follows_the_growth_of_another_process),
		EACH(test_a_writer_follows_the_growth_of_another_process),
		EACH(test_readers_that_died_are_forgotten),
		EACH(test_garbage_is_refused),
		EACH(test_another_format_of_lmdb_is_refused),
		EACH(test_a_file_cut_short_is_refused),
		EACH(test_the_file_has_all_its_pages_after_each_commit),
		EACH(test_a_directory_that_cannot_be_written_is_read),
		EACH(test_a_file_that_cannot_be_read),
		EACH(test_a_signal_ends_an_update),
		EACH(test_a_full_disk),
		EACH(test_cursors),
		EACH(test_a_database_that_is_not_there_is_empty),
		EACH(test_bad_keys_are_errors),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
