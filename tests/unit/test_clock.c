#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/clock.h"

struct example {
	int64_t seconds;
	const char *text;
};

static const struct example EXAMPLES[] = {
	{0, "1970-01-01T00:00:00Z"},
	{1767323045, "2026-01-02T03:04:05Z"},
	{951782400, "2000-02-29T00:00:00Z"},
	{-1, "1969-12-31T23:59:59Z"},
	{4294967296, "2106-02-07T06:28:16Z"},
	{-62135596800, "0001-01-01T00:00:00Z"}, /* what Go calls no time */
	{-62167219200, "0000-01-01T00:00:00Z"},
	{-62167219201, "1970-01-01T00:00:00Z"}, /* before the year 0 */
	{253402300799, "9999-12-31T23:59:59Z"},
	{253402300800, "1970-01-01T00:00:00Z"}, /* the year 10000 */
	{INT64_MAX, "1970-01-01T00:00:00Z"},
	{INT64_MIN, "1970-01-01T00:00:00Z"},
};

static void test_formats_as_rfc_3339(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(EXAMPLES) / sizeof(EXAMPLES[0]); i++) {
		char text[CLOCK_TEXT_SIZE];
		assert_ptr_equal(clock_format(EXAMPLES[i].seconds, text), text);
		assert_string_equal(text, EXAMPLES[i].text);
	}
}

static void test_now_lies_after_this_was_written(void **state)
{
	(void)state;
	assert_true(clock_now() > 1735689600); /* 2025 */
}

static void test_the_monotonic_clock_never_goes_back(void **state)
{
	(void)state;
	int64_t before = clock_monotonic_ms();
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_monotonic_ms();
		assert_true(now >= before);
		before = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats_as_rfc_3339),
		cmocka_unit_test(test_now_lies_after_this_was_written),
		cmocka_unit_test(test_the_monotonic_clock_never_goes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
