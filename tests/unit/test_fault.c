#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "child_process.h"
#include "layerproof/fault.h"

enum { PAGE = 4096, PAGES = 4 };

/* A file of one page that is mapped as four: behind its end there is nothing. */
static volatile char *map_short_file(void)
{
	char path[] = "/tmp/layerproof-test-fault-XXXXXX";
	int file = mkstemp(path);

	if (file < 0 || unlink(path) < 0 || ftruncate(file, PAGE) < 0)
		_exit(100);
	void *map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (map == MAP_FAILED)
		_exit(100);
	return map;
}

struct attempt {
	size_t offset;            /* that is read at */
	bool is_watched, is_left; /* no longer watched */
	bool is_found_out;
};

static int read_at(void *context)
{
	const struct attempt *attempt = context;
	volatile char *map = map_short_file();
	struct fault_watch watch = {
		.path = "a/data.mdb", .start = (const char *)map, .size = (size_t)PAGES * PAGE};
	struct fault_watch other = {
		.path = "other", .start = (const char *)map + (size_t)PAGES * PAGE, .size = 1};

	signal(SIGBUS, SIG_DFL);
	fault_watch(&other);
	if (attempt->is_watched)
		fault_watch(&watch);
	if (attempt->is_left)
		fault_unwatch(&watch);
	if (attempt->is_found_out)
		fault_end("b/data.mdb");
	return map[attempt->offset];
}

/* What it wrote to standard error, and how it ended. */
static int run(struct attempt attempt, char text[static 256])
{
	int status = 0;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		_exit(read_at(&attempt));
	}
	close(ends[1]);
	memset(text, 0, 256);
	assert_true(read(ends[0], text, 255) >= 0);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_a_fault_names_the_file(void **state)
{
	(void)state;
	char text[256];
	int status = run((struct attempt){.offset = PAGE, .is_watched = true}, text);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_string_equal(text, "layerproof: a/data.mdb: damaged: it cannot be read on\n");
	status = run((struct attempt){.is_found_out = true}, text);
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_string_equal(text, "layerproof: b/data.mdb: damaged: it cannot be read on\n");
}

static void test_what_can_be_read_is_no_fault(void **state)
{
	(void)state;
	char text[256];
	int status = run((struct attempt){.offset = 7, .is_watched = true}, text);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_string_equal(text, "");
}

/* A fault of our own stays one. */
static void test_a_fault_elsewhere_is_left_alone(void **state)
{
	(void)state;
	char text[256];
	int status = run((struct attempt){.offset = PAGE}, text);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
	status = run((struct attempt){.offset = PAGE, .is_watched = true, .is_left = true}, text);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_fault_names_the_file),
		cmocka_unit_test(test_what_can_be_read_is_no_fault),
		cmocka_unit_test(test_a_fault_elsewhere_is_left_alone),
	};
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
