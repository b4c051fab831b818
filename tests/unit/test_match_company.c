#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* What the configuration says of the company: where it publishes itself, and its names. */

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

static const struct match_hint label = {
	.place = (char *)(uintptr_t) "label vendor",
	.pattern = "acme",
	.text = (char *)(uintptr_t) "Acme",
	.image = 0,
};

static void expect_named(struct world *world, struct candidate_facts *candidate,
						 const char *expected)
{
	candidate->facts.hints = &label;
	candidate->facts.hint_count = 1;
	look_everything_up(world, candidate);
	struct judgement judgement;
	match_judge(&candidate->facts, &judgement);
	char *actual = describe(&judgement);
	assert_memory_equal(actual, expected, strlen(expected));
	free(actual);
	judgement_clear(&judgement);
}

static void test_names_outweigh_what_says_nothing_of_us(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "base", ORIGIN_THIRD_PARTY, "a");
	add(&world, "tool", ORIGIN_PUBLIC, "b");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xyz");
	expect_named(&world, &candidate, "needs_review names_only medium\n");
	image->layers[0].is_unreadable = true;
	expect_named(&world, &candidate, "needs_review names_only medium\n");
	add_image(&candidate, NULL, NULL, "ax");
	expect_named(&world, &candidate, "needs_review names_only medium\n  layer 1.0 declared");
	add_image(&candidate, NULL, NULL, "b");
	expect_named(&world, &candidate, "needs_review names_only medium\n  layer 1.0 declared");
}

static void test_the_words_of_a_known_document_are_no_news(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add(&world, "released", ORIGIN_PUBLIC, "ab"), IDENTITY_CONFIG, "known config");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, "known config", "ab");
	expect_named(&world, &candidate, "needs_review public low\n");
}

static void expect_unmoved(struct world *world, struct candidate_facts *candidate)
{
	look_everything_up(world, candidate);
	struct judgement judgement;
	match_judge(&candidate->facts, &judgement);
	char *expected = describe(&judgement);
	expect_named(world, candidate, expected);
	match_judge_name(&candidate->facts, &judgement);
	char *actual = describe(&judgement);
	assert_string_equal(actual, expected);
	free(actual);
	free(expected);
	judgement_clear(&judgement);
}

static void test_names_move_no_other_verdict(void **state)
{
	static const char *const layers[] = {"abc", "u", "xa", "a"};
	(void)state;
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		for (int is_hashed = 0; is_hashed < 2; is_hashed++) {
			struct world world = {.count = 0};
			struct candidate_facts candidate;
			set_boundary(add_ours(&world, "app", "abc"), 1, false);
			add(&world, "stray", ORIGIN_UNKNOWN, "u");
			begin_candidate(&candidate);
			struct match_image *image = add_image(&candidate, NULL, NULL, layers[i]);
			if (is_hashed)
				hash_all(image);
			expect_unmoved(&world, &candidate);
		}
}

static void test_names_hide_no_tampering(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	serve_instead(add_image(&candidate, NULL, NULL, "xyz"), 1, 'w');
	expect_named(&world, &candidate, "needs_review tampered high\n");
}

static void test_names_say_nothing_where_we_publish(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz");
	candidate.facts.is_authorized = true;
	expect_named(&world, &candidate, "needs_review no_match low\n");
}

static void test_a_name_of_the_candidate_is_enough(void **state)
{
	struct candidate_facts candidate;
	struct judgement judgement;
	(void)state;
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz");
	match_judge(&candidate.facts, &judgement);
	match_judge_name(&candidate.facts, &judgement);
	assert_int_equal(judgement.verdict, VERDICT_NEEDS_REVIEW);
	assert_int_equal(judgement.reason, REASON_NAMES_ONLY);
	assert_int_equal(judgement.priority, PRIORITY_MEDIUM);
	judgement_clear(&judgement);
}

static void test_each_image_is_named_by_its_own_words(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct judgement judgement;
	(void)state;
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xyz");
	add_image(&candidate, NULL, NULL, "vw");
	candidate.facts.hints = &label;
	candidate.facts.hint_count = 1;
	look_everything_up(&world, &candidate);
	match_judge(&candidate.facts, &judgement);
	assert_int_equal(judgement.image_reasons[0], REASON_NAMES_ONLY);
	assert_int_equal(judgement.image_reasons[1], REASON_NO_MATCH);
	judgement_clear(&judgement);
}

/* Bytes have all their names: to be ours by one that nobody else listed is not enough. */
static void test_hashed_bytes_are_public_by_either_name(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_listed(&world, "app", ORIGIN_OURS, "ab", LAYERS_ONLY), 0, true);
	add_listed(&world, "debian", ORIGIN_PUBLIC, "b", DIFF_IDS_ONLY);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xb");
	expect(&world, &candidate,
		   "needs_review layer_declared high\n"
		   "  layer 0.1 declared ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 declared public none in debian +0\n"
		   "  next hash_layer 0.1 100\n");
	hash_layer(image, 1);
	expect(&world, &candidate,
		   "needs_review public low\n"
		   "  layer 0.1 hashed public none in debian +0\n"
		   "  diff_id 0.1 hashed public none in debian +0\n");
}

/* The manifest is a stranger's, and has another number of layers than our config speaks of. */
static void test_a_config_that_does_not_fit_its_manifest(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_CONFIG, "c");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, "c", "x");
	forget_tar(image, 0);
	add_tree_error(&candidate, ERROR_TAMPERED);
	candidate.tree_errors[0].image = 0;
	candidate.tree_errors[0].where = (char *)(uintptr_t) "config sha256:c";
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  config 0 hashed ours none in app +0\n");
	/* What a manifest was to be says nothing of the config that the one served names. */
	candidate.tree_errors[0].where = (char *)(uintptr_t) "manifest sha256:m";
	expect(&world, &candidate,
		   "true_positive config high anchored\n"
		   "  config 0 hashed ours none counts in app +0\n"
		   "  next hash_layer 0.0 100\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_ours_is_public_where_we_publish),
		cmocka_unit_test(test_an_unknown_owner_is_no_leak_where_we_publish),
		cmocka_unit_test(test_tampering_counts_where_we_publish),
		cmocka_unit_test(test_what_says_nothing_of_us_stays_where_we_publish),
		cmocka_unit_test(test_names_outweigh_what_says_nothing_of_us),
		cmocka_unit_test(test_the_words_of_a_known_document_are_no_news),
		cmocka_unit_test(test_names_move_no_other_verdict),
		cmocka_unit_test(test_names_hide_no_tampering),
		cmocka_unit_test(test_names_say_nothing_where_we_publish),
		cmocka_unit_test(test_a_name_of_the_candidate_is_enough),
		cmocka_unit_test(test_each_image_is_named_by_its_own_words),
		cmocka_unit_test(test_hashed_bytes_are_public_by_either_name),
		cmocka_unit_test(test_a_config_that_does_not_fit_its_manifest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
