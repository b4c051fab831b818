#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "net/shared.h"
#include "net/tries.h"

static struct failure failure_of(enum failure_kind kind, int64_t retry_after)
{
	struct failure failure = {.kind = kind, .host = "h", .retry_after = retry_after};
	error_set(&failure.error, ERROR_UNREACHABLE, "h: no");
	return failure;
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

struct fixture {
	struct network network;
	struct http http;
};

static void set_up(struct fixture *fixture)
{
	*fixture = (struct fixture){.network = {.pace = pace_new(false), .traffic = traffic_new()}};
	fixture->http.network = &fixture->network;
}

static void tear_down(struct fixture *fixture)
{
	pace_free(fixture->network.pace);
	traffic_free(fixture->network.traffic);
}

static enum pace_gate gate_of(struct fixture *fixture, const char *text)
{
	struct error why = ERROR_INIT;
	int64_t until = 0;
	const struct pace_visit visit = {.is_pull = true};
	enum pace_gate gate = pace_enter(fixture->network.pace, "h", &visit, &until, &why);
	assert_string_equal(why.text, text);
	return gate;
}

/* How often a failure of that kind lets another try be made. */
static int count_tries(struct fixture *fixture, enum failure_kind kind)
{
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(kind, -1);
	int again = 0;
	tries_begin(&tries);
	while (tries_again(&tries, &failure, &fixture->http))
		again++;
	assert_string_equal(failure.error.text, "h: no");
	return again + 1;
}

static void test_how_many_tries(void **state)
{
	(void)state;
	struct fixture fixture;
	set_up(&fixture);
	assert_int_equal(count_tries(&fixture, FAILURE_FINAL), 1);
	assert_int_equal(count_tries(&fixture, FAILURE_SILENT), 1);
	assert_int_equal(count_tries(&fixture, FAILURE_PASSING), LIMIT_TRIES);
	assert_int_equal(gate_of(&fixture, ""), PACE_OPEN);
	assert_int_equal(count_tries(&fixture, FAILURE_CONNECT), LIMIT_CONNECT_TRIES);
	assert_int_equal(gate_of(&fixture, "h: no"), PACE_GIVEN_UP);
	assert_int_equal(traffic_sum(fixture.network.traffic).retries,
					 LIMIT_TRIES - 1 + LIMIT_CONNECT_TRIES - 1);
	tear_down(&fixture);
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
	struct fixture fixture;
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_PASSING, 1);
	int64_t before = clock_monotonic_ms();
	set_up(&fixture);
	tries_begin(&tries);
	assert_true(tries_again(&tries, &failure, &fixture.http));
	assert_in_range(clock_monotonic_ms() - before, 1000, 1900);
	assert_string_equal(failure.error.text, "h: no; asks to wait 1 s");
	tear_down(&fixture);
}

static void test_who_has_other_work_comes_back(void **state)
{
	(void)state;
	struct fixture fixture;
	int64_t before = clock_monotonic_ms();
	int refusals = 0;
	set_up(&fixture);
	for (int turn = 1; turn < LIMIT_TRIES; turn++) {
		struct tries tries = {.made = 0};
		struct failure failure = failure_of(FAILURE_PASSING, 50);
		http_begin_work(&fixture.http, refusals);
		tries_begin(&tries);
		assert_false(tries_again(&tries, &failure, &fixture.http));
		assert_in_range(http_comes_back(&fixture.http, &refusals), before + 50000, before + 51900);
		assert_int_equal(refusals, turn);
	}
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_PASSING, 50);
	http_begin_work(&fixture.http, refusals);
	assert_false(tries_again(&tries, &failure, &fixture.http));
	assert_int_equal(http_comes_back(&fixture.http, &refusals), 0);
	assert_string_equal(failure.error.text, "h: no; asks to wait 50 s");
	tear_down(&fixture);
}

static void test_what_was_read_already_is_not_given_up_for_a_wait(void **state)
{
	(void)state;
	struct fixture fixture;
	struct tries tries = {.made = 0, .stays = true};
	struct failure failure = failure_of(FAILURE_PASSING, 1);
	int refusals = 0;
	set_up(&fixture);
	http_begin_work(&fixture.http, 0);
	tries_begin(&tries);
	assert_true(tries_again(&tries, &failure, &fixture.http));
	assert_int_equal(http_comes_back(&fixture.http, &refusals), 0);
	tear_down(&fixture);
}

static void test_too_long_a_wait_is_not_made(void **state)
{
	(void)state;
	struct fixture fixture;
	struct tries tries = {.made = 0};
	struct failure failure = failure_of(FAILURE_PASSING, LIMIT_RETRY_AFTER_SECONDS + 1);
	int64_t now = clock_now();
	set_up(&fixture);
	tries_begin(&tries);
	assert_false(tries_again(&tries, &failure, &fixture.http));
	assert_int_equal(failure.error.code, ERROR_RATE_LIMITED);
	assert_string_equal(failure.error.text, "h: no; asks to wait 61 s");
	assert_in_range(failure.error.retry_at, now + 61, now + 63);
	assert_int_equal(gate_of(&fixture, "h: no; asks to wait 61 s"), PACE_GIVEN_UP);
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_wait_doubles_with_a_part_left_to_chance),
		cmocka_unit_test(test_how_many_tries),
		cmocka_unit_test(test_what_was_learnt_does_not_count),
		cmocka_unit_test(test_a_wish_to_wait_is_obeyed),
		cmocka_unit_test(test_who_has_other_work_comes_back),
		cmocka_unit_test(test_what_was_read_already_is_not_given_up_for_a_wait),
		cmocka_unit_test(test_too_long_a_wait_is_not_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
