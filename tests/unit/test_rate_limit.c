#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/rate_limit.h"

enum { NOW = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void test_retry_after(void **state)
{
	(void)state;
	assert_int_equal(rate_limit_retry_after("0", NOW), 0);
	assert_int_equal(rate_limit_retry_after("120", NOW), 120);
	assert_int_equal(rate_limit_retry_after("999999999999", NOW), 999999999999);
	assert_int_equal(rate_limit_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", NOW), 60);
	assert_int_equal(rate_limit_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", NOW), 60);
	assert_int_equal(rate_limit_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", NOW), 0);
	assert_int_equal(rate_limit_retry_after("-1", NOW), -1);
	assert_int_equal(rate_limit_retry_after("1.5", NOW), -1);
	assert_int_equal(rate_limit_retry_after("soon", NOW), -1);
	assert_int_equal(rate_limit_retry_after("", NOW), -1);
	assert_int_equal(rate_limit_retry_after("9999999999999", NOW), -1);
}

static struct rate_limit read_one(const char *name, const char *value, int64_t now)
{
	struct rate_limit limit = RATE_LIMIT_INIT;
	rate_limit_read(name, value, now, &limit);
	return limit;
}

static void check(const struct rate_limit *limit, int64_t most, int64_t remaining, int64_t window,
				  int64_t reset, int64_t retry)
{
	assert_int_equal(limit->limit, most);
	assert_int_equal(limit->remaining, remaining);
	assert_int_equal(limit->window, window);
	assert_int_equal(limit->reset, reset);
	assert_int_equal(limit->retry, retry);
}

static void test_docker_hub(void **state)
{
	(void)state;
	struct rate_limit limit = RATE_LIMIT_INIT;
	rate_limit_read("RateLimit-Limit", "100;w=21600", NOW, &limit);
	rate_limit_read("RateLimit-Remaining", "20;w=21600", NOW, &limit);
	check(&limit, 100, 20, 21600, -1, -1);
}

static void test_moments_and_seconds(void **state)
{
	(void)state;
	const int64_t now = 1800000000;
	struct rate_limit limit = read_one("X-RateLimit-Reset", "1800000060", now);
	check(&limit, -1, -1, -1, 60, -1);
	limit = read_one("X-RateLimit-Reset", "60", now);
	check(&limit, -1, -1, -1, 60, -1);
	limit = read_one("X-RateLimit-Reset", "1700000000", now);
	check(&limit, -1, -1, -1, 0, -1);
	limit = read_one("X-Retry-After", "1800000030", now);
	check(&limit, -1, -1, -1, -1, 30);
	limit = read_one("X-Retry-After", "30", now);
	check(&limit, -1, -1, -1, -1, 30);
	limit = read_one("Retry-After", "30", now);
	check(&limit, -1, -1, -1, -1, 30);
	limit = read_one("X-RateLimit-Remaining", "0", now);
	check(&limit, -1, 0, -1, -1, -1);
	limit = read_one("X-RateLimit-Limit", "180", now);
	check(&limit, 180, -1, -1, -1, -1);
}

static void test_the_draft(void **state)
{
	(void)state;
	struct rate_limit limit = read_one("RateLimit", "\"default\";r=50;t=30", NOW);
	check(&limit, -1, 50, -1, 30, -1);
	limit = read_one("RateLimit", "\"hour\";r=0;t=600, \"day\"; r=7; t=5000", NOW);
	check(&limit, -1, 0, -1, 600, -1);
	limit = read_one("RateLimit", "\"default\";r=1", NOW);
	check(&limit, -1, 1, -1, -1, -1);
}

static void test_nonsense_says_nothing(void **state)
{
	(void)state;
	static const char *const values[] = {
		"",     ";",  ";w",  ";w=", "-1",    "many", "1x", "1.5", "99999999999999999999",
		";;;r", "r=", ",,,", ";r",  ";r=;t="};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		for (const char *const *name = RATE_LIMIT_HEADERS; *name != NULL; name++) {
			struct rate_limit limit = read_one(*name, values[i], NOW);
			check(&limit, -1, -1, -1, -1, -1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_after),           cmocka_unit_test(test_docker_hub),
		cmocka_unit_test(test_moments_and_seconds),   cmocka_unit_test(test_the_draft),
		cmocka_unit_test(test_nonsense_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
