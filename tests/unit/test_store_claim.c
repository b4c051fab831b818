#include "child_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "layerproof/store.h"

static char directory[64];
static char claim_file[96];

static int set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/layerproof-test-claim-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(claim_file, sizeof(claim_file), "%s/writer.lock", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove(claim_file);
	return remove(directory);
}

enum { TAKEN, HELD_BY_PARENT, HELD, FAILED };

/* What another process gets; it ends with the turn, if it has it. */
static int claim_as_another(void *context)
{
	struct error err = ERROR_INIT;
	int claim = -1;
	long holder = 0;

	(void)context;
	int taken = store_claim(directory, &claim, &holder, &err);
	if (taken == 0)
		return holder == (long)getppid() ? HELD_BY_PARENT : HELD;
	return taken == 1 ? TAKEN : FAILED;
}

static void test_one_process_has_the_turn(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int claim = -1;
	long holder = 0;

	assert_int_equal(store_claim(directory, &claim, &holder, &err), 1);
	assert_int_equal(child_run(claim_as_another, NULL), HELD_BY_PARENT);
	assert_int_equal(child_run(claim_as_another, NULL), HELD_BY_PARENT);
	store_unclaim(claim);
	assert_int_equal(child_run(claim_as_another, NULL), TAKEN);
	store_unclaim(-1);
}

static void test_who_dies_gives_its_turn_back(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int claim = -1;
	long holder = 0;

	assert_int_equal(child_run(claim_as_another, NULL), TAKEN);
	assert_int_equal(store_claim(directory, &claim, &holder, &err), 1);
	store_unclaim(claim);
}

static void test_nobody_else_may_open_the_file(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct stat status;
	int claim = -1;
	long holder = 0;

	mode_t before = umask(0);
	assert_int_equal(store_claim(directory, &claim, &holder, &err), 1);
	umask(before);
	assert_int_equal(stat(claim_file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	store_unclaim(claim);
}

static void check_refusal(const char *at, const char *expected)
{
	struct error err = ERROR_INIT;
	int claim = -1;
	long holder = 0;

	assert_int_equal(store_claim(at, &claim, &holder, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, expected);
	assert_int_equal(claim, -1);
}

static void test_what_is_in_the_way(void **state)
{
	(void)state;
	check_refusal("/nonexistent/index", "cannot open writer.lock: No such file or directory");
	check_refusal("/proc/self/fdinfo", "cannot open writer.lock: No such file or directory");
	assert_int_equal(symlink("/dev/null", claim_file), 0);
	check_refusal(directory, "cannot open writer.lock: Too many levels of symbolic links");
	remove(claim_file);
	assert_int_equal(mkdir(claim_file, 0700), 0);
	check_refusal(directory, "cannot open writer.lock: Is a directory");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_one_process_has_the_turn),
		EACH(test_who_dies_gives_its_turn_back),
		EACH(test_nobody_else_may_open_the_file),
		EACH(test_what_is_in_the_way),
	};
	return cmocka_run_group_tests_name("store_claim", tests, NULL, NULL);
}
