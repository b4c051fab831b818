#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/stats.h"

static void assert_record(const struct stats *stats, const char *expected)
{
	struct buffer out = BUFFER_INIT(10000);
	struct error err = ERROR_INIT;
	assert_int_equal(stats_write_json(stats, &out, &err), 0);
	assert_string_equal(out.bytes, expected);
	buffer_clear(&out);
}

static void test_a_run_without_candidates(void **state)
{
	(void)state;
	const struct stats stats = {.outcome = STATS_DONE, .started_at = 1700000000};
	assert_record(&stats,
				  "{\"schema\":\"layerproof.stats.v1\",\"outcome\":\"done\",\"candidates\":0,"
				  "\"verdicts\":{\"true_positive\":0,\"needs_review\":0},\"reasons\":{},"
				  "\"incomplete\":0,\"requests\":0,\"bytes\":0,\"retries\":0,"
				  "\"layer_bytes\":0,\"hosts\":[],\"started_at\":\"2023-11-14T22:13:20Z\","
				  "\"ms\":0}\n");
}

static void test_all_members(void **state)
{
	(void)state;
	const struct stats_host hosts[] = {
		{.name = "a", .counts = {1, 2, 3}},
		{.name = "b:5000", .waits = 2, .waited_ms = 1500, .opens_at = 1700000001},
		{.name = "c", .waits = 1, .waited_ms = 7, .opens_at = 1700000002, .is_given_up = true},
	};
	const struct stats stats = {
		.outcome = STATS_FAILED,
		.error = "standard output: no\nspace",
		.candidates = 5,
		.verdicts = {[VERDICT_TRUE_POSITIVE] = 2, [VERDICT_NEEDS_REVIEW] = 3},
		.reasons = {[REASON_LAYER] = 2, [REASON_OVER_LIMIT] = 1, [REASON_NO_MATCH] = 2},
		.incomplete = 1,
		.counts = {10, 20, 30},
		.layer_bytes = 4,
		.hosts = hosts,
		.host_count = 3,
		.started_at = 1700000000,
		.milliseconds = 1234,
	};
	assert_record(
		&stats,
		"{\"schema\":\"layerproof.stats.v1\",\"outcome\":\"failed\",\"error\":\"standard output: "
		"no\\\\x0aspace\",\"candidates\":5,\"verdicts\":{\"true_positive\":2,\"needs_review\":3},"
		"\"reasons\":{\"no_match\":2,\"layer\":2,\"over_limit\":1},\"incomplete\":1,\"requests\":"
		"10,"
		"\"bytes\":20,\"retries\":30,\"layer_bytes\":4,\"hosts\":["
		"{\"host\":\"a\",\"requests\":1,\"bytes\":2,\"retries\":3,\"waits\":0,\"waited_ms\":0,"
		"\"state\":\"open\"},"
		"{\"host\":\"b:5000\",\"requests\":0,\"bytes\":0,\"retries\":0,\"waits\":2,"
		"\"waited_ms\":1500,\"state\":\"waiting\",\"opens_at\":\"2023-11-14T22:13:21Z\"},"
		"{\"host\":\"c\",\"requests\":0,\"bytes\":0,\"retries\":0,\"waits\":1,\"waited_ms\":7,"
		"\"state\":\"given_up\",\"opens_at\":\"2023-11-14T22:13:22Z\"}],"
		"\"started_at\":\"2023-11-14T22:13:20Z\",\"ms\":1234}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_without_candidates),
		cmocka_unit_test(test_all_members),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
