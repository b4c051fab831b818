#include "story.h"

#include "layerproof/saved_finding.h"

/* A finding that was saved reads as it read when it was made: all of it, and the line alone. */

static void expect_same(const struct finding *finding, const struct finding_table *table)
{
	struct buffer made = BUFFER_INIT(65536);
	struct buffer saved = BUFFER_INIT(65536);
	struct buffer shown = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	assert_int_equal(finding_write_table(finding, table, &made, &err), 0);
	assert_int_equal(finding_write_json(finding, false, &saved, &err), 0);
	if (saved_finding_write(saved.bytes, saved.size, "saved", table, &shown, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(shown.bytes, made.bytes);
	buffer_clear(&made);
	buffer_clear(&saved);
	buffer_clear(&shown);
}

static void expect_told(struct story *story)
{
	const struct finding_table all = {.evidence = true};
	const struct finding_table bright = {.evidence = true, .colour = true};
	const struct finding_table narrow = {.columns = 100};
	expect_same(&story->finding, &all);
	expect_same(&story->finding, &bright);
	expect_same(&story->finding, &narrow);
	clear_story(story);
}

static void test_proofs_and_failures(void **state)
{
	static const struct finding_error denied = {ERROR_DENIED, NULL, (char *)(uintptr_t) "401", 0};
	struct story story;
	(void)state;
	make_proof(&story);
	expect_told(&story);
	make_anything(&story, "oci:dir@sha256:"
						  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	expect_told(&story);
	make_anything(&story, "docker-archive:a.tar:app:1");
	expect_told(&story);
	begin_story(&story, "quay.example/app:1");
	fail_story(&story, &denied);
	expect_told(&story);
	begin_story(&story, "no reference");
	fail_story(&story, &denied);
	expect_told(&story);
}

static void test_what_the_bytes_are(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app:1");
	add_ours(&story.world, "app:1", "abc");
	struct match_image *image = add_image(&story.candidate, NULL, NULL, "axc");
	serve_instead(image, 1, 'b');
	image->layers[2].unread = UNREAD_FOREIGN;
	image->layers[2].is_unreadable = true;
	story.candidate.tree_layers[0][0].descriptor.size = -1;
	story.candidate.tree_layers[0][2].created_by = (char *)(uintptr_t) "RUN a\t\\\n && b";
	end_story(&story);
	expect_told(&story);
}

/* The index knows the layer by another algorithm than the manifest: evidence alone names it so. */
static void test_another_algorithm(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app:1");
	add_ours(&story.world, "app:1", "abc");
	add_image(&story.candidate, NULL, NULL, "abc");
	for (size_t i = 0; i < 3; i++)
		digest_of(DIGEST_SHA512, &"abc"[i], 1,
				  &story.candidate.tree_layers[0][i].descriptor.digest);
	end_story(&story);
	expect_told(&story);
}

/* Platforms do not tell the images apart, and what is not compared has no place in the finding. */
static void test_images_of_one_platform(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app:1");
	add_ours(&story.world, "app:1", "abc");
	add(&story.world, "debian", ORIGIN_PUBLIC, "d");
	add_image(&story.candidate, "attestation", NULL, "z")->is_ignored = true;
	add_image(&story.candidate, "x", NULL, "xyz");
	add_image(&story.candidate, "y", NULL, "abd");
	end_story(&story);
	expect_told(&story);
	begin_story(&story, "quay.example/app:1");
	add(&story.world, "debian", ORIGIN_PUBLIC, "d");
	add_image(&story.candidate, "x", NULL, "xyz");
	add_image(&story.candidate, "y", NULL, "dw");
	end_story(&story);
	expect_told(&story);
}

/* ---- Worlds made by chance, from a fixed seed ---- */

static uint32_t seed;

static uint32_t below(uint32_t count)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % count;
}

static const char *some_letters(char out[static MAKER_LAYERS + 1])
{
	static const char letters[] = "aabbccdefgh..";
	size_t count = below(MAKER_LAYERS) + 1;
	for (size_t i = 0; i < count; i++)
		out[i] = letters[below(sizeof(letters) - 1)];
	out[count] = '\0';
	return out;
}

static void add_some_internals(struct world *world)
{
	static const char *const names[] = {"one:1", "two:1", "two:2", "three:1"};
	char letters[MAKER_LAYERS + 1];
	for (size_t i = 0; i <= below(4); i++) {
		struct match_internal *internal = add_listed(world, names[i], (enum origin)below(4),
													 some_letters(letters),
													 (enum known_lists)below(4));
		set_boundary(internal, below(3), below(2) == 0);
		if (below(3) == 0)
			add_top(internal, below(2) == 0 ? IDENTITY_MANIFEST : IDENTITY_INDEX, "m");
	}
}

static void change_some_layer(struct match_image *image, size_t layer)
{
	switch (below(7)) {
	case 0:
		hash_layer(image, layer);
		break;
	case 1:
		serve_instead(image, layer, (char)('a' + below(8)));
		break;
	case 2:
		image->layers[layer].is_empty = true;
		break;
	default:
		break;
	}
}

static void add_some_images(struct candidate_facts *candidate)
{
	static const char *const platforms[] = {"linux/amd64", "linux/arm64", NULL};
	char letters[MAKER_LAYERS + 1];
	if (below(3) == 0)
		add_index(candidate, "m");
	for (size_t i = 0; i <= below(3); i++) {
		struct match_image *image = add_image(candidate, below(4) == 0 ? "m" : NULL, NULL,
											  some_letters(letters));
		candidate->tree_images[i].platform = (char *)(uintptr_t)platforms[below(3)];
		image->is_ignored = below(5) == 0;
		for (size_t j = 0; j < image->tree->layer_count; j++)
			change_some_layer(image, j);
	}
}

static void test_anything(void **state)
{
	struct story story;
	(void)state;
	seed = 6;
	for (int i = 0; i < 2000; i++) {
		begin_story(&story, "quay.example/app:1");
		add_some_internals(&story.world);
		add_some_images(&story.candidate);
		end_story(&story);
		expect_told(&story);
	}
}

/* ---- What is no finding ---- */

static void test_no_room(void **state)
{
	const struct finding_table all = {.evidence = true};
	struct story story;
	struct buffer saved = BUFFER_INIT(65536);
	struct buffer shown = BUFFER_INIT(100);
	struct error err = ERROR_INIT;
	(void)state;
	make_proof(&story);
	assert_int_equal(finding_write_json(&story.finding, true, &saved, &err), 0);
	assert_int_equal(saved_finding_write(saved.bytes, saved.size, "saved", &all, &shown, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_int_equal(shown.size, 0);
	/* Cut anywhere, it is refused with its name. */
	for (size_t size = 0; size + 1 < saved.size; size += 7) {
		assert_int_equal(saved_finding_write(saved.bytes, size, "saved", &all, &shown, &err), -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_memory_equal(err.text, "saved: line 1 column", 20);
	}
	buffer_clear(&saved);
	buffer_clear(&shown);
	clear_story(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proofs_and_failures),
		cmocka_unit_test(test_what_the_bytes_are),
		cmocka_unit_test(test_another_algorithm),
		cmocka_unit_test(test_images_of_one_platform),
		cmocka_unit_test(test_anything),
		cmocka_unit_test(test_no_room),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
