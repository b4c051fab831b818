#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "facts_maker.h"
#include "layerproof/nearest.h"

/* `name` is that of the internal image, NULL for none; `image` counts the candidate's. */
static void expect_nearest(const struct world *world, struct candidate_facts *candidate,
						   const char *name, size_t image)
{
	struct judgement judgement = judge(world, candidate);
	struct nearest nearest;
	assert_true(nearest_find(&candidate->facts, &judgement, &nearest));
	if (name == NULL)
		assert_null(nearest.internal);
	else
		assert_string_equal(nearest.internal->image.name, name);
	assert_int_equal(nearest.image, image);
	judgement_clear(&judgement);
}

static void expect_nothing(const struct world *world, struct candidate_facts *candidate)
{
	struct judgement judgement = judge(world, candidate);
	struct nearest nearest;
	assert_false(nearest_find(&candidate->facts, &judgement, &nearest));
	judgement_clear(&judgement);
}

static void test_the_strongest_evidence_names_it(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "base-alone", "ax");
	add_ours(&world, "app", "abc");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "ay");
	add_image(&candidate, NULL, NULL, "abc");
	expect_nearest(&world, &candidate, "app", 1);
}

static void test_what_is_hashed_is_stronger(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "first", "abc");
	add_ours(&world, "second", "def");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abc");
	hash_layer(add_image(&candidate, NULL, NULL, "def"), 2);
	expect_nearest(&world, &candidate, "second", 1);
}

/* An index names all its images: of those that have it, the one with most in common is shown beside
 * the image that has it in common. */
static void test_a_document_of_many(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "arm64", "xyz"), IDENTITY_INDEX, "i");
	add_top(add_ours(&world, "amd64", "abc"), IDENTITY_INDEX, "i");
	add_top(add_ours(&world, "s390x", "stu"), IDENTITY_INDEX, "i");
	begin_candidate(&candidate);
	add_index(&candidate, "i");
	add_image(&candidate, "m", NULL, "mno");
	add_image(&candidate, "n", NULL, "pbc");
	add_image(&candidate, "o", NULL, "pqz");
	candidate.images[1].layers[2].is_tampered = true;
	expect_nearest(&world, &candidate, "amd64", 1);
}

static void test_the_first_of_equals(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "first", "abc"), IDENTITY_MANIFEST, "m");
	add_top(add_ours(&world, "second", "abc"), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	add_image(&candidate, "m", NULL, "abc");
	expect_nearest(&world, &candidate, "first", 0);
}

static void test_one_whose_layers_are_known(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "digest-alone", ""), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	add_image(&candidate, "m", NULL, "abc");
	expect_nearest(&world, &candidate, "digest-alone", 0);
	add_ours(&world, "with-layers", "abd");
	expect_nearest(&world, &candidate, "with-layers", 0);
}

static void test_content_of_others_has_none(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "debian", ORIGIN_PUBLIC, "a");
	add(&world, "vendor", ORIGIN_THIRD_PARTY, "v");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "xy");
	add_image(&candidate, NULL, NULL, "va");
	expect_nearest(&world, &candidate, NULL, 1);
}

static void test_an_unknown_owner_counts(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add(&world, "debian", ORIGIN_PUBLIC, "a");
	add(&world, "whose", ORIGIN_UNKNOWN, "abc");
	begin_candidate(&candidate);
	add_image(&candidate, NULL, NULL, "abx");
	expect_nearest(&world, &candidate, "whose", 0);
}

static void test_nothing_to_show(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", "abc"), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	expect_nothing(&world, &candidate);
	add_image(&candidate, NULL, NULL, "xy");
	expect_nothing(&world, &candidate);
	/* A manifest of ours, but of an image of which no layer was read. */
	add_image(&candidate, "m", NULL, "");
	expect_nothing(&world, &candidate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_strongest_evidence_names_it),
		cmocka_unit_test(test_what_is_hashed_is_stronger),
		cmocka_unit_test(test_a_document_of_many),
		cmocka_unit_test(test_the_first_of_equals),
		cmocka_unit_test(test_one_whose_layers_are_known),
		cmocka_unit_test(test_content_of_others_has_none),
		cmocka_unit_test(test_an_unknown_owner_counts),
		cmocka_unit_test(test_nothing_to_show),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
