#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child_process.h"
#include "layerproof/interrupt.h"
#include "layerproof/lines.h"

enum { MAXIMUM = 8 };

struct expected {
	enum lines_result result;
	const char *line;
	size_t size;
};

#define LINE(text)                                                                                 \
	{                                                                                              \
		LINES_LINE, text, sizeof(text) - 1                                                         \
	}
#define LONG(text)                                                                                 \
	{                                                                                              \
		LINES_LONG, text, sizeof(text) - 1                                                         \
	}

struct input {
	const char *bytes;
	size_t size;
	struct expected lines[5]; /* up to the first without a line */
};

#define INPUT(text) .bytes = text, .size = sizeof(text) - 1

static const struct input INPUTS[] = {
	{INPUT(""), .lines = {{LINES_END, NULL, 0}}},
	{INPUT("\n"), .lines = {LINE("")}},
	{INPUT("\n\n"), .lines = {LINE(""), LINE("")}},
	{INPUT("a\nb\n"), .lines = {LINE("a"), LINE("b")}},
	{INPUT("a\nb"), .lines = {LINE("a"), LINE("b")}}, /* no final line end */
	{INPUT("a\r\nb\r\n"), .lines = {LINE("a"), LINE("b")}},
	{INPUT("\r\n"), .lines = {LINE("")}},
	{INPUT("a\r\r\n"), .lines = {LINE("a\r")}}, /* one CR belongs to the end */
	{INPUT("a\rb\n"), .lines = {LINE("a\rb")}},
	{INPUT("a\r"), .lines = {LINE("a")}}, /* the end, cut short */
	{INPUT("a\0b\n\0\n"), .lines = {LINE("a\0b"), LINE("\0")}},
	{INPUT("12345678\nx\n"), .lines = {LINE("12345678"), LINE("x")}},
	{INPUT("12345678\r\nx\n"), .lines = {LINE("12345678"), LINE("x")}},
	{INPUT("12345678"), .lines = {LINE("12345678")}},
	{INPUT("123456789\nx\n"), .lines = {LONG("12345678"), LINE("x")}},
	{INPUT("123456789\r\nx\n"), .lines = {LONG("12345678"), LINE("x")}},
	{INPUT("12345678\r9\nx\n"), .lines = {LONG("12345678"), LINE("x")}},
	{INPUT("1234567\r\r\nx\n"), .lines = {LINE("1234567\r"), LINE("x")}},
	{INPUT("12345678\r\r\nx\n"), .lines = {LONG("12345678"), LINE("x")}},
	{INPUT("123456789"), .lines = {LONG("12345678")}},
	{INPUT("1234567890123456789012345678901234567890\n\nx"),
	 .lines = {LONG("12345678"), LINE(""), LINE("x")}},
};

static void check_input(const struct input *input)
{
	int descriptor = child_pipe_of(input->bytes, input->size);
	struct lines *lines = lines_new(descriptor, MAXIMUM, "standard input");
	struct error err = ERROR_INIT;
	const char *line;
	size_t size;
	uint64_t number = 0;
	for (uint64_t i = 0; input->lines[i].line != NULL; i++) {
		assert_int_equal(lines_next(lines, &line, &size, &number, &err), input->lines[i].result);
		assert_int_equal(number, i + 1);
		assert_int_equal(size, input->lines[i].size);
		assert_memory_equal(line, input->lines[i].line, size + 1);
	}
	/* The end, however often it is asked for. */
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_END);
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_END);
	assert_int_equal(err.code, ERROR_NONE);
	lines_free(lines);
	close(descriptor);
}

static void test_reads_lines_however_they_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(INPUTS) / sizeof(INPUTS[0]); i++)
		check_input(&INPUTS[i]);
	lines_free(NULL);
}

/* What is read at once is 64 KiB: lines that lie across that, and long ones that span many. */
static void test_reads_across_chunks(void **state)
{
	(void)state;
	enum { LENGTH = 1000, COUNT = 500, LONG_LINE = 300 };
	char text[LENGTH + 2];
	FILE *file = tmpfile();
	assert_non_null(file);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "%0*d\n", LENGTH, i);
		fputs(text, file);
	}
	for (int i = 0; i < LONG_LINE; i++)
		fputs("much longer than the maximum of a line, and over many chunks of what is read", file);
	for (int i = 0; i < LONG_LINE; i++)
		fprintf(file, "%0*d", LENGTH, i);
	fputs("\nlast", file);
	rewind(file);
	struct lines *lines = lines_new(fileno(file), LENGTH, "list");
	struct error err = ERROR_INIT;
	const char *line;
	size_t size;
	uint64_t number;
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_LINE);
		assert_int_equal(size, LENGTH);
		assert_int_equal(atoi(line), i);
	}
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_LONG);
	assert_int_equal(size, LENGTH);
	assert_memory_equal(line, "much longer", 11);
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_LINE);
	assert_string_equal(line, "last");
	assert_int_equal(number, COUNT + 2);
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_END);
	lines_free(lines);
	fclose(file);
}

static void test_names_what_could_not_be_read(void **state)
{
	(void)state;
	int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct lines *lines = lines_new(folder, MAXIMUM, "list.txt");
	struct error err = ERROR_INIT;
	const char *line;
	size_t size;
	uint64_t number;
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_ERROR);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "list.txt: Is a directory");
	lines_free(lines);
	close(folder);
	lines = lines_new(folder, MAXIMUM, "list.txt");
	assert_int_equal(lines_next(lines, &line, &size, &number, &err), LINES_ERROR);
	assert_string_equal(err.text, "list.txt: Bad file descriptor");
	lines_free(lines);
}

/* Lines that were read already are not handed out any more. */
static int read_after_a_signal(void *context)
{
	struct lines *lines = lines_new(*(int *)context, MAXIMUM, "standard input");
	struct error err = ERROR_INIT;
	const char *line;
	size_t size;
	uint64_t number;
	interrupt_install();
	if (lines_next(lines, &line, &size, &number, &err) != LINES_LINE || strcmp(line, "a") != 0)
		return 1;
	raise(SIGTERM);
	if (lines_next(lines, &line, &size, &number, &err) != LINES_END)
		return 2;
	lines_free(lines);
	return interrupt_exit_code();
}

static void test_hands_out_nothing_after_a_signal(void **state)
{
	(void)state;
	int descriptor = child_pipe_of("a\nb\nc\n", 6);
	assert_int_equal(child_run(read_after_a_signal, &descriptor), 128 + SIGTERM);
	close(descriptor);
}

/* The other end of the pipe stays open, half a line in it: only the signal ends the wait. */
static int wait_for_a_signal(void *context)
{
	struct lines *lines = lines_new(*(int *)context, MAXIMUM, "standard input");
	struct error err = ERROR_INIT;
	const char *line;
	size_t size;
	uint64_t number;
	interrupt_install();
	pid_t parent = getpid();
	if (fork() == 0) {
		usleep(100000);
		kill(parent, SIGINT);
		_exit(0);
	}
	if (lines_next(lines, &line, &size, &number, &err) != LINES_END)
		return 1;
	lines_free(lines);
	return interrupt_exit_code();
}

static void test_a_signal_ends_the_wait_for_input(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "half", 4), 4);
	assert_int_equal(child_run(wait_for_a_signal, &ends[0]), 128 + SIGINT);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_lines_however_they_end),
		cmocka_unit_test(test_reads_across_chunks),
		cmocka_unit_test(test_names_what_could_not_be_read),
		cmocka_unit_test(test_hands_out_nothing_after_a_signal),
		cmocka_unit_test(test_a_signal_ends_the_wait_for_input),
	};
	signal(SIGINT, SIG_DFL); /* a job in the background is started to ignore it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
