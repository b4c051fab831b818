#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"

/* Whether a matching layer is ours: the three rules, one at a time, and what falls just short of
 * each. Layers are hashed here unless a test says otherwise, and known by their blobs alone, so
 * that each has one line. */

static struct match_image *add_blobs(struct candidate_facts *candidate, const char *letters)
{
	begin_candidate(candidate);
	struct match_image *image = add_image(candidate, NULL, NULL, letters);
	for (size_t i = 0; i < image->tree->layer_count; i++) {
		image->layers[i].blob_level = LEVEL_HASHED;
		forget_tar(image, i);
	}
	return image;
}

static void expect_blobs(const struct world *world, const char *letters, const char *expected)
{
	struct candidate_facts candidate;
	add_blobs(&candidate, letters);
	expect(world, &candidate, expected);
}

/* ---- 1. Above a known boundary ---- */

static void test_above_a_known_boundary(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "app", "abcd"), 2, true);
	expect_blobs(&world, "abcx",
				 "true_positive layer high\n"
				 "  layer 0.2 hashed ours known_boundary counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n");
}

static void test_below_a_known_boundary(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "app", "abcd"), 2, true);
	expect_blobs(&world, "abx",
				 "needs_review shared_base low\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
}

/* A base that is known to be a base stays one wherever it stands. */
static void test_below_a_known_boundary_and_grafted(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "app", "abcd"), 2, true);
	expect_blobs(&world, "xb",
				 "needs_review shared_base low\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
}

static void test_a_known_boundary_of_all_layers(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "app", "ab"), 2, true);
	expect_blobs(&world, "ab",
				 "needs_review shared_base low\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
}

/* ---- 2. The whole image ---- */

static void test_the_whole_image(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "abc",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours whole_image counts in app +0\n"
				 "  layer 0.2 hashed ours whole_image counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n");
}

static void test_the_whole_image_with_layers_on_top(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "abcxy",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours whole_image counts in app +0\n"
				 "  layer 0.2 hashed ours whole_image counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n");
}

static void test_the_whole_image_with_layers_between(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "xaybzc",
				 "true_positive layer high\n"
				 "  layer 0.3 hashed ours whole_image counts in app +0\n"
				 "  layer 0.5 hashed ours whole_image counts in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n");
}

static void test_all_but_the_topmost_layer(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "abcx",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  layer 0.2 hashed ours common_base in app +0\n"
				 "  next add_base 0.2 -1\n");
}

/* All layers are there, but not as an image of ours stacks them: what lies outside the common
 * bottom run is a graft, the run itself is not. */
static void test_all_layers_out_of_order(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "abdc",
				 "true_positive layer high\n"
				 "  layer 0.2 hashed ours outside_common_base counts in app +0\n"
				 "  layer 0.3 hashed ours outside_common_base counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n");
}

static void test_a_single_layer_image(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "tool", "a");
	expect_blobs(&world, "a",
				 "true_positive layer high\n"
				 "  layer 0.0 hashed ours whole_image counts in tool +0\n");
	expect_blobs(&world, "ax",
				 "true_positive layer high\n"
				 "  layer 0.0 hashed ours whole_image counts in tool +0\n");
	expect_blobs(&world, "xa",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours whole_image counts in tool +0\n");
}

/* All of an image that is nothing but base: none of its layers lies above the boundary. */
static void test_the_whole_image_below_a_guessed_boundary(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "base", "ab"), 2, false);
	expect_blobs(&world, "abx",
				 "needs_review shared_base low\n"
				 "  layer 0.0 hashed ours common_base in base +0\n"
				 "  layer 0.1 hashed ours common_base in base +0\n"
				 "  next add_base 0.1 -1\n");
}

/* The runtime is really there, and may be public; what is surely ours above it is only listed. Only
 * the bytes of the topmost layer make the image one that the candidate holds. */
static void test_a_whole_image_that_is_only_listed(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abc.");
	struct match_image *image = add_blobs(&candidate, "abc.x");
	image->layers[1].size = 1;
	image->layers[2].blob_level = LEVEL_DECLARED;
	expect(&world, &candidate,
		   "needs_review layer_declared high\n"
		   "  layer 0.1 hashed ours whole_image counts in app +0\n"
		   "  layer 0.2 declared ours whole_image counts in app +0\n"
		   "  layer 0.0 hashed ours common_base in app +0\n"
		   "  next hash_layer 0.2 100\n");
	image->layers[2].is_unreadable = true;
	expect(&world, &candidate,
		   "needs_review layer_declared high\n"
		   "  layer 0.1 hashed ours whole_image counts in app +0\n"
		   "  layer 0.2 declared ours whole_image counts in app +0\n"
		   "  layer 0.0 hashed ours common_base in app +0\n");
	image->layers[1].blob_level = LEVEL_DECLARED;
	image->layers[2].is_unreadable = false;
	expect(&world, &candidate,
		   "needs_review layer_declared high\n"
		   "  layer 0.1 declared ours whole_image counts in app +0\n"
		   "  layer 0.2 declared ours whole_image counts in app +0\n"
		   "  layer 0.0 hashed ours common_base in app +0\n"
		   "  next hash_layer 0.2 100\n");
	image->layers[2].blob_level = LEVEL_HASHED;
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.2 hashed ours whole_image counts in app +0\n"
		   "  layer 0.1 declared ours whole_image counts in app +0\n"
		   "  layer 0.0 hashed ours common_base in app +0\n");
}

/* A list that is ours itself, byte for byte, is not anybody's to write. */
static void test_a_whole_image_under_its_own_manifest(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_top(add_ours(&world, "app", "abc"), IDENTITY_MANIFEST, "m");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, "m", NULL, "abc");
	image->layers[1].blob_level = LEVEL_HASHED;
	for (size_t i = 0; i < 3; i++)
		forget_tar(image, i);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours whole_image counts in app +0\n"
		   "  manifest 0 hashed ours none counts in app +0\n"
		   "  layer 0.2 declared ours whole_image counts in app +0\n"
		   "  layer 0.0 declared ours common_base in app +0\n");
}

/* ---- 3. Outside the common bottom run ---- */

static void test_a_graft(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "xc",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours outside_common_base counts in app +0\n");
}

static void test_a_graft_at_the_bottom(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "cx",
				 "true_positive layer high\n"
				 "  layer 0.0 hashed ours outside_common_base counts in app +0\n");
}

static void test_a_graft_of_the_lowest_layer(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "xa",
				 "needs_review shared_base low\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
}

/* The base itself low; what stands on it and may be another public base, medium. */
static void test_the_common_bottom_run_is_no_proof(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "ax",
				 "needs_review shared_base low\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  next add_base 0.0 -1\n");
	expect_blobs(&world, "abx",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
}

/* A layer that ends the run: what lies above it is no longer in common, and is ours where the top
 * of that image is there too. */
static void test_a_gap_ends_the_common_run(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "abxd",
				 "true_positive layer high\n"
				 "  layer 0.3 hashed ours outside_common_base counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n");
	expect_blobs(&world, "xd",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours outside_common_base counts in app +0\n");
}

/* Between a guess and the top may lie what was copied in from a public image. */
static void test_a_graft_from_the_middle_is_no_proof(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	struct match_internal *app = add_ours(&world, "app", "abcd");
	expect_blobs(&world, "xcy",
				 "needs_review shared_base medium\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
	set_boundary(app, 2, true);
	expect_blobs(&world, "xcy",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours known_boundary counts in app +0\n");
}

/* The top may be listed by anybody: its bytes prove the rest. */
static void test_a_graft_rests_on_the_top(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abcd");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xcd");
	hash_layer(image, 1);
	struct judgement judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_LAYER_DECLARED);
	assert_int_equal(judgement.next, NEXT_HASH_LAYER);
	assert_int_equal(judgement.next_layer, 2);
	judgement_clear(&judgement);
	hash_layer(image, 2);
	judgement = judge(&world, &candidate);
	assert_int_equal(judgement.reason, REASON_LAYER);
	assert_int_equal(judgement.next, NEXT_NONE);
	judgement_clear(&judgement);
}

/* Who stands on the same base is not accused because a layer of it is broken... */
static void test_a_broken_layer_does_not_end_the_common_run(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abcd");
	struct match_image *image = add_blobs(&candidate, "abx");
	image->layers[0].blob.digest = blob_of('q');
	image->layers[0].is_tampered = true;
	expect(&world, &candidate,
		   "needs_review tampered high\n"
		   "  layer 0.1 hashed ours common_base in app +0\n");
}

/* ...and what proves it though a layer of the whole image could not be had, proves it where it is
 * broken too. */
static void test_a_broken_layer_counts_as_listed(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abc");
	struct match_image *image = add_blobs(&candidate, "abc");
	image->layers[1].blob.digest = blob_of('q');
	image->layers[1].is_tampered = true;
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.2 hashed ours whole_image counts in app +0\n"
		   "  layer 0.0 hashed ours common_base in app +0\n");
}

/* Ours is known by its diff_ids, the layer by its blob, or by another algorithm. */
static void test_a_layer_that_cannot_be_compared_does_not_end_the_common_run(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_listed(&world, "app", ORIGIN_OURS, "ab", DIFF_IDS_ONLY)->boundary.layers = 1;
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xb");
	hash_layer(image, 1);
	forget_tar(image, 0);
	static const char expected[] = "needs_review shared_base medium\n"
								   "  diff_id 0.1 hashed ours common_base in app +0\n"
								   "  next add_base 0.1 -1\n";
	expect(&world, &candidate, expected);
	digest_of(DIGEST_SHA512, "tar", 3, &image->layers[0].tar.digest);
	forget_blob(image, 0);
	image->layers[0].is_unreadable = true;
	expect(&world, &candidate, expected);
	image->layers[0].tar_level = LEVEL_HASHED; /* by sha256 as well, which nobody knows */
	expect(&world, &candidate,
		   "true_positive diff_id high\n"
		   "  diff_id 0.1 hashed ours outside_common_base counts in app +0\n");
}

/* A layer of the run that stands once more above its end is the base's all the same. */
static void test_a_repeated_layer_of_the_run_is_no_graft(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "abxb",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  layer 0.3 hashed ours common_base in app +0\n"
				 "  next add_base 0.3 -1\n");
}

static void test_an_image_with_the_candidate_inside(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abcd");
	expect_blobs(&world, "abc",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  layer 0.2 hashed ours common_base in app +0\n"
				 "  next add_base 0.2 -1\n");
}

/* ---- Several internal images ---- */

/* The whole of the smaller image is there, though only a part of the larger. */
static void test_the_image_that_shows_it_best(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "large", "abcde");
	add_ours(&world, "small", "abc");
	expect_blobs(&world, "abc",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours whole_image counts in small +1\n"
				 "  layer 0.2 hashed ours whole_image counts in small +1\n"
				 "  layer 0.0 hashed ours common_base in large +1\n");
}

static void test_the_image_with_most_in_common(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "one", "axyz");
	add_ours(&world, "two", "abcz");
	expect_blobs(&world, "abcq",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in two +1\n"
				 "  layer 0.1 hashed ours common_base in two +0\n"
				 "  layer 0.2 hashed ours common_base in two +0\n"
				 "  next add_base 0.2 -1\n");
}

static void test_a_known_boundary_beats_a_graft(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "guessed", "abc");
	set_boundary(add_ours(&world, "known", "dec"), 2, true);
	expect_blobs(&world, "xc",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours known_boundary counts in known +1\n");
}

/* Only images of ours can own a layer; one whose owner is not known has no say. */
static void test_an_image_of_unknown_owner_owns_nothing(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add(&world, "lost", ORIGIN_UNKNOWN, "ab"), 0, true);
	add_ours(&world, "app", "abc");
	expect_blobs(&world, "ab",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +1\n"
				 "  layer 0.1 hashed ours common_base in app +1\n"
				 "  next add_base 0.1 -1\n");
}

/* ---- Empty layers ---- */

static void test_empties_are_never_evidence(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_ours(&world, "app", "a.e"), 1, true);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "x.e");
	hash_all(image);
	image->layers[2].is_empty = true;
	expect(&world, &candidate, "needs_review no_match low\n");
}

static void test_known_empties_do_not_break_a_whole_image(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "a.b.");
	expect_blobs(&world, "ab",
				 "true_positive layer high\n"
				 "  layer 0.1 hashed ours whole_image counts in app +0\n"
				 "  layer 0.0 hashed ours common_base in app +0\n");
	expect_blobs(&world, "..a..b.",
				 "true_positive layer high\n"
				 "  layer 0.5 hashed ours whole_image counts in app +0\n"
				 "  layer 0.2 hashed ours common_base in app +0\n");
}

static void test_known_empties_neither_make_nor_break_a_run(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "a.bc");
	expect_blobs(&world, "ab.x",
				 "needs_review shared_base medium\n"
				 "  layer 0.0 hashed ours common_base in app +0\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  next add_base 0.1 -1\n");
	expect_blobs(&world, ".a..bx",
				 "needs_review shared_base medium\n"
				 "  layer 0.1 hashed ours common_base in app +0\n"
				 "  layer 0.4 hashed ours common_base in app +0\n"
				 "  next add_base 0.4 -1\n");
}

/* An image with nothing in it but empty layers is no image to hold. */
static void test_an_image_of_empties_is_never_whole(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "void", "..."), 0, false);
	expect_blobs(&world, "...x", "needs_review no_match low\n");
}

static void expect_with_empty(const struct world *world, const char *letters, size_t empty,
							  const char *expected)
{
	struct candidate_facts candidate;
	add_blobs(&candidate, letters)->layers[empty].is_empty = true;
	expect(world, &candidate, expected);
}

/* That "e" has no content is learnt from its bytes, by one candidate alone. */
static void test_a_layer_found_empty_in_the_middle_of_a_run(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "aebc");
	expect_with_empty(&world, "aebx", 1,
					  "needs_review shared_base medium\n"
					  "  layer 0.0 hashed ours common_base in app +0\n"
					  "  layer 0.2 hashed ours common_base in app +0\n"
					  "  next add_base 0.2 -1\n");
}

static void test_a_layer_found_empty_where_ours_has_none(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "abc");
	expect_with_empty(&world, "aebx", 1,
					  "needs_review shared_base medium\n"
					  "  layer 0.0 hashed ours common_base in app +0\n"
					  "  layer 0.2 hashed ours common_base in app +0\n"
					  "  next add_base 0.2 -1\n");
}

static void test_a_layer_found_empty_at_another_place(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "aebc");
	expect_with_empty(&world, "eabx", 0,
					  "needs_review shared_base medium\n"
					  "  layer 0.1 hashed ours common_base in app +0\n"
					  "  layer 0.2 hashed ours common_base in app +0\n"
					  "  next add_base 0.2 -1\n");
}

static void test_a_whole_image_with_a_layer_found_empty(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	add_ours(&world, "app", "aeb");
	expect_with_empty(&world, "aeb", 1,
					  "true_positive layer high\n"
					  "  layer 0.2 hashed ours whole_image counts in app +0\n"
					  "  layer 0.0 hashed ours common_base in app +0\n");
}

/* Only the empty layer lies above the boundary: nothing of ours is there. */
static void test_nothing_but_an_empty_layer_above_the_boundary(void **state)
{
	struct world world = {.count = 0};
	(void)state;
	set_boundary(add_ours(&world, "app", "abe"), 2, false);
	expect_with_empty(&world, "abe", 2,
					  "needs_review shared_base low\n"
					  "  layer 0.0 hashed ours common_base in app +0\n"
					  "  layer 0.1 hashed ours common_base in app +0\n"
					  "  next add_base 0.1 -1\n");
}

/* ---- Any name of a layer may equal any name of ours ---- */

static void test_what_the_index_has_of_layers(void **state)
{
	static const enum known_lists lists[] = {LAYERS_ONLY, DIFF_IDS_ONLY, DIFF_IDS_AS_LAYERS};
	static const char *const expected[] = {
		"true_positive layer high\n"
		"  layer 0.1 hashed ours whole_image counts in app +0\n"
		"  layer 0.0 hashed ours common_base in app +0\n",
		"true_positive diff_id high\n"
		"  diff_id 0.1 hashed ours whole_image counts in app +0\n"
		"  diff_id 0.0 hashed ours common_base in app +0\n",
		"true_positive diff_id high\n"
		"  diff_id 0.1 hashed ours whole_image counts in app +0\n"
		"  diff_id 0.0 hashed ours common_base in app +0\n",
	};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct world world = {.count = 0};
		struct candidate_facts candidate;
		set_boundary(add_listed(&world, "app", ORIGIN_OURS, "ab", lists[i]), 1, false);
		begin_candidate(&candidate);
		hash_all(add_image(&candidate, NULL, NULL, "ab"));
		expect(&world, &candidate, expected[i]);
	}
}

/* An uncompressed blob's digest is its diff_id. */
static void test_an_uncompressed_blob(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	set_boundary(add_listed(&world, "app", ORIGIN_OURS, "ab", DIFF_IDS_ONLY), 1, true);
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "xb");
	image->layers[1].blob.digest = tar_of('b');
	hash_layer(image, 1);
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours known_boundary counts in app +0\n"
		   "  diff_id 0.1 hashed ours known_boundary counts in app +0\n");
}

static void test_a_candidate_without_blob_digests(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "ab");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "ab");
	forget_blob(image, 0);
	forget_blob(image, 1);
	expect(&world, &candidate,
		   "needs_review diff_id_declared high\n"
		   "  diff_id 0.1 declared ours whole_image counts in app +0\n"
		   "  diff_id 0.0 declared ours common_base in app +0\n"
		   "  next hash_layer 0.1 100\n");
}

/* One layer recompressed, the other as it was: still the whole image, in order. */
static void test_a_whole_image_by_mixed_names(void **state)
{
	struct world world = {.count = 0};
	struct candidate_facts candidate;
	(void)state;
	add_ours(&world, "app", "abc");
	begin_candidate(&candidate);
	struct match_image *image = add_image(&candidate, NULL, NULL, "abc");
	recompress(image, 1);
	forget_tar(image, 2);
	hash_all(image);
	image->layers[0].blob_level = LEVEL_DECLARED;
	image->layers[0].tar_level = LEVEL_DECLARED;
	image->layers[2].tar_level = LEVEL_DECLARED;
	expect(&world, &candidate,
		   "true_positive layer high\n"
		   "  layer 0.2 hashed ours whole_image counts in app +0\n"
		   "  diff_id 0.1 hashed ours whole_image counts in app +0\n"
		   "  layer 0.0 declared ours common_base in app +0\n"
		   "  diff_id 0.0 declared ours common_base in app +0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_above_a_known_boundary),
		cmocka_unit_test(test_below_a_known_boundary),
		cmocka_unit_test(test_below_a_known_boundary_and_grafted),
		cmocka_unit_test(test_a_known_boundary_of_all_layers),
		cmocka_unit_test(test_the_whole_image),
		cmocka_unit_test(test_the_whole_image_with_layers_on_top),
		cmocka_unit_test(test_the_whole_image_with_layers_between),
		cmocka_unit_test(test_all_but_the_topmost_layer),
		cmocka_unit_test(test_all_layers_out_of_order),
		cmocka_unit_test(test_a_single_layer_image),
		cmocka_unit_test(test_the_whole_image_below_a_guessed_boundary),
		cmocka_unit_test(test_a_whole_image_that_is_only_listed),
		cmocka_unit_test(test_a_whole_image_under_its_own_manifest),
		cmocka_unit_test(test_a_graft),
		cmocka_unit_test(test_a_graft_at_the_bottom),
		cmocka_unit_test(test_a_graft_of_the_lowest_layer),
		cmocka_unit_test(test_the_common_bottom_run_is_no_proof),
		cmocka_unit_test(test_a_gap_ends_the_common_run),
		cmocka_unit_test(test_a_graft_from_the_middle_is_no_proof),
		cmocka_unit_test(test_a_graft_rests_on_the_top),
		cmocka_unit_test(test_a_broken_layer_does_not_end_the_common_run),
		cmocka_unit_test(test_a_broken_layer_counts_as_listed),
		cmocka_unit_test(test_a_layer_that_cannot_be_compared_does_not_end_the_common_run),
		cmocka_unit_test(test_a_repeated_layer_of_the_run_is_no_graft),
		cmocka_unit_test(test_an_image_with_the_candidate_inside),
		cmocka_unit_test(test_the_image_that_shows_it_best),
		cmocka_unit_test(test_the_image_with_most_in_common),
		cmocka_unit_test(test_a_known_boundary_beats_a_graft),
		cmocka_unit_test(test_an_image_of_unknown_owner_owns_nothing),
		cmocka_unit_test(test_empties_are_never_evidence),
		cmocka_unit_test(test_known_empties_do_not_break_a_whole_image),
		cmocka_unit_test(test_known_empties_neither_make_nor_break_a_run),
		cmocka_unit_test(test_an_image_of_empties_is_never_whole),
		cmocka_unit_test(test_a_layer_found_empty_in_the_middle_of_a_run),
		cmocka_unit_test(test_a_layer_found_empty_where_ours_has_none),
		cmocka_unit_test(test_a_layer_found_empty_at_another_place),
		cmocka_unit_test(test_a_whole_image_with_a_layer_found_empty),
		cmocka_unit_test(test_nothing_but_an_empty_layer_above_the_boundary),
		cmocka_unit_test(test_what_the_index_has_of_layers),
		cmocka_unit_test(test_an_uncompressed_blob),
		cmocka_unit_test(test_a_candidate_without_blob_digests),
		cmocka_unit_test(test_a_whole_image_by_mixed_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
