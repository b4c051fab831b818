#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"
#include "layerproof/limits.h"

/* A file of the candidate that an image of ours holds above its known boundary. */
static struct match_file file_of(const struct match_internal *internal, char letter, int64_t size)
{
	return (struct match_file){
		.digest = digest_of_text((const char[]){'f', letter, '\0'}),
		.size = size,
		.origin = ORIGIN_OURS,
		.internal = internal,
		.place = 1,
	};
}

/* A candidate of one or more layers that are nobody's, hashed, with these files in the first. */
struct files_world {
	struct world world;
	struct candidate_facts candidate;
	struct match_internal *app;
	struct match_file files[64];
	struct match_image *image;
};

static void begin(struct files_world *files, bool known)
{
	files->world.count = 0;
	files->app = add_ours(&files->world, "app", "ab");
	set_boundary(files->app, 1, known);
	begin_candidate(&files->candidate);
	files->image = add_image(&files->candidate, NULL, NULL, "xy");
	hash_all(files->image);
	files->image->layers[0].files = files->files;
}

static struct match_file *add_file(struct files_world *files, char letter, int64_t size)
{
	struct match_layer *layer = &files->image->layers[0];
	layer->files[layer->file_count] = file_of(files->app, letter, size);
	return &layer->files[layer->file_count++];
}

static void expect_reason(struct files_world *files, enum reason reason, size_t count,
						  int64_t bytes)
{
	struct judgement judgement = judge(&files->world, &files->candidate);
	assert_string_equal(reason_name(judgement.reason), reason_name(reason));
	assert_int_equal(judgement.verdict,
					 reason == REASON_FILES ? VERDICT_TRUE_POSITIVE : VERDICT_NEEDS_REVIEW);
	assert_int_equal(judgement.files.files, count);
	assert_int_equal(judgement.files.bytes, bytes);
	judgement_clear(&judgement);
}

static void expect_sizes(enum reason reason, size_t count, const int64_t *sizes)
{
	struct files_world files;
	int64_t bytes = 0;
	begin(&files, true);
	for (size_t i = 0; i < count; i++) {
		add_file(&files, (char)('a' + i), sizes[i]);
		bytes += sizes[i];
	}
	expect_reason(&files, reason, count, bytes);
}

static void test_the_bar(void **state)
{
	(void)state;
	expect_sizes(REASON_NO_MATCH, 2, (const int64_t[]){500000, 500000});
	expect_sizes(REASON_NO_MATCH, 3, (const int64_t[]){65535 - 128, 64, 64});
	expect_sizes(REASON_FILES, 3, (const int64_t[]){65536 - 128, 64, 64});
	expect_sizes(REASON_FILES, 3, (const int64_t[]){65535, 65535, 65535});
	expect_sizes(REASON_NO_MATCH, 1, (const int64_t[]){1048575});
	expect_sizes(REASON_FILES, 1, (const int64_t[]){1048576});
	expect_sizes(REASON_NO_MATCH, 2, (const int64_t[]){1048575, 1048575});
}

static void test_what_is_told(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', 64);
	expect(&files.world, &files.candidate,
		   "needs_review no_match low\n"
		   "  file 0.0 hashed ours known_boundary in app +0\n");
	add_file(&files, 'b', 70000);
	add_file(&files, 'c', 100)->others = 4;
	expect(&files.world, &files.candidate,
		   "true_positive files high\n"
		   "  file 0.0 hashed ours known_boundary counts in app +0\n"
		   "  file 0.0 hashed ours known_boundary counts in app +4\n"
		   "  file 0.0 hashed ours known_boundary counts in app +0\n");
}

static void test_small_files_never_count(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', 70000);
	add_file(&files, 'b', 100);
	add_file(&files, 'c', 63);
	add_file(&files, 'd', 0);
	expect_reason(&files, REASON_NO_MATCH, 2, 70100);
}

/* Below the boundary lies what anybody may build on, known or guessed. */
static void test_the_boundary(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', LIMIT_MIB(2))->place = 0;
	expect_reason(&files, REASON_NO_MATCH, 0, 0);
	files.files[0].place = 1;
	expect_reason(&files, REASON_FILES, 1, LIMIT_MIB(2));
	set_boundary(files.app, 2, true);
	expect_reason(&files, REASON_NO_MATCH, 0, 0);
}

/* Above a guessed one there may be more of a base that the index does not know. */
static void test_a_guessed_boundary(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, false);
	add_file(&files, 'a', LIMIT_MIB(2));
	expect_reason(&files, REASON_NO_MATCH, 0, 0);
	files.files[0].is_on_top = true;
	expect(&files.world, &files.candidate,
		   "true_positive files high\n"
		   "  file 0.0 hashed ours top_layer counts in app +0\n");
	files.files[0].place = 0;
	expect_reason(&files, REASON_NO_MATCH, 0, 0);
}

static void test_disclaimers(void **state)
{
	static const enum origin others[] = {ORIGIN_PUBLIC, ORIGIN_THIRD_PARTY, ORIGIN_UNKNOWN};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct files_world files;
		begin(&files, true);
		add_file(&files, 'a', LIMIT_MIB(2))->origin = others[i];
		expect_reason(&files, REASON_NO_MATCH, 0, 0);
	}
}

static void test_layers_with_packages(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', LIMIT_MIB(2))->has_packages = true;
	expect_reason(&files, REASON_NO_MATCH, 0, 0);
}

/* The same bytes at two places, or in two layers, are one file. */
static void test_copies_count_once(void **state)
{
	(void)state;
	struct files_world files;
	struct match_file upper[1];
	begin(&files, true);
	add_file(&files, 'a', 40000);
	add_file(&files, 'a', 40000);
	add_file(&files, 'b', 100);
	upper[0] = file_of(files.app, 'a', 40000);
	files.image->layers[1].files = upper;
	files.image->layers[1].file_count = 1;
	expect_reason(&files, REASON_NO_MATCH, 2, 40100);
	upper[0] = file_of(files.app, 'c', 30000);
	expect_reason(&files, REASON_FILES, 3, 70100);
}

/* Each image has to pass the bar for itself. */
static void test_images_are_judged_apart(void **state)
{
	(void)state;
	struct files_world files;
	struct match_file other[2];
	begin(&files, true);
	add_file(&files, 'a', 40000);
	struct match_image *image = add_image(&files.candidate, NULL, NULL, "z");
	hash_all(image);
	other[0] = file_of(files.app, 'b', 40000);
	other[1] = file_of(files.app, 'c', 100);
	image->layers[0].files = other;
	image->layers[0].file_count = 2;
	expect_reason(&files, REASON_NO_MATCH, 3, 80100);
	add_file(&files, 'b', 40000);
	add_file(&files, 'c', 100);
	struct judgement judgement = judge(&files.world, &files.candidate);
	assert_int_equal(judgement.reason, REASON_FILES);
	assert_int_equal(judgement.image_reasons[0], REASON_FILES);
	assert_int_equal(judgement.image_reasons[1], REASON_NO_MATCH);
	judgement_clear(&judgement);
}

static void test_the_largest_are_listed(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	for (int i = 0; i < LIMIT_FILES_LISTED + 5; i++)
		add_file(&files, (char)('A' + i), 10000 + i);
	struct judgement judgement = judge(&files.world, &files.candidate);
	assert_int_equal(judgement.evidence_count, LIMIT_FILES_LISTED);
	for (size_t i = 0; i < judgement.evidence_count; i++)
		assert_int_equal(judgement.evidence[i].file->size,
						 10000 + LIMIT_FILES_LISTED + 4 - (int64_t)i);
	assert_int_equal(judgement.files.files, LIMIT_FILES_LISTED + 5);
	judgement_clear(&judgement);
}

/* Weak hints never make a verdict cleaner or stronger than it is without them. */
static void test_beside_other_evidence(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', 100);
	files.image->layers[1].is_unreadable = true;
	expect_reason(&files, REASON_PARTIAL, 1, 100);
	files.image->layers[1].is_tampered = true;
	expect_reason(&files, REASON_TAMPERED, 1, 100);
	add_file(&files, 'b', LIMIT_MIB(1));
	expect_reason(&files, REASON_FILES, 2, LIMIT_MIB(1) + 100);
	begin(&files, true);
	add_file(&files, 'a', 100);
	files.image->layers[0].has_unhashed_files = true;
	expect_reason(&files, REASON_PARTIAL, 1, 100);
}

/* A layer of ours says more than its files, and these say more than a document. */
static void test_the_rung(void **state)
{
	(void)state;
	assert_true(REASON_FILES > REASON_INDEX);
	assert_true(REASON_FILES < REASON_DIFF_ID);
	struct files_world files;
	begin(&files, true);
	files.world.count = 0;
	files.app = add_ours(&files.world, "app", "y");
	set_boundary(files.app, 0, true);
	add_file(&files, 'a', LIMIT_MIB(1))->place = 0;
	expect(&files.world, &files.candidate,
		   "true_positive layer high\n"
		   "  layer 0.1 hashed ours whole_image counts in app +0\n"
		   "  diff_id 0.1 hashed ours whole_image counts in app +0\n"
		   "  file 0.0 hashed ours known_boundary counts in app +0\n");
}

static void test_an_authorized_place(void **state)
{
	(void)state;
	struct files_world files;
	begin(&files, true);
	add_file(&files, 'a', LIMIT_MIB(1));
	files.candidate.facts.is_authorized = true;
	struct judgement judgement = judge(&files.world, &files.candidate);
	assert_int_equal(judgement.reason, REASON_PUBLIC);
	judgement_clear(&judgement);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_bar),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_small_files_never_count),
		cmocka_unit_test(test_the_boundary),
		cmocka_unit_test(test_a_guessed_boundary),
		cmocka_unit_test(test_disclaimers),
		cmocka_unit_test(test_layers_with_packages),
		cmocka_unit_test(test_copies_count_once),
		cmocka_unit_test(test_images_are_judged_apart),
		cmocka_unit_test(test_the_largest_are_listed),
		cmocka_unit_test(test_beside_other_evidence),
		cmocka_unit_test(test_the_rung),
		cmocka_unit_test(test_an_authorized_place),
	};
	return cmocka_run_group_tests_name("match_files", tests, NULL, NULL);
}
