#include "story.h"

/* ---- The sentence ---- */

static void test_summaries_of_matches(void **state)
{
	static const struct {
		enum origin origin;
		const char *summary;
	} cases[] = {
		{ORIGIN_PUBLIC, "layer 1 of 1 (linux/amd64) is known, as public content of lib"},
		{ORIGIN_THIRD_PARTY, "layer 1 of 1 (linux/amd64) is known, as third-party content of lib"},
		{ORIGIN_UNKNOWN, "layer 1 of 1 (linux/amd64) is in lib, whose owner is not known"},
		{ORIGIN_OURS, "layer 1 of 1 (linux/amd64) is declared to be a layer of lib; every layer of "
					  "that image is listed, in order; its bytes were not hashed"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct story story;
		begin_story(&story, "quay.example/app");
		add(&story.world, "lib", cases[i].origin, "a");
		add_image(&story.candidate, NULL, NULL, "a");
		end_story(&story);
		expect_summary(&story.finding, cases[i].summary);
		clear_story(&story);
	}
}

static void test_summaries_of_documents(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	add_top(add_ours(&story.world, "", ""), IDENTITY_CONFIG, "c");
	struct match_image *image = add_image(&story.candidate, NULL, "c", "x");
	story.candidate.tree_images[0].platform = NULL;
	end_story(&story);
	expect_summary(&story.finding, "the config served is that of an internal image without a name, "
								   "byte for byte; no layer was hashed yet");
	judgement_clear(&story.judgement);
	hash_layer(image, 0);
	end_story(&story);
	expect_summary(&story.finding, "the config served is that of an internal image without a name, "
								   "byte for byte; a layer of it was hashed too");
	clear_story(&story);
}

static void test_summaries_of_ownership(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	set_boundary(add_ours(&story.world, "app:1", "abc"), 1, true);
	hash_layer(add_image(&story.candidate, NULL, NULL, "xc"), 1);
	end_story(&story);
	expect_summary(&story.finding, "layer 2 of 2 (linux/amd64), hashed from the bytes served, is a "
								   "layer of app:1; it lies above the known base of that image");
	judgement_clear(&story.judgement);
	set_boundary(&story.world.internals[0], 1, false);
	end_story(&story);
	expect_summary(
		&story.finding,
		"layer 2 of 2 (linux/amd64), hashed from the bytes served, is a layer of app:1; it lies "
		"above the base of that image and outside what the two have in common below");
	judgement_clear(&story.judgement);
	set_boundary(&story.world.internals[0], 3, false);
	end_story(&story);
	expect_summary(
		&story.finding,
		"layer 2 of 2 (linux/amd64) is also in app:1, but may belong to a base that both stand on");
	clear_story(&story);
}

static void test_the_summary_of_a_listed_image(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	add_ours(&story.world, "app:1", "abc");
	hash_layer(add_image(&story.candidate, NULL, NULL, "abc"), 1);
	end_story(&story);
	expect_summary(
		&story.finding,
		"layer 2 of 3 (linux/amd64), hashed from the bytes served, is a layer of app:1; whether it "
		"is that image's own work hangs on the topmost layer of it, which is listed too, but was "
		"not "
		"hashed");
	clear_story(&story);
}

static void test_the_summary_of_names(void **state)
{
	const struct match_hint hints[] = {
		{(char *)(uintptr_t) "label vendor", "acme", (char *)(uintptr_t) "Acme", 0},
		{(char *)(uintptr_t) "env TOKEN", "\xe9\x98\xbf*", NULL, 0},
	};
	const struct finding_error error = {.code = ERROR_UNREACHABLE, .message = NULL};
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	add_image(&story.candidate, NULL, NULL, "xyz");
	story.candidate.facts.hints = hints;
	story.candidate.facts.hint_count = 1;
	end_story(&story);
	expect_summary(&story.finding,
				   "only names point to us: label vendor says \"Acme\" (pattern acme)");
	story.finding.name_hints = hints;
	story.finding.name_hint_count = 2;
	story.finding.errors = &error;
	story.finding.error_count = 1;
	expect_summary(&story.finding, "only names point to us: label vendor says \"Acme\" (pattern "
								   "acme) and 2 more; not all of it could be read");
	story.candidate.facts.hint_count = 0;
	story.finding.name_hints = hints + 1;
	story.finding.name_hint_count = 1;
	story.finding.error_count = 0;
	expect_summary(&story.finding, "only names point to us: env TOKEN (pattern \xe9\x98\xbf*)");
	clear_story(&story);
}

static void test_summaries_of_what_was_read(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	add_image(&story.candidate, NULL, NULL, "xyz");
	end_story(&story);
	expect_summary(&story.finding, "nothing matches: the manifests and configurations of 1 image "
								   "with 3 layers were read");
	judgement_clear(&story.judgement);
	add_image(&story.candidate, NULL, NULL, "");
	end_story(&story);
	expect_summary(&story.finding, "nothing matches: the manifests and configurations of 2 images "
								   "with 3 layers were read");
	judgement_clear(&story.judgement);
	story.candidate.layers[0][0].is_unreadable = true;
	end_story(&story);
	expect_summary(&story.finding, "nothing matches in what could be read, but not all could be: "
								   "some layers cannot be read");
	clear_story(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summaries_of_matches),
		cmocka_unit_test(test_summaries_of_documents),
		cmocka_unit_test(test_summaries_of_ownership),
		cmocka_unit_test(test_the_summary_of_a_listed_image),
		cmocka_unit_test(test_the_summary_of_names),
		cmocka_unit_test(test_summaries_of_what_was_read),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
