#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "facts_maker.h"
#include "layerproof/finding.h"
#include "layerproof/finding_table.h"
#include "layerproof/memory.h"
#include "report/summary.h"

/* A finding in each output format, byte for byte. */

/* The facts of one finding and what surrounds them; its texts are borrowed. */
struct story {
	struct world world;
	struct candidate_facts candidate;
	struct judgement judgement;
	struct reference reference;
	struct finding finding;
};

/* Of this candidate nothing is known yet; `input` is parsed as its reference. */
static void begin_story(struct story *story, const char *input)
{
	struct error err = ERROR_INIT;
	*story = (struct story){.finding = {.input = input}};
	if (reference_parse(input, &story->reference, &err) == 0)
		story->finding.reference = &story->reference;
	begin_candidate(&story->candidate);
}

/* Judges what was put into the story. */
static void end_story(struct story *story)
{
	struct tree *tree = &story->candidate.tree;
	story->judgement = judge(&story->world, &story->candidate);
	story->finding.facts = &story->candidate.facts;
	story->finding.judgement = &story->judgement;
	tree->digest = tree->image_count > 0 ? tree->images[0].manifest : (struct digest){0};
	story->finding.digest = &tree->digest;
	story->finding.media_type = "application/vnd.oci.image.manifest.v1+json";
}

static void fail_story(struct story *story, const struct finding_error *error)
{
	match_judge_failure(error->code, &story->judgement);
	story->finding.judgement = &story->judgement;
	story->finding.errors = error;
	story->finding.error_count = 1;
}

static void clear_story(struct story *story)
{
	judgement_clear(&story->judgement);
	if (story->finding.reference != NULL)
		reference_clear(&story->reference);
}

static void expect_json(const struct finding *finding, bool reproducible, const char *expected)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	assert_int_equal(finding_write_json(finding, reproducible, &out, &err), 0);
	assert_string_equal(out.bytes, expected);
	buffer_clear(&out);
}

static void expect_table(const struct finding *finding, const struct finding_table *table,
						 const char *expected)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	assert_int_equal(finding_write_table(finding, table, &out, &err), 0);
	assert_string_equal(out.bytes, expected);
	buffer_clear(&out);
}

static void expect_summary(const struct finding *finding, const char *expected)
{
	CLEANUP(free_at) char *summary = summary_of(finding);
	assert_string_equal(summary, expected);
}

static const struct finding_table plain_table = {.columns = 0};

/* ---- JSON ---- */

static void make_proof(struct story *story)
{
	begin_story(story, "quay.example/team/tools/app:1.2");
	add_ours(&story->world, "registry.acme.example/payments/api:1.4.2", "abc");
	add_ours(&story->world, "registry.acme.example/payments/worker:1", "abd");
	add(&story->world, "debian:12", ORIGIN_PUBLIC, "a");
	struct match_image *image = add_image(&story->candidate, NULL, NULL, "ab.cx");
	hash_layer(image, 3);
	story->candidate.tree_images[0].created = (char *)(uintptr_t) "2024-02-29T12:00:00Z";
	story->candidate.tree_layers[0][0].created_by = (char *)(uintptr_t) "ADD rootfs /";
	story->candidate.tree_layers[0][0].descriptor.media_type =
		(char *)(uintptr_t) "application/vnd.oci.image.layer.v1.tar+gzip";
	end_story(story);
	story->finding.index_id = "0123456789abcdef0123456789abcdef";
	story->finding.index_updated_at = 1709208000;
	story->finding.requests = 4;
	story->finding.bytes = 5000;
	story->finding.layer_bytes = 100;
	story->finding.milliseconds = 12;
	story->finding.checked_at = 1709208001;
}

static void test_a_proof(void **state)
{
	struct story story;
	(void)state;
	make_proof(&story);
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"c101740108f2d2dd1492bbc97256585ebedd28e38f7028467f0ed311dd1affd2\",\"input\":\"quay."
		"example/team/tools/"
		"app:1.2\",\"reference\":{\"transport\":\"registry\",\"registry\":\"quay.example\","
		"\"repository\":\"team/tools/app\",\"tag\":\"1.2\"},\"publisher\":\"quay.example/team/"
		"tools\",\"verdict\":\"true_positive\",\"reason\":\"layer\",\"priority\":\"high\","
		"\"summary\":\"layer 4 of 5 (linux/amd64), hashed from the bytes served, is a layer of "
		"registry.acme.example/payments/api:1.4.2; every layer of that image is here, in "
		"order\",\"digest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"media_type\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"created\":\"2024-02-"
		"29T12:00:00Z\",\"layers\":[{\"digest\":\"sha256:"
		"2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"size\":100,\"media_"
		"type\":\"application/"
		"vnd.oci.image.layer.v1.tar+gzip\",\"diff_id\":\"sha256:"
		"42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\",\"level\":\"declared\","
		"\"origin\":\"public\",\"empty\":false,\"created_by\":\"ADD rootfs "
		"/\"},{\"digest\":\"sha256:"
		"51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"size\":100,\"diff_"
		"id\":\"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\","
		"\"level\":\"declared\",\"origin\":\"ours\",\"empty\":false},{\"digest\":\"sha256:"
		"a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4\",\"size\":100,\"diff_"
		"id\":\"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\","
		"\"level\":\"declared\",\"empty\":true},{\"digest\":\"sha256:"
		"11e654ee1844c7b9ff5534b1013bb2a60ae275b7421aaf9f6cec7c076727ee9d\",\"size\":100,\"diff_"
		"id\":\"sha256:ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\","
		"\"level\":\"hashed\",\"origin\":\"ours\",\"empty\":false},{\"digest\":\"sha256:"
		"5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\",\"size\":100,\"diff_"
		"id\":\"sha256:997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\","
		"\"level\":\"declared\",\"empty\":false}]}],\"evidence\":[{\"identity\":\"layer\","
		"\"level\":\"hashed\",\"digest\":\"sha256:"
		"11e654ee1844c7b9ff5534b1013bb2a60ae275b7421aaf9f6cec7c076727ee9d\",\"platform\":\"linux/"
		"amd64\",\"layer\":3,\"origin\":\"ours\",\"basis\":\"whole_image\",\"internal\":{\"name\":"
		"\"registry.acme.example/payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0},{\"identity\":\"diff_id\",\"level\":\"hashed\",\"digest\":"
		"\"sha256:ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"platform\":"
		"\"linux/"
		"amd64\",\"layer\":3,\"origin\":\"ours\",\"basis\":\"whole_image\",\"internal\":{\"name\":"
		"\"registry.acme.example/payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0},{\"identity\":\"layer\",\"level\":\"declared\",\"digest\":"
		"\"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"platform\":"
		"\"linux/"
		"amd64\",\"layer\":1,\"origin\":\"ours\",\"basis\":\"whole_image\",\"internal\":{\"name\":"
		"\"registry.acme.example/payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":1},{\"identity\":\"diff_id\",\"level\":\"declared\","
		"\"digest\":\"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\","
		"\"platform\":\"linux/"
		"amd64\",\"layer\":1,\"origin\":\"ours\",\"basis\":\"whole_image\",\"internal\":{\"name\":"
		"\"registry.acme.example/payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":1},{\"identity\":\"layer\",\"level\":\"declared\",\"digest\":"
		"\"sha256:2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"platform\":"
		"\"linux/"
		"amd64\",\"layer\":0,\"origin\":\"public\",\"internal\":{\"name\":\"registry.acme.example/"
		"payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":2},{\"identity\":\"diff_id\",\"level\":\"declared\","
		"\"digest\":\"sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\","
		"\"platform\":\"linux/"
		"amd64\",\"layer\":0,\"origin\":\"public\",\"internal\":{\"name\":\"registry.acme.example/"
		"payments/"
		"api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":2}],\"coverage\":{\"layers\":{\"total\":5,\"hashed\":1,"
		"\"ours\":2,\"public\":1,\"unread\":0},\"bytes\":{\"total\":500}},\"flags\":[],\"errors\":["
		"],\"index\":{\"id\":\"0123456789abcdef0123456789abcdef\"}}\n");
	clear_story(&story);
}

static void test_times_and_costs(void **state)
{
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	(void)state;
	make_proof(&story);
	assert_int_equal(finding_write_json(&story.finding, false, &out, &err), 0);
	const char *tail = strstr(out.bytes, ",\"errors\":");
	assert_non_null(tail);
	assert_string_equal(tail,
						",\"errors\":[],\"index\":{\"id\":\"0123456789abcdef0123456789abcdef\","
						"\"updated_at\":\"2024-02-29T12:00:00Z\"},\"cost\":{\"requests\":4,"
						"\"bytes\":5000,\"ms\":12},\"checked_at\":\"2024-02-29T12:00:01Z\"}\n");
	buffer_clear(&out);
	clear_story(&story);
}

static void test_an_anchored_manifest(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "oci:dir:tag");
	add_top(add_ours(&story.world, "app:1", ""), IDENTITY_MANIFEST, "m");
	add_image(&story.candidate, "m", NULL, "x");
	end_story(&story);
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"0b1ed4db292cd982ecffc826ddf6be9767902ffb7d2f1c42bbbce1445e9995e3\",\"input\":\"oci:dir:"
		"tag\",\"reference\":{\"transport\":\"oci\",\"path\":\"dir\",\"tag\":\"tag\"},\"verdict\":"
		"\"true_positive\",\"reason\":\"manifest\",\"priority\":\"high\",\"anchored\":true,"
		"\"summary\":\"the manifest (linux/amd64) served is that of app:1, byte for byte; no layer "
		"was hashed "
		"yet\",\"digest\":\"sha256:"
		"62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a\",\"media_type\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{"
		"\"digest\":\"sha256:5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\","
		"\"size\":100,\"diff_id\":\"sha256:"
		"997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\",\"level\":\"declared\","
		"\"empty\":false}]}],\"evidence\":[{\"identity\":\"manifest\",\"level\":\"hashed\","
		"\"digest\":\"sha256:62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a\","
		"\"platform\":\"linux/"
		"amd64\",\"origin\":\"ours\",\"internal\":{\"name\":\"app:1\",\"digest\":\"sha256:"
		"62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0}],\"coverage\":{\"layers\":{\"total\":1,\"hashed\":0,"
		"\"ours\":0,\"public\":0,\"unread\":0},\"bytes\":{\"total\":100}},\"flags\":[],\"next\":{"
		"\"action\":\"hash_layer\",\"digest\":\"sha256:"
		"5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\",\"bytes\":100},"
		"\"errors\":[]}\n");
	clear_story(&story);
}

static void test_a_shared_base(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app@sha256:"
						"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	add_ours(&story.world, "app:1", "ab");
	add_image(&story.candidate, NULL, NULL, "a");
	end_story(&story);
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"dec9ac8dcda133bc0cfbacb70e872c6790fde279b0e304ff2a37c63fbf43833c\",\"input\":\"quay."
		"example/"
		"app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
		"\"reference\":{\"transport\":\"registry\",\"registry\":\"quay.example\",\"repository\":"
		"\"app\",\"digest\":\"sha256:"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},\"publisher\":\"quay."
		"example\",\"verdict\":\"needs_review\",\"reason\":\"shared_base\",\"priority\":\"low\","
		"\"summary\":\"layer 1 of 1 (linux/amd64) is also in app:1, but may belong to a base that "
		"both stand "
		"on\",\"digest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"media_type\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{"
		"\"digest\":\"sha256:2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\","
		"\"size\":100,\"diff_id\":\"sha256:"
		"42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\",\"level\":\"declared\","
		"\"origin\":\"ours\",\"empty\":false}]}],\"evidence\":[{\"identity\":\"layer\",\"level\":"
		"\"declared\",\"digest\":\"sha256:"
		"2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"platform\":\"linux/"
		"amd64\",\"layer\":0,\"origin\":\"ours\",\"basis\":\"common_base\",\"internal\":{\"name\":"
		"\"app:1\",\"digest\":\"sha256:"
		"3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0},{\"identity\":\"diff_id\",\"level\":\"declared\","
		"\"digest\":\"sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\","
		"\"platform\":\"linux/"
		"amd64\",\"layer\":0,\"origin\":\"ours\",\"basis\":\"common_base\",\"internal\":{\"name\":"
		"\"app:1\",\"digest\":\"sha256:"
		"3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0}],\"coverage\":{\"layers\":{\"total\":1,\"hashed\":0,"
		"\"ours\":0,\"public\":0,\"unread\":0},\"bytes\":{\"total\":100}},\"flags\":[],\"next\":{"
		"\"action\":\"add_base\",\"digest\":\"sha256:"
		"42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\"},\"errors\":[]}\n");
	clear_story(&story);
}

static void test_an_index_and_its_platforms(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	add_top(add_ours(&story.world, "app:1", ""), IDENTITY_INDEX, "i");
	add_index(&story.candidate, "i");
	add_image(&story.candidate, NULL, NULL, "");
	add_image(&story.candidate, NULL, NULL, "")->is_ignored = true;
	end_story(&story);
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"dec9ac8dcda133bc0cfbacb70e872c6790fde279b0e304ff2a37c63fbf43833c\",\"input\":\"quay."
		"example/"
		"app\",\"reference\":{\"transport\":\"registry\",\"registry\":\"quay.example\","
		"\"repository\":\"app\",\"tag\":\"latest\"},\"publisher\":\"quay.example\",\"verdict\":"
		"\"true_positive\",\"reason\":\"index\",\"priority\":\"high\",\"anchored\":true,"
		"\"summary\":\"the index served is that of app:1, byte for byte; no layer was hashed "
		"yet\",\"digest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"media_type\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[]}],"
		"\"evidence\":[{\"identity\":\"index\",\"level\":\"hashed\",\"digest\":\"sha256:"
		"de7d1b721a1e0632b7cf04edf5032c8ecffa9f9a08492152b926f1a5a7e765d7\",\"origin\":\"ours\","
		"\"internal\":{\"name\":\"app:1\",\"digest\":\"sha256:"
		"de7d1b721a1e0632b7cf04edf5032c8ecffa9f9a08492152b926f1a5a7e765d7\",\"source\":\"cspm."
		"csv\",\"row\":1},\"others\":0}],\"coverage\":{\"layers\":{\"total\":0,\"hashed\":0,"
		"\"ours\":0,\"public\":0,\"unread\":0},\"bytes\":{\"total\":0}},\"flags\":[],\"errors\":[]}"
		"\n");
	clear_story(&story);
}

static void test_a_tampered_layer(void **state)
{
	static const struct finding_error errors[] = {
		{ERROR_TAMPERED, (char *)(uintptr_t) "layer sha256:01", (char *)(uintptr_t) "not so"}};
	static const char *const flags[] = {"digest_header_differs", "tampered"};
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app");
	serve_instead(add_image(&story.candidate, NULL, NULL, "x"), 0, 'y');
	end_story(&story);
	story.finding.errors = errors;
	story.finding.error_count = 1;
	story.finding.flags = flags;
	story.finding.flag_count = 2;
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"dec9ac8dcda133bc0cfbacb70e872c6790fde279b0e304ff2a37c63fbf43833c\",\"input\":\"quay."
		"example/"
		"app\",\"reference\":{\"transport\":\"registry\",\"registry\":\"quay.example\","
		"\"repository\":\"app\",\"tag\":\"latest\"},\"publisher\":\"quay.example\",\"verdict\":"
		"\"needs_review\",\"reason\":\"tampered\",\"priority\":\"high\",\"summary\":\"what was "
		"served is not what was declared: layer sha256:01: not "
		"so\",\"digest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"media_type\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{"
		"\"digest\":\"sha256:5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\","
		"\"size\":100,\"diff_id\":\"sha256:"
		"997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\",\"level\":\"hashed\","
		"\"empty\":false,\"computed\":{\"digest\":\"sha256:"
		"42e2e5c21ffb5f7e6acbde1c6599fd2f72ef54844fb02516191d445debc68989\",\"diff_id\":\"sha256:"
		"45a7df6100ca8d9d9a7907ead03357e2eb1ae66263cca6ff69051b74fd76e38b\"},\"tampered\":true}]}],"
		"\"evidence\":[],\"coverage\":{\"layers\":{\"total\":1,\"hashed\":1,\"ours\":0,\"public\":"
		"0,\"unread\":0},\"bytes\":{\"total\":100}},\"flags\":[\"digest_header_differs\","
		"\"tampered\"],\"errors\":[{\"code\":\"tampered\",\"where\":\"layer "
		"sha256:01\",\"message\":\"not so\"}]}\n");
	clear_story(&story);
}

static void test_a_candidate_that_could_not_be_read(void **state)
{
	static const struct finding_error error = {ERROR_DENIED, NULL, (char *)(uintptr_t) "401"};
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app:1");
	fail_story(&story, &error);
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"fe03ac0f20fed448ea54a7c6794454ee1edc0191578424d5d8838342f9e1ffc2\",\"input\":\"quay."
		"example/"
		"app:1\",\"reference\":{\"transport\":\"registry\",\"registry\":\"quay.example\","
		"\"repository\":\"app\",\"tag\":\"1\"},\"publisher\":\"quay.example\",\"verdict\":\"needs_"
		"review\",\"reason\":\"denied\",\"priority\":\"medium\",\"summary\":\"401\",\"evidence\":[]"
		",\"flags\":[],\"errors\":[{\"code\":\"denied\",\"message\":\"401\"}]}\n");
	clear_story(&story);
}

static void test_a_line_that_is_no_reference(void **state)
{
	static const struct finding_error error = {ERROR_BAD_REFERENCE, NULL,
											   (char *)(uintptr_t) "a NUL byte is in it"};
	struct story story;
	(void)state;
	begin_story(&story, "{\"ref\":\"A\"}");
	fail_story(&story, &error);
	story.finding.discovery = json_pack("{s{si}sn}", "nested", "z", 1, "nothing");
	expect_json(
		&story.finding, true,
		"{\"schema\":\"layerproof.finding.v1\",\"id\":"
		"\"f381f53e83b7ada45489851713faf5ae7369700726206c7180dff1d248351327\",\"input\":\"{"
		"\\\"ref\\\":\\\"A\\\"}\",\"verdict\":\"needs_review\",\"reason\":\"bad_reference\","
		"\"priority\":\"medium\",\"summary\":\"a NUL byte is in "
		"it\",\"evidence\":[],\"flags\":[],\"errors\":[{\"code\":\"bad_reference\",\"message\":\"a "
		"NUL byte is in it\"}],\"discovery\":{\"nested\":{\"z\":1},\"nothing\":null}}\n");
	json_decref(story.finding.discovery);
	clear_story(&story);
}

/* ---- The id ---- */

static char *id_of(const char *input, const char *manifest)
{
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	begin_story(&story, input);
	add_image(&story.candidate, manifest, NULL, "x");
	end_story(&story);
	assert_int_equal(finding_write_json(&story.finding, true, &out, &err), 0);
	char *id = memory_copy_span(strstr(out.bytes, "\"id\":\"") + 6, 64);
	buffer_clear(&out);
	clear_story(&story);
	return id;
}

static void test_the_id_is_of_registry_repository_and_digest(void **state)
{
	struct digest expected;
	char text[DIGEST_TEXT_SIZE];
	struct digest manifest = digest_of_text("m");
	(void)state;
	CLEANUP(free_at) char *one = id_of("quay.example/app:1", "m");
	CLEANUP(free_at) char *two = id_of("quay.example/app:2", "m");
	CLEANUP(free_at) char *other_image = id_of("quay.example/app:1", "n");
	CLEANUP(free_at) char *other_repository = id_of("quay.example/app2:1", "m");
	CLEANUP(free_at) char *other_registry = id_of("ghcr.example/app:1", "m");
	CLEANUP(free_at)
	char *key = memory_format("quay.example\napp\n%s", digest_format(&manifest, text));
	digest_of(DIGEST_SHA256, key, strlen(key), &expected);
	assert_string_equal(one, digest_format(&expected, text) + strlen("sha256:"));
	assert_string_equal(one, two);
	assert_string_not_equal(one, other_image);
	assert_string_not_equal(one, other_repository);
	assert_string_not_equal(one, other_registry);
}

/* ---- Strangers' words ---- */

/* A terminal's own commands, a bidirectional override, C1, and bytes that are not UTF-8. */
#define HOSTILE                                                                                    \
	"a\033[2Jb\xE2\x80\xAE"                                                                        \
	"c\xC2\x9B"                                                                                    \
	"d\xFF\xC3(\r\n\"\\"

static void make_hostile(struct story *story)
{
	begin_story(story, "quay.example/app");
	set_boundary(add_ours(&story->world, HOSTILE, "ab"), 1, true);
	struct match_image *image = add_image(&story->candidate, NULL, NULL, "xb");
	hash_layer(image, 1);
	story->candidate.tree_images[0].platform = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_images[0].created = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_layers[0][0].created_by = (char *)(uintptr_t)HOSTILE;
	story->candidate.tree_layers[0][0].descriptor.media_type = (char *)(uintptr_t)HOSTILE;
	end_story(story);
	story->finding.media_type = HOSTILE;
}

static void expect_printable(const struct buffer *text)
{
	for (size_t i = 0; i < text->size; i++) {
		unsigned char byte = (unsigned char)text->bytes[i];
		if ((byte < 0x20 && byte != '\n') || byte >= 0x7F)
			fail_msg("byte 0x%02x at %zu: %s", byte, i, text->bytes);
	}
	/* One line, however many a stranger wrote. */
	assert_ptr_equal(strchr(text->bytes, '\n'), text->bytes + text->size - 1);
}

static void test_hostile_words_in_json(void **state)
{
	static const struct finding_error error = {ERROR_MALFORMED, (char *)(uintptr_t)HOSTILE,
											   (char *)(uintptr_t)HOSTILE};
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	json_error_t problem;
	(void)state;
	make_hostile(&story);
	story.finding.errors = &error;
	story.finding.error_count = 1;
	story.finding.discovery = json_pack("{ss}", "about", "\xE2\x80\xAE\x1B");
	assert_int_equal(finding_write_json(&story.finding, false, &out, &err), 0);
	expect_printable(&out);
	json_t *record = json_loads(out.bytes, 0, &problem);
	const json_t *image = json_array_get(json_object_get(record, "images"), 0);
	/* What is data comes back as it was, but for what is not UTF-8. */
	assert_string_equal(json_string_value(json_object_get(image, "platform")),
						"a\033[2Jb\xE2\x80\xAE"
						"c\xC2\x9B"
						"d\xEF\xBF\xBD\xEF\xBF\xBD(\r\n\"\\");
	/* What is a sentence can be read. */
	assert_string_equal(
		json_string_value(json_object_get(record, "summary")),
		"layer 2 of 2 (a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\), hashed "
		"from the bytes served, is a layer of "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\; it lies above the known "
		"base of that image");
	json_decref(record);
	json_decref(story.finding.discovery);
	buffer_clear(&out);
	clear_story(&story);
}

static void test_hostile_words_in_a_table(void **state)
{
	const struct finding_table table = {.columns = 0};
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	(void)state;
	make_hostile(&story);
	assert_int_equal(finding_write_table(&story.finding, &table, &out, &err), 0);
	expect_printable(&out);
	assert_string_equal(
		out.bytes,
		"true_positive  high      layer             quay.example/app:latest                       "
		"layer 2 of 2 (a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\), hashed "
		"from the bytes served, is a layer of "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\; it lies above the known "
		"base of that image\n");
	buffer_clear(&out);
	clear_story(&story);
}

static void test_hostile_words_as_evidence(void **state)
{
	const struct finding_table table = {.evidence = true};
	struct story story;
	(void)state;
	make_hostile(&story);
	expect_table(
		&story.finding, &table,
		"true_positive  high      layer             quay.example/app:latest                       "
		"layer 2 of 2 (a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\), hashed "
		"from the bytes served, is a layer of "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\; it lies above the known "
		"base of that image\n"
		"    layer     hashed    ours         "
		"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73  layer 2  "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\  in "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\\n"
		"    diff_id   hashed    ours         "
		"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  layer 2  "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\  in "
		"a\\x1b[2Jb\\xe2\\x80\\xaec\\xc2\\x9bd\\xff\\xc3(\\x0d\\x0a\"\\\n");
	clear_story(&story);
}

static void test_hostile_input_that_is_no_reference(void **state)
{
	static const struct finding_error error = {ERROR_BAD_REFERENCE, NULL,
											   (char *)(uintptr_t) "not one \033[31m"};
	struct story story;
	(void)state;
	begin_story(&story, "\033[31m\xE2\x80\xAEred");
	fail_story(&story, &error);
	expect_table(&story.finding, &plain_table,
				 "needs_review   medium    bad_reference     \\x1b[31m\\xe2\\x80\\xaered           "
				 "            not one \\x1b[31m\n");
	expect_json(&story.finding, true,
				"{\"schema\":\"layerproof.finding.v1\",\"id\":"
				"\"0100e3e112383d21c3afa2208da4b3ad4858a47ddb25fff6f09356152d2d8c75\",\"input\":"
				"\"\\u001B[31m\\u202Ered\",\"verdict\":\"needs_review\",\"reason\":\"bad_"
				"reference\",\"priority\":\"medium\",\"summary\":\"not one "
				"\\\\x1b[31m\",\"evidence\":[],\"flags\":[],\"errors\":[{\"code\":\"bad_"
				"reference\",\"message\":\"not one \\\\x1b[31m\"}]}\n");
	clear_story(&story);
}

/* ---- The table ---- */

static void test_headings(void **state)
{
	const struct finding_table colour = {.colour = true};
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(finding_write_headings(&plain_table, &out, &err), 0);
	assert_string_equal(out.bytes, "VERDICT        PRIORITY  REASON            REFERENCE           "
								   "                          WHAT WAS FOUND\n");
	buffer_reset(&out);
	assert_int_equal(finding_write_headings(&colour, &out, &err), 0);
	assert_string_equal(out.bytes, "\033[1mVERDICT        PRIORITY  REASON            REFERENCE    "
								   "                                 WHAT WAS FOUND\033[0m\n");
	buffer_clear(&out);
}

static void test_lines_of_the_table(void **state)
{
	const struct finding_table evidence = {.evidence = true};
	struct story story;
	(void)state;
	make_proof(&story);
	expect_table(
		&story.finding, &plain_table,
		"true_positive  high      layer             quay.example/team/tools/app:1.2               "
		"layer 4 of 5 (linux/amd64), hashed from the bytes served, is a layer of "
		"registry.acme.example/payments/api:1.4.2; every layer of that image is here, in order\n");
	expect_table(
		&story.finding, &evidence,
		"true_positive  high      layer             quay.example/team/tools/app:1.2               "
		"layer 4 of 5 (linux/amd64), hashed from the bytes served, is a layer of "
		"registry.acme.example/payments/api:1.4.2; every layer of that image is here, in order\n"
		"    layer     hashed    ours         "
		"sha256:11e654ee1844c7b9ff5534b1013bb2a60ae275b7421aaf9f6cec7c076727ee9d  layer 4  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2\n"
		"    diff_id   hashed    ours         "
		"sha256:ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791  layer 4  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2\n"
		"    layer     declared  ours         "
		"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73  layer 2  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 1 more\n"
		"    diff_id   declared  ours         "
		"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  layer 2  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 1 more\n"
		"    layer     declared  public       "
		"sha256:2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5  layer 1  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 2 more\n"
		"    diff_id   declared  public       "
		"sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282  layer 1  "
		"linux/amd64  in registry.acme.example/payments/api:1.4.2 and 2 more\n");
	clear_story(&story);
}

static void make_anything(struct story *story, const char *input)
{
	begin_story(story, input);
	add_image(&story->candidate, NULL, NULL, "x");
	end_story(story);
}

static void test_colours(void **state)
{
	const struct finding_table colour = {.colour = true};
	static const struct finding_error denied = {ERROR_DENIED, NULL, (char *)(uintptr_t) "401"};
	struct story story;
	(void)state;
	make_proof(&story);
	expect_table(&story.finding, &colour,
				 "\033[1;31mtrue_positive  high      layer             "
				 "quay.example/team/tools/app:1.2               layer 4 of 5 (linux/amd64), hashed "
				 "from the bytes served, is a layer of registry.acme.example/payments/api:1.4.2; "
				 "every layer of that image is here, in order\033[0m\n");
	clear_story(&story);
	begin_story(&story, "quay.example/app");
	fail_story(&story, &denied);
	expect_table(&story.finding, &colour,
				 "\033[33mneeds_review   medium    denied            quay.example/app:latest       "
				 "                401\033[0m\n");
	clear_story(&story);
	make_anything(&story, "quay.example/app");
	expect_table(
		&story.finding, &colour,
		"needs_review   low       no_match          quay.example/app:latest                       "
		"nothing matches: the manifests and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

static void test_the_summary_is_cut_to_the_terminal(void **state)
{
	const struct finding_table narrow = {.columns = 120};
	const struct finding_table too_narrow = {.columns = 40};
	struct story story;
	(void)state;
	make_anything(&story, "quay.example/app");
	expect_table(&story.finding, &narrow,
				 "needs_review   low       no_match          quay.example/app:latest               "
				 "        nothing matches: the manifests \n");
	/* Where there is no room at all nothing is cut: the terminal wraps. */
	expect_table(
		&story.finding, &too_narrow,
		"needs_review   low       no_match          quay.example/app:latest                       "
		"nothing matches: the manifests and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

/* A path may hold wide characters; they take two columns each. */
static void test_wide_characters(void **state)
{
	const struct finding_table narrow = {.columns = 100};
	static const struct finding_error error = {
		ERROR_SYSTEM, NULL, (char *)(uintptr_t) "\xE6\xBC\xA2\xE5\xAD\x97\xE6\xBC\xA2\xE5\xAD\x97"};
	struct story story;
	(void)state;
	begin_story(&story, "oci:\xE6\xBC\xA2\xE5\xAD\x97");
	fail_story(&story, &error);
	expect_table(&story.finding, &narrow,
				 "needs_review   medium    unreachable       oci:\346\274\242\345\255\227          "
				 "                            \346\274\242\345\255\227\346\274\242\345\255\227\n");
	clear_story(&story);
}

static void test_a_very_long_reference(void **state)
{
	const struct finding_table narrow = {.columns = 100};
	char input[400] = "quay.example/";
	struct story story;
	(void)state;
	memset(input + strlen(input), 'a', 200);
	make_anything(&story, input);
	expect_table(&story.finding, &narrow,
				 "needs_review   low       no_match          "
				 "quay.example/"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:latest  nothing matches: the manifests "
				 "and configurations of 1 image with 1 layer were read\n");
	clear_story(&story);
}

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
	hash_layer(add_image(&story.candidate, NULL, NULL, "xb"), 1);
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
	set_boundary(&story.world.internals[0], 2, false);
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
		"layer 2 of 3 (linux/amd64), hashed from the bytes served, is a layer of app:1, and "
		"the rest of that image is listed above it; the topmost layer's bytes were not "
		"hashed");
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

/* ---- Bounds ---- */

static void test_a_finding_over_the_limit(void **state)
{
	struct buffer out = BUFFER_INIT(100);
	struct story story;
	struct error err = ERROR_INIT;
	(void)state;
	make_proof(&story);
	assert_int_equal(finding_write_json(&story.finding, true, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	err.code = ERROR_NONE;
	buffer_clear(&out);
	assert_int_equal(finding_write_table(&story.finding, &plain_table, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_clear(&out);
	clear_story(&story);
}

static int set_locale(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0; /* as main() does, for widths */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_proof),
		cmocka_unit_test(test_times_and_costs),
		cmocka_unit_test(test_an_anchored_manifest),
		cmocka_unit_test(test_a_shared_base),
		cmocka_unit_test(test_an_index_and_its_platforms),
		cmocka_unit_test(test_a_tampered_layer),
		cmocka_unit_test(test_a_candidate_that_could_not_be_read),
		cmocka_unit_test(test_a_line_that_is_no_reference),
		cmocka_unit_test(test_the_id_is_of_registry_repository_and_digest),
		cmocka_unit_test(test_hostile_words_in_json),
		cmocka_unit_test(test_hostile_words_in_a_table),
		cmocka_unit_test(test_hostile_words_as_evidence),
		cmocka_unit_test(test_hostile_input_that_is_no_reference),
		cmocka_unit_test(test_headings),
		cmocka_unit_test(test_lines_of_the_table),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_the_summary_is_cut_to_the_terminal),
		cmocka_unit_test(test_wide_characters),
		cmocka_unit_test(test_a_very_long_reference),
		cmocka_unit_test(test_summaries_of_matches),
		cmocka_unit_test(test_summaries_of_documents),
		cmocka_unit_test(test_summaries_of_ownership),
		cmocka_unit_test(test_the_summary_of_a_listed_image),
		cmocka_unit_test(test_summaries_of_what_was_read),
		cmocka_unit_test(test_a_finding_over_the_limit),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
