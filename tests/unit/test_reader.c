#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child_process.h"
#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "layerproof/reader.h"

static void assert_end(struct reader *reader)
{
	struct error err = ERROR_INIT;
	const uint8_t *bytes;
	for (int i = 0; i < 2; i++) {
		size_t size = 7;
		assert_int_equal(reader_next(reader, &bytes, &size, &err), 0);
		assert_int_equal(size, 0);
	}
}

static void test_reads_bytes_without_copying(void **state)
{
	(void)state;
	static const char held[] = "layer\0proof";
	struct error err = ERROR_INIT;
	const uint8_t *bytes;
	size_t size;
	struct reader *reader = reader_from_bytes(held, sizeof(held));
	assert_int_equal(reader_next(reader, &bytes, &size, &err), 0);
	assert_ptr_equal(bytes, held);
	assert_int_equal(size, sizeof(held));
	assert_end(reader);
	reader_close(reader);
	reader = reader_from_bytes(NULL, 0);
	assert_end(reader);
	reader_close(reader);
	reader_close(NULL);
}

static void test_frees_bytes_that_it_owns(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer read = BUFFER_INIT(100);
	struct error err = ERROR_INIT;
	struct reader *reader = reader_from_owned_bytes(memory_copy_text("layer"), 5);
	assert_int_equal(reader_read_all(reader, &read, &err), 0);
	assert_string_equal(read.bytes, "layer");
	reader_close(reader);
}

static void test_reads_up_to_the_maximum_of_the_buffer(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer exact = BUFFER_INIT(5);
	CLEANUP(buffer_clear) struct buffer small = BUFFER_INIT(4);
	struct error err = ERROR_INIT;
	struct reader *reader = reader_from_bytes("layer", 5);
	assert_int_equal(reader_read_all(reader, &exact, &err), 0);
	assert_string_equal(exact.bytes, "layer");
	reader_close(reader);
	reader = reader_from_bytes("layer", 5);
	assert_int_equal(reader_read_all(reader, &small, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "more than 4 bytes");
	reader_close(reader);
}

static void test_closes_a_file_only_when_it_owns_it(void **state)
{
	(void)state;
	int lent = child_pipe_of("lent", 4);
	int given = child_pipe_of("given", 5);
	reader_close(reader_from_file(lent, 0, "lent"));
	reader_close(reader_from_file(given, 1, "given"));
	assert_true(fcntl(lent, F_GETFD) >= 0);
	assert_int_equal(fcntl(given, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
	close(lent);
}

static void test_reads_a_file_of_many_chunks(void **state)
{
	(void)state;
	enum { SIZE = 1000003 };
	char path[] = "/tmp/test_reader.XXXXXX";
	CLEANUP(free_at) char *bytes = memory_alloc(SIZE, 1);
	CLEANUP(buffer_clear) struct buffer read = BUFFER_INIT(SIZE);
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	int file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, SIZE), SIZE);
	close(file);
	struct reader *reader = reader_open(path, &err);
	assert_non_null(reader);
	unlink(path);
	assert_int_equal(reader_read_all(reader, &read, &err), 0);
	assert_int_equal(read.size, SIZE);
	assert_memory_equal(read.bytes, bytes, SIZE);
	assert_end(reader);
	reader_close(reader);
}

static void test_names_what_cannot_be_read(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	const uint8_t *bytes;
	size_t size;
	assert_null(reader_open("/nowhere/export.csv", &err));
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "/nowhere/export.csv: No such file or directory");
	struct reader *folder = reader_open("/", &err);
	assert_non_null(folder);
	assert_int_equal(reader_next(folder, &bytes, &size, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "/: Is a directory");
	reader_close(folder);
	struct reader *closed = reader_from_file(-1, 0, "member");
	assert_int_equal(reader_next(closed, &bytes, &size, &err), -1);
	assert_string_equal(err.text, "member: Bad file descriptor");
	reader_close(closed);
}

static int read_standard_input(void *context)
{
	CLEANUP(buffer_clear) struct buffer read = BUFFER_INIT(100);
	struct error err = ERROR_INIT;
	dup2(*(int *)context, STDIN_FILENO);
	struct reader *reader = reader_open("-", &err);
	if (reader == NULL || reader_read_all(reader, &read, &err) != 0)
		return 1;
	reader_close(reader);
	return strcmp(read.bytes, "layer") == 0 && fcntl(STDIN_FILENO, F_GETFD) >= 0 ? 0 : 2;
}

static void test_a_dash_is_standard_input(void **state)
{
	(void)state;
	int descriptor = child_pipe_of("layer", 5);
	assert_int_equal(child_run(read_standard_input, &descriptor), 0);
	close(descriptor);
}

/* A pipe whose other end stays open and silent. */
static int read_until_a_signal(void *context)
{
	struct error err = ERROR_INIT;
	const uint8_t *bytes;
	size_t size;
	interrupt_install();
	dup2(*(int *)context, STDIN_FILENO);
	struct reader *reader = reader_open("-", &err);
	pid_t parent = getpid();
	if (fork() == 0) {
		usleep(100000);
		kill(parent, SIGINT);
		_exit(0);
	}
	if (reader_next(reader, &bytes, &size, &err) != -1 || err.code != ERROR_INTERRUPTED ||
		strcmp(err.text, "interrupted") != 0)
		return 1;
	reader_close(reader);
	return interrupt_exit_code();
}

static void test_a_signal_ends_the_wait_for_a_named_input(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(child_run(read_until_a_signal, &ends[0]), 128 + SIGINT);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_bytes_without_copying),
		cmocka_unit_test(test_frees_bytes_that_it_owns),
		cmocka_unit_test(test_reads_up_to_the_maximum_of_the_buffer),
		cmocka_unit_test(test_closes_a_file_only_when_it_owns_it),
		cmocka_unit_test(test_reads_a_file_of_many_chunks),
		cmocka_unit_test(test_names_what_cannot_be_read),
		cmocka_unit_test(test_a_dash_is_standard_input),
		cmocka_unit_test(test_a_signal_ends_the_wait_for_a_named_input),
	};
	signal(SIGINT, SIG_DFL); /* a job in the background is started to ignore it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
