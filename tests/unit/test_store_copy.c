#include "store_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "layerproof/interrupt.h"

static char target[128];

static int set_up_copy(void **state)
{
	int result = set_up(state);
	snprintf(target, sizeof(target), "%s/far/copy", root);
	return result;
}

/* The copy, opened for reading; `directory` is that of store_fixture.h. */
static struct store *open_copy(void)
{
	snprintf(directory, sizeof(directory), "%s", target);
	return open_store(STORE_READ);
}

/* Files of the target, without "." and "..". */
static int count_files(void)
{
	DIR *opened = opendir(target);
	int count = 0;

	assert_non_null(opened);
	for (const struct dirent *entry; (entry = readdir(opened)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(opened);
	return count;
}

static mode_t mode_of(const char *suffix)
{
	char path[256];
	struct stat status;

	snprintf(path, sizeof(path), "%s%s", target, suffix);
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void test_a_copy_has_all_of_it(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 5000};
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "one");
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	assert_int_equal(store_copy(store, target, &err), 0);
	put(store, "a", "two");
	store_close(store);
	struct store *copy = open_copy();
	assert_string_equal(get(copy, "a"), "one");
	assert_int_equal(count_records(copy, PLAIN), 5001);
	assert_int_equal(count_records(copy, LISTS), 0);
	store_close(copy);
}

static void test_a_copy_can_be_written(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "one");
	assert_int_equal(store_copy(store, target, &err), 0);
	store_close(store);
	snprintf(directory, sizeof(directory), "%s", target);
	store = open_store(STORE_WRITE);
	put(store, "b", "two");
	assert_string_equal(get(store, "a"), "one");
	store_close(store);
}

static void test_nobody_else_may_read_the_copy(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	mode_t before = umask(0);
	assert_int_equal(store_copy(store, target, &err), 0);
	umask(before);
	store_close(store);
	assert_int_equal(mode_of(""), 0700);
	assert_int_equal(mode_of("/data.mdb"), 0600);
	assert_int_equal(count_files(), 1);
}

/* Each round writes all records anew, and the room of the round before stays in the file. */
static void test_unused_room_is_left_behind(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct many many = {.count = 3000};
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	uint64_t once = store_bytes_used(store);
	assert_int_equal(store_update(store, put_many, &many, &err), 0);
	assert_true(store_bytes_used(store) > once + once / 2);
	assert_int_equal(store_copy(store, target, &err), 0);
	store_close(store);
	store = open_copy();
	assert_true(store_bytes_used(store) <= once);
	assert_int_equal(count_records(store, PLAIN), 3000);
	store_close(store);
}

static void test_what_is_there_stays(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	put(store, "a", "one");
	assert_int_equal(store_copy(store, target, &err), 0);
	put(store, "a", "two");
	assert_int_equal(store_copy(store, target, &err), -1);
	assert_string_equal(err.text, "there is one already");
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_int_equal(store_copy(store, directory, &err), -1);
	store_close(store);
	assert_int_equal(count_files(), 1);
	store = open_copy();
	assert_string_equal(get(store, "a"), "one");
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

static void test_a_store_that_another_process_has_grown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	store_close(open_store(STORE_WRITE));
	struct store *store = open_store(STORE_READ);

	assert_int_equal(in_child(write_much), 0);
	assert_int_equal(store_copy(store, target, &err), 0);
	store_close(store);
	store = open_copy();
	assert_int_equal(count_records(store, PLAIN), 40000);
	store_close(store);
}

static int copy_when_asked_to_end(void)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_READ);

	interrupt_install();
	raise(SIGINT);
	if (store_copy(store, target, &err) == 0 || err.code != ERROR_INTERRUPTED)
		return 1;
	store_close(store);
	return strcmp(err.text, "interrupted") == 0 ? 0 : 2;
}

static void test_a_signal_leaves_nothing_half_done(void **state)
{
	(void)state;
	assert_int_equal(in_child(write_much), 0);
	assert_int_equal(in_child(copy_when_asked_to_end), 0);
	assert_int_equal(count_files(), 0);
}

static int copy_into_little_room(void)
{
	struct error err = ERROR_INIT;
	struct rlimit limit = {1 << 20, 1 << 20};
	struct store *store = open_store(STORE_READ);

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	if (store_copy(store, target, &err) == 0 || err.code != ERROR_SYSTEM)
		return 1;
	store_close(store);
	return strcmp(err.text, "cannot write: File too large") == 0 ? 0 : 2;
}

static void test_a_failure_leaves_nothing_half_done(void **state)
{
	(void)state;
	assert_int_equal(in_child(write_much), 0);
	assert_int_equal(in_child(copy_into_little_room), 0);
	assert_int_equal(count_files(), 0);
}

static void test_a_file_in_the_way(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct store *store = open_store(STORE_WRITE);

	assert_int_equal(store_copy(store, "/dev/null", &err), -1);
	assert_string_equal(err.text, "cannot make a file: Not a directory");
	store_close(store);
}

#define COPY(test) cmocka_unit_test_setup_teardown(test, set_up_copy, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COPY(test_a_copy_has_all_of_it),
		COPY(test_a_copy_can_be_written),
		COPY(test_nobody_else_may_read_the_copy),
		COPY(test_unused_room_is_left_behind),
		COPY(test_what_is_there_stays),
		COPY(test_a_store_that_another_process_has_grown),
		COPY(test_a_signal_leaves_nothing_half_done),
		COPY(test_a_failure_leaves_nothing_half_done),
		COPY(test_a_file_in_the_way),
	};
	return cmocka_run_group_tests_name("store_copy", tests, NULL, NULL);
}
