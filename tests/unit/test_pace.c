#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "net/pace.h"

static int64_t fake_now_ms;

/* Stand in for the clock of the library. */
int64_t clock_monotonic_ms(void)
{
	return fake_now_ms;
}

int64_t clock_now(void)
{
	return 1000000 + fake_now_ms / 1000;
}

const char *clock_format(int64_t seconds, char text[static CLOCK_TEXT_SIZE])
{
	(void)seconds;
	text[0] = '\0';
	return text;
}

static struct pace *begin(bool is_patient)
{
	fake_now_ms = 100000;
	return pace_new(is_patient);
}

static void pass(int64_t ms)
{
	fake_now_ms += ms;
}

static unsigned window_of(struct pace *pace, const char *host)
{
	struct pace_view view;
	pace_look(pace, host, &view);
	return view.window;
}

static struct error an_error(enum error_code code)
{
	struct error why = ERROR_INIT;
	error_set(&why, code, "h: no");
	return why;
}

/* Milliseconds for which the host is closed. */
static void check_gate(struct pace *pace, enum pace_gate gate, int64_t ms)
{
	struct error why = ERROR_INIT;
	struct pace_view view;
	int64_t until = 0;
	const struct pace_visit visit = {.is_pull = true};
	pace_look(pace, "h", &view);
	assert_int_equal(view.is_given_up, gate == PACE_GIVEN_UP);
	assert_int_equal(view.opens_ms, gate == PACE_OPEN ? 0 : fake_now_ms + ms);
	assert_int_equal(pace_enter(pace, "h", &visit, &until, &why), gate);
	if (gate == PACE_OPEN)
		return;
	assert_int_equal(until, fake_now_ms + ms);
	assert_string_equal(why.text, "h: no");
}

enum { PULL = 0, BLOB = 1, AGAIN = 2, PULL_AGAIN = PULL | AGAIN, BLOB_AGAIN = BLOB | AGAIN };

static enum pace_gate enter(struct pace *pace, const void *who, int what, struct error *why)
{
	const struct pace_visit visit = {
		.who = who, .is_pull = (what & BLOB) == 0, .is_again = (what & AGAIN) != 0};
	int64_t until = 0;
	return pace_enter(pace, "h", &visit, &until, why);
}

static enum pace_gate refuse(struct pace *pace, int64_t seconds)
{
	struct error why = an_error(ERROR_RATE_LIMITED);
	int64_t until = 0;
	enum pace_gate gate = pace_refused(pace, "h", fake_now_ms, seconds, &why, &until);
	assert_int_equal(why.retry_at, gate == PACE_GIVEN_UP ? clock_now() + seconds : 0);
	return gate;
}

static enum pace_gate break_down(struct pace *pace, enum pace_trouble trouble, enum error_code code)
{
	struct error why = an_error(code);
	int64_t until = 0;
	return pace_failed(pace, "h", fake_now_ms, trouble, &why, &until);
}

static void test_the_window_grows_and_is_halved(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	assert_int_equal(window_of(pace, "h"), 4);
	for (int i = 0; i < 12; i++)
		pace_answered(pace, "h");
	assert_int_equal(window_of(pace, "h"), 16);
	pass(10);
	pace_slow_down(pace, "h", fake_now_ms);
	assert_int_equal(window_of(pace, "h"), 8);
	/* What was on its way then brings no news. */
	pace_slow_down(pace, "h", fake_now_ms - 1);
	assert_int_equal(window_of(pace, "h"), 8);
	/* From now on it grows by one a round. */
	for (int i = 0; i < 8; i++)
		pace_answered(pace, "h");
	assert_int_equal(window_of(pace, "h"), 8);
	pace_answered(pace, "h");
	assert_int_equal(window_of(pace, "h"), 9);
	for (int i = 0; i < 10; i++) {
		pass(1);
		pace_slow_down(pace, "h", fake_now_ms);
	}
	assert_int_equal(window_of(pace, "h"), 1);
	assert_int_equal(window_of(pace, "other"), 4);
	for (int i = 0; i < 100000; i++)
		pace_answered(pace, "h");
	assert_int_equal(window_of(pace, "h"), LIMIT_JOBS);
	pace_free(pace);
}

static void test_hosts_are_named_with_or_without_the_usual_port(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	pace_answered(pace, "h");
	pace_answered(pace, "h:5000");
	pace_answered(pace, "h:5000");
	assert_int_equal(window_of(pace, "h"), 5);
	assert_int_equal(window_of(pace, "h:443"), 5);
	assert_int_equal(window_of(pace, "h:80"), 5);
	assert_int_equal(window_of(pace, "h:5000"), 6);
	pace_free(pace);
}

static void test_a_wish_closes_the_host(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	assert_int_equal(refuse(pace, 20), PACE_WAIT);
	check_gate(pace, PACE_WAIT, 20000);
	/* Of those that were on their way, the second is refused too: that closes nothing anew. */
	pass(1000);
	struct error why = an_error(ERROR_RATE_LIMITED);
	int64_t until = 0;
	assert_int_equal(pace_refused(pace, "h", fake_now_ms - 2000, 50, &why, &until), PACE_WAIT);
	assert_int_equal(until, fake_now_ms + 19000);
	pass(19000);
	check_gate(pace, PACE_OPEN, 0);
	pace_free(pace);
}

static void test_a_long_wish_gives_the_host_up(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	assert_int_equal(refuse(pace, LIMIT_RETRY_AFTER_SECONDS + 1), PACE_GIVEN_UP);
	/* Nor does an answer to what was on its way change that. */
	pace_answered(pace, "h");
	check_gate(pace, PACE_GIVEN_UP, 61000);
	pass(61000);
	check_gate(pace, PACE_OPEN, 0); /* the probe */
	check_gate(pace, PACE_GIVEN_UP, LIMIT_HOST_DOWN_SECONDS * 1000);
	pace_answered(pace, "h");
	check_gate(pace, PACE_OPEN, 0);
	pace_free(pace);
}

static void check_waits(struct pace *pace, unsigned waits, int64_t ms)
{
	struct pace_view view;
	pace_look(pace, "h", &view);
	assert_int_equal(view.waits, waits);
	assert_int_equal(view.waited_ms, ms);
}

static void test_how_long_it_was_left_alone(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	check_waits(pace, 0, 0);
	assert_int_equal(refuse(pace, 5), PACE_WAIT);
	check_waits(pace, 1, 0);
	pass(2000);
	check_waits(pace, 1, 2000);
	pass(10000);
	check_waits(pace, 1, 5000);
	assert_int_equal(refuse(pace, LIMIT_RETRY_AFTER_SECONDS + 1), PACE_GIVEN_UP);
	pass(61000);
	check_waits(pace, 2, 66000);
	check_gate(pace, PACE_OPEN, 0); /* the probe: others still stay away */
	pass(1000);
	check_waits(pace, 2, 67000);
	pace_answered(pace, "h");
	pass(1000);
	check_waits(pace, 2, 67000);
	pace_free(pace);
}

static void test_wishes_without_end_give_the_host_up(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	assert_int_equal(refuse(pace, 30), PACE_WAIT);
	pass(30000);
	assert_int_equal(refuse(pace, 30), PACE_WAIT);
	pass(30000);
	assert_int_equal(refuse(pace, 30), PACE_GIVEN_UP);
	pass(30000);
	check_gate(pace, PACE_OPEN, 0);
	pace_answered(pace, "h");
	assert_int_equal(refuse(pace, 30), PACE_WAIT);
	pace_free(pace);
}

static void test_who_is_patient_waits(void **state)
{
	(void)state;
	struct pace *pace = begin(true);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(refuse(pace, 3600), PACE_WAIT);
		pass(3600 * 1000);
	}
	assert_int_equal(refuse(pace, INT64_MAX), PACE_WAIT);
	check_gate(pace, PACE_WAIT, LIMIT_WAIT_SECONDS * INT64_C(1000));
	pace_free(pace);
}

static void test_a_quota_that_is_used_up(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	struct rate_limit quota = RATE_LIMIT_INIT;
	quota.remaining = 3;
	pace_note_quota(pace, "h", &quota);
	assert_int_equal(window_of(pace, "h"), 3);
	quota.remaining = 0;
	pace_note_quota(pace, "h", &quota);
	assert_int_equal(window_of(pace, "h"), 1);
	struct pace_view view;
	pace_look(pace, "h", &view);
	assert_int_equal(view.opens_ms, 0);
	quota.reset = 7;
	pace_note_quota(pace, "h", &quota);
	pace_look(pace, "h", &view);
	assert_int_equal(view.opens_ms, fake_now_ms + 7000);
	assert_int_equal(view.opens_at, clock_now() + 7);
	assert_false(view.is_given_up);
	quota.reset = 700;
	pace_note_quota(pace, "h", &quota);
	pace_look(pace, "h", &view);
	assert_true(view.is_given_up);
	struct error why = ERROR_INIT;
	assert_int_equal(enter(pace, NULL, PULL, &why), PACE_GIVEN_UP);
	assert_int_equal(why.code, ERROR_RATE_LIMITED);
	assert_string_equal(why.text, "h: its quota of requests is used up");
	assert_int_equal(why.retry_at, clock_now() + 700);
	assert_int_equal(enter(pace, NULL, PULL_AGAIN, &why), PACE_GIVEN_UP);
	/* What was pulled already can be read to its end. */
	assert_int_equal(enter(pace, NULL, BLOB, &why), PACE_OPEN);
	assert_int_equal(enter(pace, NULL, BLOB_AGAIN, &why), PACE_OPEN);
	pace_free(pace);
}

static void test_a_further_try_is_held_back_by_giving_up_alone(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	struct error why = ERROR_INIT;
	assert_int_equal(enter(pace, NULL, PULL_AGAIN, &why), PACE_OPEN);
	assert_int_equal(refuse(pace, 20), PACE_WAIT);
	assert_int_equal(enter(pace, NULL, PULL_AGAIN, &why), PACE_OPEN);
	assert_int_equal(why.code, ERROR_NONE);
	pass(20000);
	assert_int_equal(refuse(pace, 3600), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, NULL, PULL_AGAIN, &why), PACE_GIVEN_UP);
	assert_string_equal(why.text, "h: no");
	assert_int_equal(why.retry_at, clock_now() + 3600);
	assert_int_equal(enter(pace, NULL, BLOB_AGAIN, &why), PACE_GIVEN_UP);
	pace_free(pace);
}

static void test_the_probe_may_make_all_its_requests(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	struct error why = ERROR_INIT;
	const char first = 0, second = 0;
	assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, &first, PULL, &why), PACE_GIVEN_UP);
	pass(LIMIT_HOST_DOWN_SECONDS * 1000);
	assert_int_equal(enter(pace, &first, PULL, &why), PACE_OPEN);
	assert_int_equal(enter(pace, &second, PULL, &why), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, &second, PULL_AGAIN, &why), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, NULL, PULL, &why), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, &first, PULL, &why), PACE_OPEN);
	assert_int_equal(enter(pace, &first, PULL_AGAIN, &why), PACE_OPEN);
	/* It fails, and what it asks for next is no probe. */
	pass(1);
	assert_int_equal(break_down(pace, PACE_BUSY, ERROR_UNREACHABLE), PACE_OPEN);
	assert_int_equal(enter(pace, &first, PULL, &why), PACE_GIVEN_UP);
	pass(LIMIT_HOST_DOWN_SECONDS * 1000);
	assert_int_equal(enter(pace, &second, PULL, &why), PACE_OPEN);
	assert_int_equal(enter(pace, &first, PULL, &why), PACE_GIVEN_UP);
	/* What failed that was on its way before the host was given up does not end the probe. */
	struct error late = an_error(ERROR_UNREACHABLE);
	int64_t until = 0;
	assert_int_equal(pace_failed(pace, "h", 0, PACE_UNCONNECTED, &late, &until), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, &second, PULL, &why), PACE_OPEN);
	assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_GIVEN_UP);
	assert_int_equal(enter(pace, &second, PULL_AGAIN, &why), PACE_GIVEN_UP);
	pace_free(pace);
}

static void test_a_host_that_never_answered_is_given_up(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	int64_t rest = LIMIT_HOST_DOWN_SECONDS * INT64_C(1000);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_GIVEN_UP);
		check_gate(pace, PACE_GIVEN_UP, rest);
		pass(rest);
		check_gate(pace, PACE_OPEN, 0);
		pass(1);
		rest = 2 * rest < LIMIT_HOST_REST_SECONDS * 1000 ? 2 * rest
														 : LIMIT_HOST_REST_SECONDS * 1000;
	}
	pace_free(pace);
}

static void test_a_host_that_goes_may_come_back(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	pace_answered(pace, "h");
	for (int64_t wait = 1000; wait <= 8000; wait *= 2) {
		assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_WAIT);
		check_gate(pace, PACE_WAIT, wait);
		/* The others that were on their way. */
		struct error why = an_error(ERROR_UNREACHABLE);
		int64_t until = 0;
		assert_int_equal(pace_failed(pace, "h", fake_now_ms - 1, PACE_UNCONNECTED, &why, &until),
						 PACE_WAIT);
		assert_int_equal(until, fake_now_ms + wait);
		pass(wait);
	}
	assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_GIVEN_UP);
	pass(LIMIT_HOST_DOWN_SECONDS * 1000);
	check_gate(pace, PACE_OPEN, 0);
	pace_answered(pace, "h");
	assert_int_equal(break_down(pace, PACE_UNCONNECTED, ERROR_UNREACHABLE), PACE_WAIT);
	check_gate(pace, PACE_WAIT, 1000);
	pace_free(pace);
}

static void test_failures_in_a_row(void **state)
{
	(void)state;
	struct pace *pace = begin(false);
	for (int i = 1; i < LIMIT_HOST_FAILURES; i++)
		assert_int_equal(break_down(pace, PACE_BUSY, ERROR_UNREACHABLE), PACE_OPEN);
	pace_answered(pace, "h");
	for (int i = 1; i < LIMIT_HOST_FAILURES; i++)
		assert_int_equal(break_down(pace, PACE_BUSY, ERROR_UNREACHABLE), PACE_OPEN);
	assert_int_equal(break_down(pace, PACE_BUSY, ERROR_UNREACHABLE), PACE_WAIT);
	check_gate(pace, PACE_WAIT, 1000);
	pace_free(pace);

	pace = begin(false);
	for (int i = 1; i < LIMIT_HOST_SILENCES; i++)
		assert_int_equal(break_down(pace, PACE_SILENT, ERROR_UNREACHABLE), PACE_OPEN);
	assert_int_equal(break_down(pace, PACE_SILENT, ERROR_UNREACHABLE), PACE_GIVEN_UP);
	pace_free(pace);

	pace = begin(false);
	assert_int_equal(break_down(pace, PACE_BUSY, ERROR_RATE_LIMITED), PACE_WAIT);
	pace_free(pace);
}

static void test_who_is_patient_waits_for_a_host_that_gives_no_time(void **state)
{
	(void)state;
	struct pace *pace = begin(true);
	int64_t wait = 1000;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(break_down(pace, PACE_BUSY, ERROR_RATE_LIMITED), PACE_WAIT);
		check_gate(pace, PACE_WAIT, wait);
		pass(wait);
		wait = 2 * wait < LIMIT_HOST_REST_SECONDS * 1000 ? 2 * wait
														 : LIMIT_HOST_REST_SECONDS * 1000;
	}
	pace_free(pace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_window_grows_and_is_halved),
		cmocka_unit_test(test_hosts_are_named_with_or_without_the_usual_port),
		cmocka_unit_test(test_a_wish_closes_the_host),
		cmocka_unit_test(test_a_long_wish_gives_the_host_up),
		cmocka_unit_test(test_how_long_it_was_left_alone),
		cmocka_unit_test(test_wishes_without_end_give_the_host_up),
		cmocka_unit_test(test_who_is_patient_waits),
		cmocka_unit_test(test_a_quota_that_is_used_up),
		cmocka_unit_test(test_a_further_try_is_held_back_by_giving_up_alone),
		cmocka_unit_test(test_the_probe_may_make_all_its_requests),
		cmocka_unit_test(test_a_host_that_never_answered_is_given_up),
		cmocka_unit_test(test_a_host_that_goes_may_come_back),
		cmocka_unit_test(test_failures_in_a_row),
		cmocka_unit_test(test_who_is_patient_waits_for_a_host_that_gives_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
