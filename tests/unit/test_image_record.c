#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_maker.h"
#include "layerproof/image_record.h"
#include "layerproof/image_tree.h"
#include "layerproof/memory.h"

/* What `inspect` prints of an image, as JSON and for people. */

struct story {
	struct world world;
	struct candidate_facts candidate;
	struct reference reference;
	struct judgement judgement;
	struct finding finding;
};

static void begin_story(struct story *story, const char *reference)
{
	struct error err = ERROR_INIT;
	*story = (struct story){.world = {.count = 0}};
	assert_int_equal(reference_parse(reference, &story->reference, &err), 0);
	begin_candidate(&story->candidate);
	story->candidate.tree.media_type =
		(char *)(uintptr_t) "application/vnd.oci.image.index.v1+json";
	story->finding.facts = &story->candidate.facts;
	story->finding.judgement = &story->judgement;
	story->finding.reference = &story->reference;
}

static int write_tree(struct story *story, const struct finding_error *errors, size_t count,
					  bool colour, struct buffer *out, struct error *err)
{
	story->finding.errors = errors;
	story->finding.error_count = count;
	return image_tree_write(&story->finding, colour, out, err);
}

static void expect_both(struct story *story, const struct finding_error *errors, size_t count,
						const char *json, const char *tree)
{
	struct buffer out = BUFFER_INIT(65536);
	struct error err = ERROR_INIT;
	const struct match_facts *facts = &story->candidate.facts;
	look_everything_up(&story->world, &story->candidate);
	assert_int_equal(image_record_write_json(&story->reference, facts, errors, count, &out, &err),
					 0);
	assert_string_equal(out.bytes, json);
	buffer_reset(&out);
	assert_int_equal(write_tree(story, errors, count, false, &out, &err), 0);
	assert_string_equal(out.bytes, tree);
	buffer_clear(&out);
	reference_clear(&story->reference);
}

static void test_an_index_with_an_attestation(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "quay.example/app:1");
	add_top(add_ours(&story.world, "app", "ab"), IDENTITY_INDEX, "i");
	add(&story.world, "debian", ORIGIN_PUBLIC, "a");
	add_index(&story.candidate, "i");
	struct match_image *image = add_image(&story.candidate, NULL, NULL, "a.b");
	image->layers[1].size = 32;
	story.candidate.tree_layers[0][0].descriptor.size = 31457280;
	story.candidate.tree_layers[0][1].descriptor.size = 32;
	story.candidate.tree_images[0].created = (char *)(uintptr_t) "2024-02-29T12:00:00Z";
	for (size_t i = 0; i < 3; i++)
		story.candidate.tree_layers[0][i].descriptor.digest_text = memory_format("sha256:%064zu",
																				 i);
	hash_layer(image, 2);
	struct match_image *attestation = add_image(&story.candidate, "an attestation", NULL, "z");
	attestation->is_ignored = true;
	story.candidate.tree_images[1].is_attestation = true;
	story.candidate.tree_images[1].platform = NULL;
	story.candidate.tree.digest = story.candidate.indexes[0].digest;
	expect_both(
		&story, NULL, 0,
		"{\"schema\":\"layerproof.image.v1\",\"reference\":{\"transport\":\"registry\","
		"\"registry\":\"quay.example\",\"repository\":\"app\",\"tag\":\"1\"},\"digest\":\"sha256:"
		"de7d1b721a1e0632b7cf04edf5032c8ecffa9f9a08492152b926f1a5a7e765d7\",\"media_type\":"
		"\"application/vnd.oci.image.index.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"created\":\"2024-02-"
		"29T12:00:00Z\",\"layers\":[{\"digest\":\"sha256:"
		"2fabcafa12d953b583309f0a0b17eeb6e31ef3bb1a00642509ff9f82664d2cf5\",\"size\":31457280,"
		"\"diff_id\":\"sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282\","
		"\"level\":\"declared\",\"origin\":\"public\",\"empty\":false},{\"digest\":\"sha256:"
		"a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4\",\"size\":32,\"diff_"
		"id\":\"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\","
		"\"level\":\"declared\",\"empty\":true},{\"digest\":\"sha256:"
		"51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"size\":100,\"diff_"
		"id\":\"sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\","
		"\"level\":\"hashed\",\"origin\":\"ours\",\"empty\":false}]}],\"errors\":[]}\n",
		"quay.example/app:1\n"
		"  index     sha256:de7d1b721a1e0632b7cf04edf5032c8ecffa9f9a08492152b926f1a5a7e765d7  "
		"application/vnd.oci.image.index.v1+json  ours\n"
		"  manifest  sha256:d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17  "
		"linux/amd64\n"
		"    config    sha256:6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\n"
		"    layer 1   sha256:0000000000000000000000000000000000000000000000000000000000000000  "
		"30.0 MiB  public\n"
		"      diff_id   sha256:42570c45c81fdb5d1964f9e7aaead823df063412a3ae28ddca46dadb25bf6282  "
		"public\n"
		"    layer 2   sha256:0000000000000000000000000000000000000000000000000000000000000001  32 "
		"B  empty\n"
		"      diff_id   sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\n"
		"    layer 3   sha256:0000000000000000000000000000000000000000000000000000000000000002  "
		"100 B  hashed  ours\n"
		"      diff_id   sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  "
		"ours\n"
		"  manifest  sha256:dc4609678a773f63078c98ae4a77d36293e950942547f9f9a9713cf70918a55d    "
		"attestation\n"
		"    config    sha256:6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\n");
	for (size_t i = 0; i < 3; i++)
		free(story.candidate.tree_layers[0][i].descriptor.digest_text);
}

static void test_what_differs(void **state)
{
	static const struct finding_error errors[] = {
		{ERROR_TAMPERED, (char *)(uintptr_t) "layer sha256:01", (char *)(uintptr_t) "not so", 0},
		{ERROR_UNREACHABLE, NULL, (char *)(uintptr_t) "gone", 0},
	};
	struct story story;
	char text[DIGEST_TEXT_SIZE];
	struct digest blob = blob_of('x');
	(void)state;
	begin_story(&story, "oci:dir");
	add_ours(&story.world, "app", "b");
	serve_instead(add_image(&story.candidate, NULL, NULL, "x"), 0, 'b');
	story.candidate.tree_layers[0][0].descriptor.digest_text = (char *)(uintptr_t)digest_format(
		&blob, text);
	expect_both(
		&story, errors, 2,
		"{\"schema\":\"layerproof.image.v1\",\"reference\":{\"transport\":\"oci\",\"path\":\"dir\"}"
		",\"media_type\":\"application/"
		"vnd.oci.image.index.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{"
		"\"digest\":\"sha256:5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\","
		"\"size\":100,\"diff_id\":\"sha256:"
		"997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\",\"level\":\"hashed\","
		"\"origin\":\"ours\",\"empty\":false,\"computed\":{\"digest\":\"sha256:"
		"51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73\",\"diff_id\":\"sha256:"
		"3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418\"},\"tampered\":true}]}],"
		"\"errors\":[{\"code\":\"tampered\",\"where\":\"layer sha256:01\",\"message\":\"not "
		"so\"},{\"code\":\"unreachable\",\"message\":\"gone\"}]}\n",
		"oci:dir\n"
		"  manifest  sha256:d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17  "
		"linux/amd64\n"
		"    config    sha256:6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\n"
		"    layer 1   sha256:5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099  "
		"100 B  hashed\n"
		"      diff_id   sha256:997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\n"
		"      layer     sha256:51688367d482d7a0817f715de66ab990918c684ede1e4acdbe36cdcb9e1a5f73  "
		"computed: NOT what was declared  ours\n"
		"      diff_id   sha256:3c749120a1d417427b9aa13fe68c1b7ae1569eda7b06e4aa1633cb638f5a1418  "
		"computed: NOT what was declared  ours\n"
		"  error     tampered: layer sha256:01: not so\n"
		"  error     unreachable: gone\n");
}

/* A docker-archive has no manifest and no blob digests. */
static void test_without_blobs(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "docker-archive:image.tar");
	story.candidate.tree.media_type = NULL;
	struct match_image *image = add_image(&story.candidate, NULL, NULL, "x");
	forget_blob(image, 0);
	image->manifest.digest = (struct digest){.algorithm = DIGEST_NONE};
	story.candidate.tree_images[0].manifest = image->manifest.digest;
	story.candidate.tree_layers[0][0].has_blob_digest = false;
	story.candidate.tree_layers[0][0].descriptor.size = -1;
	expect_both(
		&story, NULL, 0,
		"{\"schema\":\"layerproof.image.v1\",\"reference\":{\"transport\":\"docker-archive\","
		"\"path\":\"image.tar\"},\"images\":[{\"platform\":\"linux/"
		"amd64\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{\"diff_"
		"id\":\"sha256:997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\","
		"\"level\":\"declared\",\"empty\":false}]}],\"errors\":[]}\n",
		"docker-archive:image.tar\n"
		"    config    sha256:6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\n"
		"    layer 1   sha256:997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\n");
}

/* A manifest that could not be read is known by what its index declared. */
static void test_an_unread_manifest(void **state)
{
	struct story story;
	(void)state;
	begin_story(&story, "oci:dir");
	struct match_image *image = add_image(&story.candidate, NULL, NULL, "");
	image->manifest.digest = (struct digest){.algorithm = DIGEST_NONE};
	image->config.digest = image->manifest.digest;
	story.candidate.tree_images[0].manifest = image->manifest.digest;
	story.candidate.tree_images[0].config = image->manifest.digest;
	story.candidate.tree_images[0].manifest_declared = digest_of_text("m");
	expect_both(
		&story, NULL, 0,
		"{\"schema\":\"layerproof.image.v1\",\"reference\":{\"transport\":\"oci\",\"path\":\"dir\"}"
		",\"media_type\":\"application/"
		"vnd.oci.image.index.v1+json\",\"images\":[{\"platform\":\"linux/"
		"amd64\",\"layers\":[]}],\"errors\":[]}\n",
		"oci:dir\n"
		"  manifest  sha256:62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a  "
		"linux/amd64\n");
}

static void test_hostile_words(void **state)
{
	static char hostile[] = "\033[2J\xE2\x80\xAE\xC2\x9B\xFF\n";
	static const struct finding_error error = {ERROR_MALFORMED, hostile, hostile, 0};
	struct story story;
	(void)state;
	begin_story(&story, "oci:dir");
	add_image(&story.candidate, NULL, NULL, "x");
	story.candidate.tree.media_type = hostile;
	story.candidate.tree_images[0].platform = hostile;
	story.candidate.tree_layers[0][0].created_by = hostile;
	story.candidate.tree_layers[0][0].descriptor.digest_text = hostile;
	expect_both(
		&story, &error, 1,
		"{\"schema\":\"layerproof.image.v1\",\"reference\":{\"transport\":\"oci\",\"path\":\"dir\"}"
		",\"media_type\":\"\\u001B[2J\\u202E\\u009B\\uFFFD\\n"
		"\",\"images\":[{\"platform\":\"\\u001B[2J\\u202E\\u009B\\uFFFD\\n"
		"\",\"manifest\":\"sha256:"
		"d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17\",\"config\":\"sha256:"
		"6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\",\"layers\":[{"
		"\"digest\":\"sha256:5a48ac19ec931e119307d96ee4a738b819f4f1eeb3f3fdfc305017514b22f099\","
		"\"size\":100,\"diff_id\":\"sha256:"
		"997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\",\"level\":\"declared\","
		"\"empty\":false,\"created_by\":\"\\u001B[2J\\u202E\\u009B\\uFFFD\\n"
		"\"}]}],\"errors\":[{\"code\":\"malformed\",\"where\":\"\\\\x1b["
		"2J\\\\xe2\\\\x80\\\\xae\\\\xc2\\\\x9b\\\\xff\\\\x0a\",\"message\":\"\\\\x1b["
		"2J\\\\xe2\\\\x80\\\\xae\\\\xc2\\\\x9b\\\\xff\\\\x0a\"}]}\n",
		"oci:dir\n"
		"  manifest  sha256:d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17  "
		"\\x1b[2J\\xe2\\x80\\xae\\xc2\\x9b\\xff\\x0a\n"
		"    config    sha256:6242c7a395adca61d6d7260dfdf23d381d91647784f798c59e2892cf7f6a1993\n"
		"    layer 1   \\x1b[2J\\xe2\\x80\\xae\\xc2\\x9b\\xff\\x0a  100 B\n"
		"      diff_id   sha256:997541b905d118f5cb558748c3d7d3bd942b8538172a6ad4c783d110dfc905d7\n"
		"  error     malformed: \\x1b[2J\\xe2\\x80\\xae\\xc2\\x9b\\xff\\x0a: "
		"\\x1b[2J\\xe2\\x80\\xae\\xc2\\x9b\\xff\\x0a\n");
}

static void test_colour_marks_what_the_index_knows(void **state)
{
	struct story story;
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	(void)state;
	begin_story(&story, "oci:dir");
	add_top(add_ours(&story.world, "app", ""), IDENTITY_CONFIG, "c");
	add_image(&story.candidate, NULL, "c", "");
	look_everything_up(&story.world, &story.candidate);
	assert_int_equal(write_tree(&story, NULL, 0, true, &out, &err), 0);
	assert_string_equal(
		out.bytes,
		"oci:dir\n"
		"  manifest  sha256:d634f9c0de2fc50c65ebda4ea8759664acea14bdc7c99e37231e0b8b9dd01a17  "
		"linux/amd64\n"
		"    config    sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6  "
		"\033[1;31mours\033[0m\n");
	buffer_clear(&out);
	reference_clear(&story.reference);
}

static void test_over_the_limit(void **state)
{
	struct story story;
	struct buffer out = BUFFER_INIT(50);
	struct error err = ERROR_INIT;
	(void)state;
	begin_story(&story, "oci:dir");
	add_image(&story.candidate, NULL, NULL, "x");
	look_everything_up(&story.world, &story.candidate);
	assert_int_equal(
		image_record_write_json(&story.reference, &story.candidate.facts, NULL, 0, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_reset(&out);
	err.code = ERROR_NONE;
	assert_int_equal(write_tree(&story, NULL, 0, false, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_clear(&out);
	reference_clear(&story.reference);
}

/* Below the tree, and behind the errors. */
static void test_the_layers_beside_those_of_the_nearest_image(void **state)
{
	static const struct finding_error error = {ERROR_MALFORMED, NULL, (char *)(uintptr_t) "odd", 0};
	struct story story;
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	(void)state;
	begin_story(&story, "oci:dir");
	add_ours(&story.world, "app", "ab");
	add_image(&story.candidate, NULL, NULL, "b");
	story.judgement = judge(&story.world, &story.candidate);
	story.finding.errors = &error;
	story.finding.error_count = 1;
	assert_int_equal(image_tree_write(&story.finding, false, &out, &err), 0);
	assert_string_equal(
		strstr(out.bytes, "  error"),
		"  error     malformed: odd\n"
		"    layers of linux/amd64 beside app (ours, cspm.csv row 1)\n"
		"    its base: 1 layer, guessed: nothing is known of the base,"
		" so the first layer is taken for it\n"
		"    HERE  THERE  LAYER         WHOSE        LEVEL           SIZE  DIGEST               "
		"CREATED BY\n"
		"       -      1  missing       base         -                  -  sha256:2fabcafa12d9\n"
		"       1      2  same          ours         declared       100 B  sha256:51688367d482\n"
		"    of that image 1 of 2 layers are here,"
		" 1 of 1 above its base; 100 B as stored here; the index knows no sizes of those that are "
		"missing\n"
		"    of this image 1 of 1 layer is ours, 100 B of 100 B; public or third-party: 0, 0 B\n");
	buffer_reset(&out);
	out.maximum = 700;
	assert_int_equal(image_tree_write(&story.finding, false, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_clear(&out);
	judgement_clear(&story.judgement);
	reference_clear(&story.reference);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_index_with_an_attestation),
		cmocka_unit_test(test_what_differs),
		cmocka_unit_test(test_without_blobs),
		cmocka_unit_test(test_an_unread_manifest),
		cmocka_unit_test(test_hostile_words),
		cmocka_unit_test(test_colour_marks_what_the_index_knows),
		cmocka_unit_test(test_the_layers_beside_those_of_the_nearest_image),
		cmocka_unit_test(test_over_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
