#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "layerproof/progress_line.h"

static const struct progress_host HOSTS[] = {
	{"docker.io", 1700000000}, {"quay.io", 1700000060}, {"h:5000", 1700003600}, {"x", 1}, {"y", 2},
};

static void assert_line(const struct progress_state *state, size_t columns, const char *expected)
{
	struct progress_state worded = *state;
	worded.words = (struct progress_words){"checked", "true_positive", "needs_review"};
	CLEANUP(free_at) char *line = progress_line_format(&worded, columns);
	assert_string_equal(line, expected);
}

static void test_what_is_known(void **state)
{
	(void)state;
	struct progress_state at = {.done = 0};
	assert_line(&at, 0, "0 checked, 0.0/s: 0 true_positive, 0 needs_review; 0 B");
	at = (struct progress_state){.done = 1234,
								 .total = 10000,
								 .per_10_seconds = 4129,
								 .first = 3,
								 .second = 1231,
								 .bytes = 19084083};
	assert_line(&at, 0,
				"1234 of 10000 checked, 412/s: 3 true_positive, 1231 needs_review; 18.2 MiB");
	at.per_10_seconds = 99;
	at.total = 0;
	assert_line(&at, 0, "1234 checked, 9.9/s: 3 true_positive, 1231 needs_review; 18.2 MiB");
}

static void test_who_is_waited_for(void **state)
{
	(void)state;
	struct progress_state at = {.done = 1, .second = 1, .waiting = HOSTS, .waiting_count = 1};
	assert_line(&at, 0,
				"1 checked, 0.0/s: 0 true_positive, 1 needs_review; 0 B; "
				"waiting for docker.io until 22:13:20Z");
	at.waiting_count = 3;
	assert_line(&at, 0,
				"1 checked, 0.0/s: 0 true_positive, 1 needs_review; 0 B; "
				"waiting for docker.io until 22:13:20Z, quay.io until 22:14:20Z, "
				"h:5000 until 23:13:20Z");
	at.waiting_count = 5;
	assert_line(&at, 0,
				"1 checked, 0.0/s: 0 true_positive, 1 needs_review; 0 B; "
				"waiting for docker.io until 22:13:20Z, quay.io until 22:14:20Z, "
				"h:5000 until 23:13:20Z and 2 more");
}

static void test_fits_into_the_columns(void **state)
{
	(void)state;
	struct progress_state at = {.done = 1234};
	assert_line(&at, 12, "1234 checked");
	assert_line(&at, 1, "1");
	assert_line(&at, 53, "1234 checked, 0.0/s: 0 true_positive, 0 needs_review;");
	assert_line(&at, 57, "1234 checked, 0.0/s: 0 true_positive, 0 needs_review; 0 B");
	assert_line(&at, 58, "1234 checked, 0.0/s: 0 true_positive, 0 needs_review; 0 B");
}

static void test_a_name_cannot_steer_the_terminal(void **state)
{
	(void)state;
	const struct progress_host host = {"h\x1b[2J", 1700000000};
	struct progress_state at = {.waiting = &host, .waiting_count = 1};
	assert_line(&at, 0,
				"0 checked, 0.0/s: 0 true_positive, 0 needs_review; 0 B; "
				"waiting for h\\x1b[2J until 22:13:20Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_known),
		cmocka_unit_test(test_who_is_waited_for),
		cmocka_unit_test(test_fits_into_the_columns),
		cmocka_unit_test(test_a_name_cannot_steer_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
