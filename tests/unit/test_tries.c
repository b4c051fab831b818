#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "net/tries.h"

static struct failure failure_of(enum failure_kind kind, int64_t retry_after)
{
	struct failure failure = {.kind = kind, .host = "h:443", .retry_after = retry_after};
	error_set(&failure.error, ERROR_UNREACHABLE, "h: no");
	return failure;
}

static void test_retry_after(void **state)
{
	(void)state;
	const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
	assert_int_equal(tries_read_retry_after("0", now), 0);
	assert_int_equal(tries_read_retry_after("120", now), 120);
	assert_int_equal(tries_read_retry_after("999999999999", now), 999999999999);
	assert_int_equal(tries_read_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), 60);
	assert_int_equal(tries_read_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", now), 60);
	assert_int_equal(tries_read_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0);
	assert_int_equal(tries_read_retry_after("-1", now), -1);
	assert_int_equal(tries_read_retry_after("1.5", now), -1);
	assert_int_equal(tries_read_retry_after("soon", now), -1);
	assert_int_equal(tries_read_retry_after("", now), -1);
	assert_int_equal(tries_read_retry_after("9999999999999", now), -1);
}

static void test_the_wait_doubles_with_a_part_left_to_chance(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		for (int made = 1; made < LIMIT_TRIES; made++) {
			int64_t longest = INT64_C(100) << (made - 1);
			assert_in_range(tries_wait(made), longest / 2, longest);
		}
	}
}

/* How often a failure of that kind lets another try be made. */
static int count_tries(enum failure_kind kind, struct hosts *hosts)
{
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(kind, -1);
	int again = 0;
	while (tries_again(&tries, &failure, hosts))
		again++;
	assert_string_equal(failure.error.text, "h: no");
	return again + 1;
}

static void test_how_many_tries(void **state)
{
	(void)state;
	struct hosts *hosts = hosts_new();
	struct error err = ERROR_INIT;
	assert_int_equal(count_tries(FAILURE_FINAL, hosts), 1);
	assert_int_equal(count_tries(FAILURE_PASSING, hosts), LIMIT_TRIES);
	assert_int_equal(hosts_enter(hosts, "h:443", &err), 0);
	assert_int_equal(count_tries(FAILURE_CONNECT, hosts), LIMIT_CONNECT_TRIES);
	assert_int_equal(hosts_enter(hosts, "h:443", &err), -1);
	assert_string_equal(err.text, "h: no");
	hosts_free(hosts);
}

static void test_what_was_learnt_does_not_count(void **state)
{
	(void)state;
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_AGAIN, -1);
	assert_true(tries_again(&tries, &failure, NULL));
	assert_int_equal(tries.made, 0);
}

static void test_a_wish_to_wait_is_obeyed(void **state)
{
	(void)state;
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_PASSING, 1);
	int64_t before = clock_monotonic_ms();
	assert_true(tries_again(&tries, &failure, NULL));
	assert_in_range(clock_monotonic_ms() - before, 1000, 1900);
}

static void test_too_long_a_wait_is_not(void **state)
{
	(void)state;
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_PASSING, LIMIT_RETRY_AFTER_SECONDS + 1);
	assert_false(tries_again(&tries, &failure, NULL));
	assert_int_equal(failure.error.code, ERROR_RATE_LIMITED);
	assert_string_equal(failure.error.text, "h: no; asks to wait 61 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_the_wait_doubles_with_a_part_left_to_chance),
		cmocka_unit_test(test_how_many_tries),
		cmocka_unit_test(test_what_was_learnt_does_not_count),
		cmocka_unit_test(test_a_wish_to_wait_is_obeyed),
		cmocka_unit_test(test_too_long_a_wait_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
