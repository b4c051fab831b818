#include "story.h"

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
		"amd64\",\"reason\":\"layer\",\"manifest\":\"sha256:"
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
		"csv\",\"row\":1},\"others\":2}],"
		"\"nearest\":{\"name\":\"registry.acme.example/payments/api:1.4.2\",\"digest\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\",\"source\":"
		"\"cspm.csv\",\"row\":1,\"origin\":\"ours\",\"image\":0,\"boundary\":{\"layers\":1,"
		"\"known\":false,\"reason\":\"first_layer\"},\"layers\":[{\"digest\":\"sha256:"
		"2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"diff_id\":\"sha256:"
		"42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\"},{\"digest\":"
		"\"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"diff_id\":"
		"\"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\"},{"
		"\"digest\":\"sha256:11e654ee1844c7b9ff5534b1013bb2a60ae275b7421aaf9f6cec7c076727ee9d\","
		"\"diff_id\":\"sha256:"
		"ef000bf7a9a3e9ebb983496598f931ec50ca74ce2380cde285fb936c175b0791\"}]},"
		"\"coverage\":{\"layers\":{\"total\":5,\"hashed\":1,"
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
		"amd64\",\"reason\":\"manifest\",\"manifest\":\"sha256:"
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
		"csv\",\"row\":1},\"others\":0}],"
		"\"nearest\":{\"name\":\"app:1\",\"digest\":\"sha256:"
		"62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a\",\"source\":"
		"\"cspm.csv\",\"row\":1,\"origin\":\"ours\",\"image\":0,\"boundary\":{\"layers\":0,"
		"\"known\":false,\"reason\":\"single_layer\"},\"layers\":[]},"
		"\"coverage\":{\"layers\":{\"total\":1,\"hashed\":0,"
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
		"amd64\",\"reason\":\"shared_base\",\"manifest\":\"sha256:"
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
		"csv\",\"row\":1},\"others\":0}],"
		"\"nearest\":{\"name\":\"app:1\",\"digest\":\"sha256:"
		"3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\",\"source\":"
		"\"cspm.csv\",\"row\":1,\"origin\":\"ours\",\"image\":0,\"boundary\":{\"layers\":1,"
		"\"known\":false,\"reason\":\"first_layer\"},\"layers\":[{\"digest\":\"sha256:"
		"2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"diff_id\":\"sha256:"
		"42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\"},{\"digest\":"
		"\"sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"diff_id\":"
		"\"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\"}]},"
		"\"coverage\":{\"layers\":{\"total\":1,\"hashed\":0,"
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
		"amd64\",\"reason\":\"no_match\",\"manifest\":\"sha256:"
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
		{ERROR_TAMPERED, (char *)(uintptr_t) "layer sha256:01", (char *)(uintptr_t) "not so", 0}};
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
		"amd64\",\"reason\":\"tampered\",\"manifest\":\"sha256:"
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
	static const struct finding_error error = {ERROR_DENIED, NULL, (char *)(uintptr_t) "401", 0};
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
											   (char *)(uintptr_t) "a NUL byte is in it", 0};
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

static void test_hostile_words_in_json(void **state)
{
	static const struct finding_error error = {ERROR_MALFORMED, (char *)(uintptr_t)HOSTILE,
											   (char *)(uintptr_t)HOSTILE, 0};
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

static void test_hostile_input_that_is_no_reference(void **state)
{
	static const struct finding_error error = {ERROR_BAD_REFERENCE, NULL,
											   (char *)(uintptr_t) "not one \033[31m", 0};
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

static void test_what_was_not_sent_again_is_a_flag_in_its_order(void **state)
{
	static const char *const flags[] = {"attestation", "schema1"};
	struct story story;
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	(void)state;
	make_anything(&story, "quay.example/app");
	story.finding.flags = flags;
	story.finding.flag_count = 2;
	story.finding.is_not_resent = true;
	assert_int_equal(finding_write_json(&story.finding, false, &out, &err), 0);
	assert_non_null(strstr(out.bytes, "\"flags\":[\"attestation\",\"not_resent\",\"schema1\"]"));
	buffer_reset(&out);
	assert_int_equal(finding_write_json(&story.finding, true, &out, &err), 0);
	assert_non_null(strstr(out.bytes, "\"flags\":[\"attestation\",\"schema1\"]"));
	buffer_clear(&out);
	clear_story(&story);
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
		cmocka_unit_test(test_hostile_input_that_is_no_reference),
		cmocka_unit_test(test_a_finding_over_the_limit),
		cmocka_unit_test(test_what_was_not_sent_again_is_a_flag_in_its_order),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
