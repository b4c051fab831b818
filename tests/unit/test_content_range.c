#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/content_range.h"

static void check(const char *value, int64_t first, int64_t last, int64_t total)
{
	struct content_range range;
	assert_int_equal(content_range_read(value, &range), 0);
	assert_int_equal(range.first, first);
	assert_int_equal(range.last, last);
	assert_int_equal(range.total, total);
}

static void test_ranges(void **state)
{
	(void)state;
	check("bytes 0-0/1", 0, 0, 1);
	check("bytes 100-299/300", 100, 299, 300);
	check("bytes 5-6/*", 5, 6, -1);
	check("bytes 17179869183-17179869184/17179869185", 17179869183, 17179869184, 17179869185);
}

static void test_what_is_no_range(void **state)
{
	(void)state;
	static const char *const values[] = {
		"",
		"bytes",
		"bytes */300",
		"bytes 3-2/9",
		"bytes 1-9/9",
		"bytes 1-2/9 ",
		"bytes 1-2",
		"items 1-2/3",
		"bytes -1-2/3",
		"bytes 1-2/",
		"bytes 1-2/x",
		"bytes  1-2/3",
		"bytes 9999999999999999999-9999999999999999999/*",
	};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct content_range range;
		assert_int_equal(content_range_read(values[i], &range), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_what_is_no_range),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
