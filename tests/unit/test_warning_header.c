#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/warning_header.h"

/* `expected` is a list ended by NULL. */
static void check(const char *value, const char *const *expected)
{
	const char *at = value;
	for (; *expected != NULL; expected++) {
		char *text = warning_header_next(&at);
		assert_non_null(text);
		assert_string_equal(text, *expected);
		free(text);
	}
	assert_null(warning_header_next(&at));
}

#define CHECK(value, ...) check(value, (const char *const[]){__VA_ARGS__, NULL})

static void test_texts(void **state)
{
	(void)state;
	CHECK("299 - \"one\"", "one");
	CHECK("299 - \"one\", 299 - \"two\"", "one", "two");
	CHECK(" ,299 - \"one\" ,\t299 - \"two\",", "one", "two");
	CHECK("299 - \"say \\\"no\\\" to \\\\ and \\a\"", "say \"no\" to \\ and a");
	CHECK("299 - \"a, 299 - b\"", "a, 299 - b");
	CHECK("299 - \"\xc3\xa4\"", "\xc3\xa4");
}

static void test_texts_that_are_not_shown(void **state)
{
	(void)state;
	CHECK("299 - \"\", 299 - \"two\"", "two");
	CHECK("299 - \"a\x1b[2Jb\", 299 - \"two\"", "two");
	CHECK("299 - \"a\tb\", 299 - \"\\\nb\", 299 - \"\x7f\", 299 - \"two\"", "two");
}

static void test_what_is_no_warning(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const values[] = {
		"",
		"one",
		"299 - one",
		"299 - \"one",
		"299 - \"one\\",
		"299 - \"one\\\"",
		"299 -\"one\"",
		"199 - \"one\"",
		"2990 - \"one\"",
		"299 agent \"one\"",
		"299 - \"one\" \"Tue, 15 Nov 1994 08:12:31 GMT\"",
		"299 - \"one\"two",
	};
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		check(values[i], none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_texts_that_are_not_shown),
		cmocka_unit_test(test_what_is_no_warning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
