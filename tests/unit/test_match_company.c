#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* What the configuration says of the company: where it publishes itself. */

static void expect_authorized(struct world *world, struct candidate_facts *candidate,
							  const char *expected)
{
	candidate->facts.is_authorized = true;
	look_everything_up(world, candidate);
	struct judgement judgement;
	match_judge(&candidate->facts, &judgement);
	char *actual = describe(&judgement);
	assert_memory_equal(actual, expected, strlen(expected));
	assert_int_equal(judgement.next, NEXT_NONE);
	free(actual);
	judgement_clear(&judgement);
}

static void test_what_is_ours_is_public_where_we_publish(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "abc"), 1, true);
	add(&world, "base", ORIGIN_THIRD_PARTY, "a");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abc");
	expect_authorized(&world, &candidate, "needs_review public low\n  layer 0.1 declared ours");
	hash_all(&candidate.images[0]);
	expect_authorized(&world, &candidate, "needs_review public low\n  layer 0.1 hashed ours");
}

static void test_an_unknown_owner_is_no_leak_where_we_publish(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "stray", ORIGIN_UNKNOWN, "abc");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abc");
	expect_authorized(&world, &candidate, "needs_review public low\n");
}

static void test_tampering_counts_where_we_publish(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "abc"), 1, true);
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abc");
	hash_all(&candidate.images[0]);
	serve_instead(&candidate.images[0], 2, 'z');
	expect_authorized(&world, &candidate, "needs_review tampered high\n");
}

static void test_what_says_nothing_of_us_stays_where_we_publish(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "base", ORIGIN_THIRD_PARTY, "a");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xyz");
	expect_authorized(&world, &candidate, "needs_review no_match low\n");
	image->layers[0].is_unreadable = true;
	expect_authorized(&world, &candidate, "needs_review partial medium\n");
	add_image(&candidate, NULL, NULL, "ax");
	expect_authorized(&world, &candidate, "needs_review third_party low\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_ours_is_public_where_we_publish),
		cmocka_unit_test(test_an_unknown_owner_is_no_leak_where_we_publish),
		cmocka_unit_test(test_tampering_counts_where_we_publish),
		cmocka_unit_test(test_what_says_nothing_of_us_stays_where_we_publish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
