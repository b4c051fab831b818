#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "index/pending.h"
#include "index_fixture.h"

/* One letter is one layer: "abc" stands on "ab". */

static void check_image(struct index *index, const struct internal_image *image, bool complete,
						size_t layers, bool known, enum boundary_reason reason)
{
	struct error err = ERROR_INIT;
	struct boundary boundary;
	struct index_snapshot *snapshot = begin(index);
	if (index_boundary(snapshot, image, complete, &boundary, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(boundary_reason_name(boundary.reason), boundary_reason_name(reason));
	assert_int_equal(boundary.layers, layers);
	assert_int_equal(boundary.known, known);
	index_snapshot_end(snapshot);
}

static void check(struct index *index, const char *layers, size_t expected,
				  enum boundary_reason reason)
{
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", layers);
	check_image(index, &image, false, expected, false, reason);
	internal_image_clear(&image);
}

static void test_layers_not_known(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	check(index, "", 0, BOUNDARY_NONE);
	index_close(index);
}

static void test_nothing_known_of_the_base(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "abc");
	commit_one(index, "r/one:1", ORIGIN_OURS, "n", "z");
	check(index, "abc", 1, BOUNDARY_FIRST_LAYER);
	check(index, "z", 0, BOUNDARY_SINGLE_LAYER);
	index_close(index);
}

static void test_a_base_imported_later_moves_the_boundary(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "abcd");
	check(index, "abcd", 1, BOUNDARY_FIRST_LAYER);
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "a");
	check(index, "abcd", 1, BOUNDARY_KNOWN_PREFIX);
	commit_one(index, "python:3", ORIGIN_THIRD_PARTY, "p", "abc");
	check(index, "abcd", 3, BOUNDARY_KNOWN_PREFIX);
	commit_one(index, "node:1", ORIGIN_PUBLIC, "n", "xb"); /* "b" elsewhere is no prefix */
	check(index, "abcd", 3, BOUNDARY_KNOWN_PREFIX);
	index_close(index);
}

static void test_a_longer_public_image_shares_a_prefix(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "python:3", ORIGIN_PUBLIC, "p", "abxyz");
	check(index, "abcd", 2, BOUNDARY_KNOWN_PREFIX);
	index_close(index);
}

static void test_complete_bases_make_the_prefix_known(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abc");
	check_image(index, &image, true, 1, false, BOUNDARY_FIRST_LAYER); /* no base at all is there */
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "ab");
	check_image(index, &image, true, 2, true, BOUNDARY_COMPLETE_BASES);
	check_image(index, &image, false, 2, false, BOUNDARY_KNOWN_PREFIX);
	internal_image_clear(&image);
	index_close(index);
}

static void test_the_base_that_the_image_names(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abcd");
	image.base_digest = named("base");
	check_image(index, &image, false, 1, false, BOUNDARY_FIRST_LAYER); /* not in the index */

	commit_one(index, "r/base:1", ORIGIN_OURS, "base", ""); /* there, its layers not known */
	check_image(index, &image, false, 1, false, BOUNDARY_FIRST_LAYER);
	commit_one(index, "r/base:2", ORIGIN_OURS, "base", "xyz"); /* the same index, other platform */
	check_image(index, &image, false, 1, false, BOUNDARY_FIRST_LAYER);
	commit_one(index, "r/base:2", ORIGIN_OURS, "base", "abc");
	check_image(index, &image, false, 3, true, BOUNDARY_BASE_DIGEST);
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "a"); /* shorter, and not what was named */
	check_image(index, &image, true, 3, true, BOUNDARY_BASE_DIGEST);

	image.base_digest = named("ba"); /* a layer's digest names no image */
	check_image(index, &image, true, 1, true, BOUNDARY_COMPLETE_BASES);
	internal_image_clear(&image);
	index_close(index);
}

static void test_what_a_person_set(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abcd");
	commit_one(index, "r/base:1", ORIGIN_OURS, "base", "abc");
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "ab");
	image.base_digest = named("base");
	image.has_boundary = true;
	image.boundary = 1;
	check_image(index, &image, false, 1, true, BOUNDARY_SET);
	check_image(index, &image, true, 1, true, BOUNDARY_SET);
	image.boundary = 0; /* all of it is our own work */
	check_image(index, &image, true, 0, true, BOUNDARY_SET);
	image.boundary = 9; /* more than there are */
	check_image(index, &image, false, 4, true, BOUNDARY_SET);
	image.origin = ORIGIN_PUBLIC;
	check_image(index, &image, false, 4, false, BOUNDARY_KNOWN_PREFIX);
	internal_image_clear(&image);
	index_close(index);
}

static void test_the_root_of_an_operating_system(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abcd");
	image.root_layers = 2;
	check_image(index, &image, false, 2, false, BOUNDARY_ROOT_HISTORY);
	check_image(index, &image, true, 2, false, BOUNDARY_ROOT_HISTORY);
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "a"); /* it reaches less far */
	check_image(index, &image, false, 2, false, BOUNDARY_ROOT_HISTORY);
	check_image(index, &image, true, 1, true, BOUNDARY_COMPLETE_BASES);
	commit_one(index, "r/one:1", ORIGIN_OURS, "1", "abcx"); /* part ways where the root ends */
	commit_one(index, "r/two:1", ORIGIN_OURS, "2", "abyz");
	check_image(index, &image, false, 2, false, BOUNDARY_PARTING);
	commit_one(index, "debian:13", ORIGIN_PUBLIC, "e", "abc");
	check_image(index, &image, false, 3, false, BOUNDARY_KNOWN_PREFIX);
	image.root_layers = 7;
	check_image(index, &image, false, 4, false, BOUNDARY_ROOT_HISTORY);
	internal_image_clear(&image);
	index_close(index);
}

static void test_repositories_part_ways(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/one:1", ORIGIN_OURS, "1", "abcd");
	check(index, "abcd", 1, BOUNDARY_FIRST_LAYER);
	commit_one(index, "r/one:2", ORIGIN_OURS, "2", "abce"); /* the same repository: two versions */
	check(index, "abcd", 1, BOUNDARY_FIRST_LAYER);
	commit_one(index, "r/two:1", ORIGIN_OURS, "3", "abcd"); /* the same layers: a copy */
	check(index, "abcd", 3, BOUNDARY_PARTING);              /* but of one of two versions */
	commit_one(index, "r/three:1", ORIGIN_OURS, "4", "abx");
	check(index, "abcd", 3, BOUNDARY_PARTING); /* the greatest */
	check(index, "abx", 2, BOUNDARY_PARTING);
	commit_one(index, "debian:12", ORIGIN_PUBLIC, "d", "ab");
	check(index, "abcd", 3, BOUNDARY_PARTING);
	check(index, "abx", 2, BOUNDARY_KNOWN_PREFIX);
	index_close(index);
}

static void test_copies_do_not_part(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/one:1", ORIGIN_OURS, "1", "abc");
	commit_one(index, "r/two:1", ORIGIN_OURS, "2", "abc");
	check(index, "abc", 1, BOUNDARY_FIRST_LAYER);
	index_close(index);
}

static void test_an_image_of_ours_ends_the_parting(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/one:1", ORIGIN_OURS, "1", "abc");
	commit_one(index, "r/two:1", ORIGIN_OURS, "2", "abd");
	check(index, "abc", 2, BOUNDARY_PARTING);
	commit_one(index, "r/unknown:1", ORIGIN_UNKNOWN, "u", "ab"); /* not ours */
	check(index, "abc", 2, BOUNDARY_PARTING);
	commit_one(index, "r/golden:1", ORIGIN_OURS, "3", "ab"); /* "ab" is our own work */
	check(index, "abc", 1, BOUNDARY_FIRST_LAYER);
	index_close(index);
}

static void test_images_of_others_do_not_part_ours(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/one:1", ORIGIN_OURS, "1", "abc");
	commit_one(index, "r/two:1", ORIGIN_UNKNOWN, "2", "abd");
	check(index, "abc", 1, BOUNDARY_FIRST_LAYER);
	index_close(index);
}

static bool are_of_one_repository(const char *const names[2])
{
	size_t first = pending_repository_length(index_text_key(names[0]));
	size_t second = pending_repository_length(index_text_key(names[1]));
	return first == second && memcmp(names[0], names[1], first) == 0;
}

static void test_repositories_are_told_by_name_without_tag(void **state)
{
	(void)state;
	static const char *const SAME[][2] = {
		{"r/app:1", "r/app:2"},
		{"host:5000/app:1", "host:5000/app@sha256:00"},
		{"host:5000/app", "host:5000/app:1@sha256:00"},
		{"app", "app:1"},
	};
	static const char *const DIFFERENT[][2] = {
		{"r/app:1", "r/apps:1"},
		{"host:5000/app", "host:5001/app"},
		{"host/app", "host/app/app"},
	};
	for (size_t i = 0; i < 4; i++)
		assert_true(are_of_one_repository(SAME[i]));
	for (size_t i = 0; i < 3; i++)
		assert_false(are_of_one_repository(DIFFERENT[i]));
}

static void test_images_of_others_are_base_from_bottom_to_top(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("debian:12", ORIGIN_PUBLIC, "m", "abc");
	check_image(index, &image, false, 3, false, BOUNDARY_KNOWN_PREFIX);
	image.origin = ORIGIN_THIRD_PARTY;
	check_image(index, &image, true, 3, false, BOUNDARY_KNOWN_PREFIX);
	internal_image_clear(&image);
	index_close(index);
}

/* Forgets one of the two lists, as an export that has only the other. */
static void forget_diff_ids(struct internal_image *image)
{
	free(STEAL(image->diff_ids));
	image->diff_id_count = 0;
}

static void forget_layers(struct internal_image *image)
{
	free(STEAL(image->layers));
	image->layer_count = 0;
}

static void test_blobs_stand_in_for_diff_ids(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image base = make_image("debian:12", ORIGIN_PUBLIC, "d", "ab");
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abc");
	struct index_batch *batch = index_batch_new(0);
	forget_diff_ids(&base);
	index_batch_add(batch, &base);
	commit(index, batch, NULL);

	check_image(index, &image, false, 2, false, BOUNDARY_KNOWN_PREFIX); /* the greater of both */
	forget_diff_ids(&image);
	check_image(index, &image, false, 2, false, BOUNDARY_KNOWN_PREFIX);
	internal_image_clear(&image);
	image = make_image("r/app:1", ORIGIN_OURS, "m", "abc");
	forget_layers(&image); /* nothing in common to compare by */
	check_image(index, &image, false, 1, false, BOUNDARY_FIRST_LAYER);
	internal_image_clear(&image);
	internal_image_clear(&base);
	index_close(index);
}

static void test_every_reason_has_a_name_and_a_text(void **state)
{
	(void)state;
	static const char *const NAMES[] = {"none",           "set",          "base_digest",
										"complete_bases", "known_prefix", "parting",
										"root_history",   "first_layer",  "single_layer"};
	for (size_t i = 0; i <= BOUNDARY_SINGLE_LAYER; i++) {
		assert_string_equal(boundary_reason_name((enum boundary_reason)i), NAMES[i]);
		assert_true(strlen(boundary_reason_text((enum boundary_reason)i)) > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_layers_not_known),
		EACH(test_nothing_known_of_the_base),
		EACH(test_a_base_imported_later_moves_the_boundary),
		EACH(test_a_longer_public_image_shares_a_prefix),
		EACH(test_complete_bases_make_the_prefix_known),
		EACH(test_the_base_that_the_image_names),
		EACH(test_what_a_person_set),
		EACH(test_the_root_of_an_operating_system),
		EACH(test_repositories_part_ways),
		EACH(test_copies_do_not_part),
		EACH(test_an_image_of_ours_ends_the_parting),
		EACH(test_images_of_others_do_not_part_ours),
		EACH(test_repositories_are_told_by_name_without_tag),
		EACH(test_images_of_others_are_base_from_bottom_to_top),
		EACH(test_blobs_stand_in_for_diff_ids),
		EACH(test_every_reason_has_a_name_and_a_text),
	};
	return cmocka_run_group_tests_name("boundary", tests, NULL, NULL);
}
