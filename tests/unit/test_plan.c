#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* What would settle a verdict, and whether a document of ours is lifted by a layer. */

static void expect_next(const struct world *world, struct candidate_facts *candidate,
						const char *expected)
{
	struct judgement judgement = judge(world, candidate);
	judgement.evidence_count = 0; /* that it is right is tested elsewhere */
	char *actual = describe(&judgement);
	assert_string_equal(actual, expected);
	free(actual);
	judgement_clear(&judgement);
}

/* Known to be ours from the second layer up. */
static void add_app(struct world *world, const char *letters)
{
	set_boundary(add_ours(world, "app", letters), 1, true);
}

static struct match_image *begin_image(struct candidate_facts *candidate, const char *manifest,
									   const char *config, const char *letters)
{
	begin_candidate(candidate);
	return add_image(candidate, manifest, config, letters);
}

/* ---- The smallest layer that settles it ---- */

static void test_the_smallest_own_layer(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abcd");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "abcdx");
	image->layers[0].size = 1; /* not ours */
	image->layers[1].size = 300;
	image->layers[2].size = 200;
	image->layers[3].size = 201;
	image->layers[4].size = 2; /* nobody's */
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.2 200\n");
}

static void test_the_lower_of_two_equally_large(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abcd");
	begin_image(&candidate, NULL, NULL, "xdcb");
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.1 100\n");
}

static void test_the_smallest_of_all_platforms(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	begin_image(&candidate, NULL, NULL, "xb");
	add_image(&candidate, NULL, NULL, "xyc")->layers[2].size = 99;
	expect_next(&world, &candidate, "needs_review layer_declared high\n  next hash_layer 1.2 99\n");
}

static void test_unknown_sizes_come_last(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abcd");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "xbcd");
	image->layers[1].size = -1;
	image->layers[2].size = -1;
	image->layers[3].size = INT64_MAX;
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n"
				"  next hash_layer 0.3 9223372036854775807\n");
	image->layers[3].size = -1;
	expect_next(&world, &candidate, "needs_review layer_declared high\n  next hash_layer 0.1 -1\n");
}

static void test_a_layer_of_no_bytes_is_the_smallest(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "xbc");
	image->layers[1].size = -1;
	image->layers[2].size = 0;
	expect_next(&world, &candidate, "needs_review layer_declared high\n  next hash_layer 0.2 0\n");
}

static void test_layers_that_cannot_be_had_are_skipped(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "xbc");
	image->layers[1].size = 1;
	image->layers[1].is_unreadable = true;
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.2 100\n");
	image->layers[2].is_unreadable = true;
	expect_next(&world, &candidate, "needs_review layer_declared high\n");
}

static void test_a_layer_found_empty_is_skipped(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "xbc");
	hash_layer(image, 1);
	image->layers[1].is_empty = true;
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.2 100\n");
}

static void test_what_is_proved_needs_nothing_more(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	hash_layer(begin_image(&candidate, NULL, NULL, "xbc"), 2);
	expect_next(&world, &candidate, "true_positive layer high\n");
}

/* A docker-archive names its layers by diff_id alone. */
static void test_the_digest_to_fetch(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct digest tar = tar_of('b');
	(void)state;
	add_app(&world, "ab");
	forget_blob(begin_image(&candidate, NULL, NULL, "xb"), 1);
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_HASH_LAYER);
	assert_true(digest_equal(&judgement.next_digest, &tar));
	judgement_clear(&judgement);
}

/* ---- Documents and the layer that lifts them ---- */

static void test_an_own_layer_lifts_rather_than_a_smaller_one(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	add_top(&world.internals[0], IDENTITY_MANIFEST, "m");
	struct match_image *image = begin_image(&candidate, "m", NULL, "abc");
	image->layers[0].size = 1;
	image->layers[2].size = 50;
	expect_next(&world, &candidate,
				"true_positive manifest high anchored\n  next hash_layer 0.2 50\n");
	hash_layer(image, 2);
	expect_next(&world, &candidate, "true_positive layer high\n");
}

/* The index knows the manifest alone: then any layer that is not empty will do. */
static void test_any_layer_lifts_where_none_is_known(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "m");
	struct match_image *image = begin_image(&candidate, "m", NULL, ".xyz");
	image->layers[0].size = 1;
	image->layers[1].size = 40;
	image->layers[2].size = 30;
	image->layers[2].is_unreadable = true;
	image->layers[3].size = 41;
	expect_next(&world, &candidate,
				"true_positive manifest high anchored\n  next hash_layer 0.1 40\n");
	hash_layer(image, 1);
	expect_next(&world, &candidate, "true_positive manifest high\n");
}

static void test_a_base_lifts_where_nothing_above_it_can_be_had(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "ab");
	add_top(&world.internals[0], IDENTITY_MANIFEST, "m");
	struct match_image *image = begin_image(&candidate, "m", NULL, "ab");
	image->layers[1].is_unreadable = true;
	expect_next(&world, &candidate,
				"true_positive manifest high anchored\n  next hash_layer 0.0 100\n");
}

static void test_an_empty_layer_lifts_nothing(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "m");
	struct match_image *image = begin_image(&candidate, "m", NULL, ".e");
	hash_all(image);
	image->layers[1].is_empty = true;
	expect_next(&world, &candidate, "true_positive manifest high anchored\n");
}

static void test_an_index_is_lifted_by_any_platform(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_INDEX, "i");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	add_image(&candidate, NULL, NULL, "x");
	add_image(&candidate, NULL, NULL, "y")->layers[0].size = 99;
	add_image(&candidate, NULL, NULL, "z")->is_ignored = true;
	candidate.images[2].layers[0].size = 1;
	expect_next(&world, &candidate,
				"true_positive index high anchored\n  next hash_layer 1.0 99\n");
	hash_layer(&candidate.images[2], 0);
	expect_next(&world, &candidate,
				"true_positive index high anchored\n  next hash_layer 1.0 99\n");
	hash_layer(&candidate.images[0], 0);
	expect_next(&world, &candidate, "true_positive index high\n");
}

/* The blob is what the stranger's manifest says, but nobody could unpack it: whether it is what our
 * config means is not known. */
static void test_a_config_is_lifted_by_a_tar_alone(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_CONFIG, "c");
	struct match_image *image = begin_image(&candidate, NULL, "c", "xy");
	image->layers[0].blob_level = LEVEL_HASHED;
	image->layers[0].is_unreadable = true;
	expect_next(&world, &candidate,
				"true_positive config high anchored\n  next hash_layer 0.1 100\n");
	hash_layer(image, 1);
	expect_next(&world, &candidate, "true_positive config high\n");
}

static void test_a_manifest_is_lifted_by_a_blob(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_MANIFEST, "m");
	struct match_image *image = begin_image(&candidate, "m", NULL, "x");
	image->layers[0].blob_level = LEVEL_HASHED;
	image->layers[0].is_unreadable = true;
	expect_next(&world, &candidate, "true_positive manifest high\n");
}

/* ---- Tampering ---- */

static void test_after_tampering_own_layers_may_still_prove(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "abc");
	add_top(&world.internals[0], IDENTITY_CONFIG, "c");
	struct match_image *image = begin_image(&candidate, NULL, "c", "abc");
	serve_instead(image, 1, 'y');
	expect_next(&world, &candidate, "needs_review tampered high\n  next hash_layer 0.2 100\n");
	serve_instead(image, 2, 'z');
	expect_next(&world, &candidate, "needs_review tampered high\n");
}

static void test_after_tampering_no_other_layer_is_fetched(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", ""), IDENTITY_CONFIG, "c");
	serve_instead(begin_image(&candidate, NULL, "c", "xyz"), 0, 'q');
	expect_next(&world, &candidate, "needs_review tampered high\n");
}

/* ---- Declared by sha512 alone ---- */

/* A name by sha512, which no export has. */
static struct digest long_name(const char *text)
{
	struct digest digest;
	digest_of(DIGEST_SHA512, text, strlen(text), &digest);
	return digest;
}

static void rename_by_sha512(struct match_layer *layer, const char *text)
{
	layer->blob.digest = long_name(text);
	layer->tar.digest = long_name("tar");
}

static void test_what_nobody_can_tell_is_fetched_though_others_are_broken(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "ab");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "abx");
	candidate.facts.knows_layers = true;
	image->layers[1].is_unreadable = true;
	rename_by_sha512(&image->layers[2], "blob");
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.2 100\n");
	image = begin_image(&candidate, NULL, NULL, "xz");
	candidate.facts.knows_layers = true;
	image->layers[0].is_tampered = true;
	rename_by_sha512(&image->layers[1], "blob");
	expect_next(&world, &candidate, "needs_review tampered high\n  next hash_layer 0.1 100\n");
	forget_tar(image, 1);
	expect_next(&world, &candidate, "needs_review tampered high\n  next hash_layer 0.1 100\n");
	image->layers[1].tar.digest = tar_of('z');
	expect_next(&world, &candidate, "needs_review tampered high\n");
}

static void test_what_nobody_can_tell_is_left_where_it_is_proved(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_app(&world, "ab");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "abx");
	candidate.facts.knows_layers = true;
	hash_layer(image, 1);
	rename_by_sha512(&image->layers[2], "blob");
	expect_next(&world, &candidate, "true_positive layer high\n");
	image->layers[1].blob.digest = digest_of_text("recompressed");
	expect_next(&world, &candidate, "true_positive diff_id high\n");
}

/* ---- Public by its other name ---- */

/* Where the config does not lie, to hash it would prove nothing. */
static void test_a_layer_that_is_declared_public_too_comes_last(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_listed(&world, "app", ORIGIN_OURS, "abc", LAYERS_ONLY), 1, true);
	add_listed(&world, "debian", ORIGIN_PUBLIC, "b", DIFF_IDS_ONLY);
	struct match_image *image = begin_image(&candidate, NULL, NULL, "abc");
	image->layers[1].size = 1;
	expect_next(&world, &candidate,
				"needs_review layer_declared high\n  next hash_layer 0.2 100\n");
	image->layers[2].is_unreadable = true;
	expect_next(&world, &candidate, "needs_review layer_declared high\n  next hash_layer 0.1 1\n");
}

/* ---- A shared base ---- */

static void test_the_base_to_add_ends_with_the_topmost_layer(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct digest tar = tar_of('c');
	(void)state;
	add_ours(&world, "app", "abcd");
	hash_all(begin_image(&candidate, NULL, NULL, "abc.x"));
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_ADD_BASE);
	assert_int_equal(judgement.next_layer, 2);
	assert_int_equal(judgement.next_bytes, -1);
	assert_true(digest_equal(&judgement.next_digest, &tar));
	judgement_clear(&judgement);
}

static void test_the_base_to_add_by_its_blob(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	struct digest blob = blob_of('b');
	(void)state;
	add_ours(&world, "app", "abc");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "abx");
	forget_tar(image, 1);
	image->layers[1].size = 1000;
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_ADD_BASE);
	assert_true(digest_equal(&judgement.next_digest, &blob));
	judgement_clear(&judgement);
}

static void test_a_small_layer_that_is_shared_may_be_empty(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abcd");
	struct match_image *image = begin_image(&candidate, NULL, NULL, "acx");
	image->layers[0].size = 1; /* below the boundary */
	image->layers[1].size = 513;
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_ADD_BASE);
	judgement_clear(&judgement);
	image->layers[1].size = 512;
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_SHARED_BASE);
	assert_int_equal(judgement.next, NEXT_HASH_LAYER);
	assert_int_equal(judgement.next_layer, 1);
	judgement_clear(&judgement);
	hash_layer(image, 1);
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_ADD_BASE);
	assert_int_equal(judgement.next_layer, 1);
	judgement_clear(&judgement);
}

/* What is known to be somebody else's is no base to add. */
static void test_a_known_base_below_is_not_asked_for(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "debian", ORIGIN_PUBLIC, "a");
	add_ours(&world, "app", "abc");
	begin_image(&candidate, NULL, NULL, "abx")->layers[1].size = 1000;
	expect_next(&world, &candidate, "needs_review shared_base medium\n  next add_base 0.1 -1\n");
}

/* ---- Nothing to do ---- */

static void test_nothing_would_settle_these(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "debian", ORIGIN_PUBLIC, "p");
	add(&world, "mirror", ORIGIN_THIRD_PARTY, "t");
	add(&world, "lost", ORIGIN_UNKNOWN, "u");
	begin_image(&candidate, NULL, NULL, "p");
	expect_next(&world, &candidate, "needs_review public low\n");
	begin_image(&candidate, NULL, NULL, "t");
	expect_next(&world, &candidate, "needs_review third_party low\n");
	begin_image(&candidate, NULL, NULL, "u");
	expect_next(&world, &candidate, "needs_review unknown_owner medium\n");
	begin_image(&candidate, NULL, NULL, "x");
	expect_next(&world, &candidate, "needs_review no_match low\n");
	begin_image(&candidate, NULL, NULL, "x")->layers[0].is_unreadable = true;
	expect_next(&world, &candidate, "needs_review partial medium\n");
}

/* ---- Layers that are named by sha512 alone ---- */

static void test_an_index_without_layers_settles_nothing_by_bytes(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	struct match_image *image = begin_image(&candidate, NULL, NULL, "a");
	digest_of(DIGEST_SHA512, "blob", 4, &image->layers[0].blob.digest);
	digest_of(DIGEST_SHA512, "tar", 3, &image->layers[0].tar.digest);
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_NONE);
	judgement_clear(&judgement);
	candidate.facts.knows_layers = true;
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_HASH_LAYER);
	judgement_clear(&judgement);
}

/* ---- An index that could say more ---- */

static void test_completing_the_index_may_tell_more(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "base", ORIGIN_PUBLIC, "z");
	add_ours(&world, "app", "ab");
	begin_image(&candidate, NULL, NULL, "zx");
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_PUBLIC);
	assert_true(match_gains_by_completion(&candidate.facts, &judgement));
	judgement_suggest_completion(&judgement);
	assert_int_equal(judgement.next, NEXT_ADD_MISSING);
	assert_false(digest_is_set(&judgement.next_digest));
	judgement_clear(&judgement);
	/* What is sound beside a broken layer may be ours. */
	serve_instead(begin_image(&candidate, NULL, NULL, "xy"), 0, 'w');
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_TAMPERED);
	assert_true(match_gains_by_completion(&candidate.facts, &judgement));
	judgement_clear(&judgement);
	/* Nobody's layers are empty ones. */
	begin_image(&candidate, NULL, NULL, "..");
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_NO_MATCH);
	assert_false(match_gains_by_completion(&candidate.facts, &judgement));
	judgement_clear(&judgement);
	/* What is settled, or by something else, is left as it is. */
	begin_image(&candidate, NULL, NULL, "az");
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_ADD_BASE);
	assert_false(match_gains_by_completion(&candidate.facts, &judgement));
	judgement_clear(&judgement);
	hash_all(begin_image(&candidate, NULL, NULL, "ab"));
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.next, NEXT_NONE);
	assert_false(match_gains_by_completion(&candidate.facts, &judgement));
	judgement_clear(&judgement);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_smallest_own_layer),
		cmocka_unit_test(test_the_lower_of_two_equally_large),
		cmocka_unit_test(test_the_smallest_of_all_platforms),
		cmocka_unit_test(test_unknown_sizes_come_last),
		cmocka_unit_test(test_a_layer_of_no_bytes_is_the_smallest),
		cmocka_unit_test(test_layers_that_cannot_be_had_are_skipped),
		cmocka_unit_test(test_a_layer_found_empty_is_skipped),
		cmocka_unit_test(test_what_is_proved_needs_nothing_more),
		cmocka_unit_test(test_the_digest_to_fetch),
		cmocka_unit_test(test_an_own_layer_lifts_rather_than_a_smaller_one),
		cmocka_unit_test(test_any_layer_lifts_where_none_is_known),
		cmocka_unit_test(test_a_base_lifts_where_nothing_above_it_can_be_had),
		cmocka_unit_test(test_an_empty_layer_lifts_nothing),
		cmocka_unit_test(test_an_index_is_lifted_by_any_platform),
		cmocka_unit_test(test_a_config_is_lifted_by_a_tar_alone),
		cmocka_unit_test(test_a_manifest_is_lifted_by_a_blob),
		cmocka_unit_test(test_after_tampering_own_layers_may_still_prove),
		cmocka_unit_test(test_after_tampering_no_other_layer_is_fetched),
		cmocka_unit_test(test_what_nobody_can_tell_is_fetched_though_others_are_broken),
		cmocka_unit_test(test_what_nobody_can_tell_is_left_where_it_is_proved),
		cmocka_unit_test(test_a_layer_that_is_declared_public_too_comes_last),
		cmocka_unit_test(test_the_base_to_add_ends_with_the_topmost_layer),
		cmocka_unit_test(test_the_base_to_add_by_its_blob),
		cmocka_unit_test(test_a_small_layer_that_is_shared_may_be_empty),
		cmocka_unit_test(test_a_known_base_below_is_not_asked_for),
		cmocka_unit_test(test_nothing_would_settle_these),
		cmocka_unit_test(test_an_index_without_layers_settles_nothing_by_bytes),
		cmocka_unit_test(test_completing_the_index_may_tell_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
