#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/output.h"
#include "layerproof/memory.h"

/* What was written lands in a file without a name. */
static int open_file(void)
{
	int descriptor = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	assert_true(descriptor >= 0);
	return descriptor;
}

/* Its bytes so far. Free with free(). */
static char *read_file(int descriptor)
{
	off_t size = lseek(descriptor, 0, SEEK_END);
	char *bytes = memory_alloc((size_t)size + 1, 1);
	assert_int_equal(pread(descriptor, bytes, (size_t)size, 0), size);
	return bytes;
}

static void expect_file(int descriptor, const char *expected)
{
	CLEANUP(free_at) char *bytes = read_file(descriptor);
	assert_string_equal(bytes, expected);
}

static void put(struct output *output, uint64_t number, const char *line)
{
	output_put(output, number, memory_copy_text(line), strlen(line));
}

static void expect_success(struct output *output)
{
	struct error err = ERROR_INIT;
	assert_false(output_has_failed(output));
	assert_int_equal(output_result(output, &err), 0);
	assert_int_equal(err.code, ERROR_NONE);
}

static void expect_failure(struct output *output, enum error_code code, const char *text)
{
	struct error err = ERROR_INIT;
	assert_true(output_has_failed(output));
	assert_int_equal(output_result(output, &err), -1);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, text);
}

/* ---- Order ---- */

static void test_lines_as_they_come(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, false, 4);
	(void)state;
	put(output, 2, "two\n");
	put(output, 0, "zero\n");
	expect_file(file, "two\nzero\n");
	expect_success(output);
	output_free(output);
	close(file);
}

static void test_lines_in_order(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, true, 4);
	(void)state;
	put(output, 2, "two\n");
	put(output, 3, "three\n");
	put(output, 1, "one\n");
	expect_file(file, "");
	put(output, 0, "zero\n");
	expect_file(file, "zero\none\ntwo\nthree\n");
	/* The window goes round. */
	put(output, 5, "five\n");
	put(output, 4, "four\n");
	expect_file(file, "zero\none\ntwo\nthree\nfour\nfive\n");
	expect_success(output);
	output_free(output);
	close(file);
}

static void test_empty_lines_and_nul_bytes(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, true, 2);
	(void)state;
	output_put(output, 1, memory_copy_span("a\0b", 3), 3);
	output_put(output, 0, memory_copy_text(""), 0);
	CLEANUP(free_at) char *bytes = read_file(file);
	assert_int_equal(lseek(file, 0, SEEK_END), 3);
	assert_memory_equal(bytes, "a\0b", 3);
	expect_success(output);
	output_free(output);
	close(file);
}

static void test_lines_that_never_had_their_turn_are_freed(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, true, 4);
	(void)state;
	put(output, 1, "one\n");
	expect_success(output);
	output_free(output);
	output_free(NULL);
	expect_file(file, "");
	close(file);
}

/* ---- The window ---- */

struct waiter {
	struct output *output;
	uint64_t number;
	atomic_bool has_room;
};

static void *wait_for_room(void *context)
{
	struct waiter *waiter = context;
	output_wait_for_room(waiter->output, waiter->number);
	atomic_store(&waiter->has_room, true);
	return NULL;
}

static void test_a_line_outside_the_window_waits(void **state)
{
	int file = open_file();
	struct waiter waiter = {.output = output_new(file, true, 3), .number = 3};
	pthread_t thread;
	(void)state;
	output_wait_for_room(waiter.output, 2); /* inside: does not wait */
	assert_int_equal(pthread_create(&thread, NULL, wait_for_room, &waiter), 0);
	put(waiter.output, 1, "one\n");
	usleep(20000);
	assert_false(atomic_load(&waiter.has_room));
	put(waiter.output, 0, "zero\n");
	pthread_join(thread, NULL);
	assert_true(atomic_load(&waiter.has_room));
	output_free(waiter.output);
	close(file);
}

static void test_without_order_nothing_waits(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, false, 1);
	(void)state;
	output_wait_for_room(output, 1000000);
	output_free(output);
	close(file);
}

enum { WRITERS = 6, LINES = 600, WINDOW = 8 };

struct writer {
	struct output *output;
	atomic_uint *next;
	pthread_t id;
};

/* As check does: numbers are taken in order, each line is handed over when it is done. */
static void *write_lines(void *context)
{
	struct writer *writer = context;
	for (;;) {
		unsigned number = atomic_fetch_add(writer->next, 1);
		if (number >= LINES)
			return NULL;
		output_wait_for_room(writer->output, number);
		if (number % 17 == 0)
			usleep(200);
		char *line = memory_format("line %u\n", number);
		output_put(writer->output, number, line, strlen(line));
	}
}

static void run_writers(struct output *output)
{
	struct writer writers[WRITERS];
	atomic_uint next = 0;
	for (size_t i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){.output = output, .next = &next};
		assert_int_equal(pthread_create(&writers[i].id, NULL, write_lines, &writers[i]), 0);
	}
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(writers[i].id, NULL);
}

static void test_many_writers_in_order(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, true, WINDOW);
	(void)state;
	run_writers(output);
	CLEANUP(free_at) char *bytes = read_file(file);
	const char *at = bytes;
	for (unsigned i = 0; i < LINES; i++) {
		CLEANUP(free_at) char *line = memory_format("line %u\n", i);
		assert_memory_equal(at, line, strlen(line));
		at += strlen(line);
	}
	assert_string_equal(at, "");
	expect_success(output);
	output_free(output);
	close(file);
}

static void test_many_writers_as_they_come(void **state)
{
	int file = open_file();
	struct output *output = output_new(file, false, WINDOW);
	bool seen[LINES] = {false};
	(void)state;
	run_writers(output);
	CLEANUP(free_at) char *bytes = read_file(file);
	char *rest = NULL;
	for (char *line = strtok_r(bytes, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest)) {
		unsigned number = LINES;
		int end = 0;
		assert_int_equal(sscanf(line, "line %u%n", &number, &end), 1);
		assert_int_equal(line[end], '\0'); /* whole lines only */
		assert_true(number < LINES && !seen[number]);
		seen[number] = true;
	}
	for (size_t i = 0; i < LINES; i++)
		assert_true(seen[i]);
	output_free(output);
	close(file);
}

/* ---- Failures ---- */

static void test_the_reader_has_gone(void **state)
{
	int ends[2];
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	struct output *output = output_new(ends[1], true, 4);
	put(output, 0, "zero\n");
	expect_failure(output, ERROR_INTERRUPTED, "standard output: Broken pipe");
	/* What comes later is dropped, and nobody waits. */
	put(output, 1, "one\n");
	output_wait_for_room(output, 5);
	output_free(output);
	close(ends[1]);
}

static void test_the_disk_is_full(void **state)
{
	int full = open("/dev/full", O_WRONLY);
	(void)state;
	assert_true(full >= 0);
	struct output *output = output_new(full, false, 4);
	put(output, 0, "zero\n");
	expect_failure(output, ERROR_SYSTEM, "standard output: No space left on device");
	put(output, 1, "one\n");
	expect_failure(output, ERROR_SYSTEM, "standard output: No space left on device");
	output_free(output);
	close(full);
}

static void test_the_descriptor_is_closed(void **state)
{
	(void)state;
	struct output *output = output_new(-1, false, 4);
	put(output, 0, "zero\n");
	expect_failure(output, ERROR_SYSTEM, "standard output: Bad file descriptor");
	output_free(output);
}

static void *read_slowly(void *context)
{
	int *descriptor = context;
	char bytes[4096];
	size_t *total = memory_alloc(1, sizeof(*total));
	ssize_t there;
	while ((there = read(*descriptor, bytes, sizeof(bytes))) > 0)
		*total += (size_t)there;
	return total;
}

/* A pipe takes less than a large line at a time. */
static void test_a_line_larger_than_a_pipe(void **state)
{
	enum { SIZE = 1 << 20 };
	int ends[2];
	pthread_t reader;
	void *total;
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_slowly, &ends[0]), 0);
	struct output *output = output_new(ends[1], true, 4);
	output_put(output, 0, memory_alloc(SIZE, 1), SIZE);
	expect_success(output);
	output_free(output);
	close(ends[1]);
	pthread_join(reader, &total);
	assert_int_equal(*(size_t *)total, SIZE);
	free(total);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_as_they_come),
		cmocka_unit_test(test_lines_in_order),
		cmocka_unit_test(test_empty_lines_and_nul_bytes),
		cmocka_unit_test(test_lines_that_never_had_their_turn_are_freed),
		cmocka_unit_test(test_a_line_outside_the_window_waits),
		cmocka_unit_test(test_without_order_nothing_waits),
		cmocka_unit_test(test_many_writers_in_order),
		cmocka_unit_test(test_many_writers_as_they_come),
		cmocka_unit_test(test_the_reader_has_gone),
		cmocka_unit_test(test_the_disk_is_full),
		cmocka_unit_test(test_the_descriptor_is_closed),
		cmocka_unit_test(test_a_line_larger_than_a_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
