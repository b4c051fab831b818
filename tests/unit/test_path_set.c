#include "layer/path_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

static void test_spellings(void **state)
{
	(void)state;
	static const char *const same[] = {"a/b", "./a/b", "/a/b", "a//b", "a/./b", "a/b/", "a/b/."};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct path_set set = {.slots = NULL};
		assert_false(path_set_is_repeated(&set, "a/b", false));
		assert_true(path_set_is_repeated(&set, same[i], false));
		path_set_clear(&set);
	}
}

static void test_others(void **state)
{
	(void)state;
	static const char *const other[] = {"",    ".",    "a",  "a/b/c", "a/../b",
										"A/b", "a/b ", "ab", "a/.b"};
	struct path_set set = {.slots = NULL};
	assert_false(path_set_is_repeated(&set, "a/b", false));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(path_set_is_repeated(&set, other[i], false), i == 1 /* "." is "" */);
	path_set_clear(&set);
}

/* A directory may be listed again; a file in its place, or it in a file's, hides something. */
static void test_directories(void **state)
{
	(void)state;
	struct path_set set = {.slots = NULL};
	assert_false(path_set_is_repeated(&set, "d/", true));
	assert_false(path_set_is_repeated(&set, "d", true));
	assert_true(path_set_is_repeated(&set, "d", false));
	assert_true(path_set_is_repeated(&set, "d", true));
	assert_false(path_set_is_repeated(&set, "e", false));
	assert_true(path_set_is_repeated(&set, "e/", true));
	path_set_clear(&set);
}

/* As many as are compared; then nothing new is kept, and what was kept is still known. */
static void test_many(void **state)
{
	(void)state;
	struct path_set set = {.slots = NULL};
	char path[32];
	for (int i = 0; i < LIMIT_TAR_PATHS_COMPARED; i++) {
		(void)snprintf(path, sizeof(path), "dir%d/file%d", i % 100, i);
		assert_false(path_set_is_repeated(&set, path, false));
	}
	assert_int_equal(set.capacity * sizeof(*set.slots), LIMIT_MIB(4));
	assert_false(path_set_is_repeated(&set, "one more", false));
	assert_false(path_set_is_repeated(&set, "one more", false));
	assert_true(path_set_is_repeated(&set, "dir0/file0", false));
	assert_true(path_set_is_repeated(&set, path, false));
	path_set_clear(&set);
}

static void test_long(void **state)
{
	(void)state;
	struct path_set set = {.slots = NULL};
	char *path = memory_alloc(LIMIT_TAR_PATH + 1, 1);
	memset(path, 'x', LIMIT_TAR_PATH);
	assert_false(path_set_is_repeated(&set, path, false));
	path[LIMIT_TAR_PATH - 1] = 'y';
	assert_false(path_set_is_repeated(&set, path, false));
	assert_true(path_set_is_repeated(&set, path, false));
	free(path);
	path_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),   cmocka_unit_test(test_others),
		cmocka_unit_test(test_directories), cmocka_unit_test(test_many),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
