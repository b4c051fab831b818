#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_maker.h"
#include "layerproof/limits.h"
#include "layerproof/tree.h"
#include "source/docker_manifest.h"

struct fixture {
	struct source_client *client;
	struct reference reference;
	struct source *source;
	struct tree tree;
	struct error err;
};

static struct fixture fixture;

static int start(void **state)
{
	fixture = (struct fixture){.source = NULL};
	fixture.client = source_client_new(NULL, &fixture.err);
	return maker_start(state);
}

static int stop(void **state)
{
	tree_clear(&fixture.tree);
	source_close(fixture.source);
	reference_clear(&fixture.reference);
	source_client_free(fixture.client);
	return maker_stop(state);
}

/* Packs the directory "saved" and opens it as "docker-archive:FILE:WANTED"; NULL: without a name.
 */
static struct source *open_saved(const char *wanted)
{
	source_close(STEAL(fixture.source));
	reference_clear(&fixture.reference);
	make_tar("saved.tar", "saved");
	const char *text = make_text("docker-archive:%s", make_path("saved.tar"));
	assert_int_equal(reference_parse(text, &fixture.reference, &fixture.err), 0);
	fixture.reference.tag = memory_copy_text(wanted);
	fixture.source = source_open(fixture.client, &fixture.reference, &fixture.err);
	return fixture.source;
}

/* `text` follows the path of the archive. */
static void expect_failure(const struct error *error, enum error_code code, const char *text)
{
	assert_string_equal(error->text, make_text("%s: %s", make_path("saved.tar"), text));
	assert_int_equal(error->code, code);
}

static void expect_open_failure(const char *wanted, enum error_code code, const char *text)
{
	assert_null(open_saved(wanted));
	expect_failure(&fixture.err, code, text);
}

static void read_tree(void)
{
	assert_non_null(fixture.source);
	tree_clear(&fixture.tree);
	assert_int_equal(tree_read(fixture.source, &fixture.reference, &fixture.tree, &fixture.err), 0);
}

static void expect_digest(const struct digest *digest, const char *bytes)
{
	char text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_format(digest, text), make_digest_text(bytes));
}

static void expect_layer(size_t place, const char *bytes)
{
	const struct tree_layer *layer = &fixture.tree.images[0].layers[place];
	expect_digest(&layer->diff_id, bytes);
	expect_digest(&layer->descriptor.digest, bytes);
	assert_int_equal(layer->descriptor.size, strlen(bytes));
	assert_false(layer->has_blob_digest);
	struct reader *reader = source_open_layer(fixture.source, &layer->descriptor, &fixture.err);
	struct buffer buffer = BUFFER_INIT(64);
	assert_non_null(reader);
	assert_int_equal(reader_read_all(reader, &buffer, &fixture.err), 0);
	assert_string_equal(buffer.bytes, bytes);
	reader_close(reader);
	buffer_clear(&buffer);
}

static void reads_the_form_of_old_docker(void **state)
{
	(void)state;
	const char *config = make_config("amd64", "one", "two");
	const char *name = make_text("%s.json", make_digest_text(config) + strlen("sha256:"));
	make_file(make_text("saved/%s", name), config);
	make_file("saved/aaa/layer.tar", "one");
	make_file("saved/bbb/VERSION", "1.0");
	assert_int_equal(symlink("../aaa/layer.tar", make_path("saved/bbb/layer.tar")), 0);
	make_file("saved/ccc/layer.tar", "two");
	make_file("saved/manifest.json", make_text("[{\"Config\":\"%s\",\"RepoTags\":null,"
											   "\"Layers\":[\"bbb/layer.tar\",\"ccc/layer.tar\"]}]",
											   name));
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.error_count, 0);
	expect_digest(&fixture.tree.digest, config);
	assert_string_equal(fixture.tree.media_type, MEDIA_TYPE_DOCKER_CONFIG);
	assert_int_equal(fixture.tree.image_count, 1);
	const struct tree_image *image = &fixture.tree.images[0];
	assert_false(digest_is_set(&image->manifest));
	expect_digest(&image->config, config);
	assert_string_equal(image->platform, "linux/amd64");
	assert_string_equal(image->layers[1].created_by, "COPY two");
	assert_int_equal(image->layer_count, 2);
	expect_layer(0, "one");
	expect_layer(1, "two");
}

/* One image in the form of Docker 25 and later. */
static const char *make_image(const char *layer, const char *tags)
{
	const char *config = make_config("arm64", layer, NULL);
	make_blob("saved", config);
	make_blob("saved", layer);
	return make_text("{\"Config\":\"%s\",\"RepoTags\":[%s],\"Layers\":[\"%s\"]}",
					 make_blob_name("", make_digest_text(config)) + 1, tags,
					 make_blob_name("", make_digest_text(layer)) + 1);
}

static void reads_the_form_of_new_docker(void **state)
{
	(void)state;
	make_file("saved/manifest.json", make_text("[%s]", make_image("layer", "\"app:1\"")));
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.error_count, 0);
	expect_layer(0, "layer");
	uint64_t requests;
	uint64_t bytes;
	source_client_count(fixture.client, &requests, &bytes);
	assert_int_equal(requests, 0);
	assert_int_equal(bytes, strlen(make_config("arm64", "layer", NULL)) + strlen("layer"));
}

static void expect_choice(const char *wanted, const char *layer)
{
	assert_non_null(open_saved(wanted));
	read_tree();
	expect_layer(0, layer);
}

static void chooses_by_name_and_place(void **state)
{
	(void)state;
	make_file("saved/manifest.json",
			  make_text("[%s,%s,%s]", make_image("one", "\"app:1\",\"example.com/app:2\""),
						make_image("two", "\"docker.io/library/app:latest\""),
						make_image("three", "")));
	expect_choice("app:1", "one");
	expect_choice("docker.io/library/app:1", "one");
	expect_choice("example.com/app:2", "one");
	expect_choice("app", "two");
	expect_choice("@2", "three");
	expect_open_failure(NULL, ERROR_BAD_REFERENCE,
						"manifest.json: holds 3 images, name one of them: @0 app:1, "
						"example.com/app:2, @1 docker.io/library/app:latest, @2");
	expect_open_failure("app:9", ERROR_NOT_FOUND,
						"manifest.json: no image is named docker.io/library/app:9, there are: "
						"@0 app:1, example.com/app:2, @1 docker.io/library/app:latest, @2");
	expect_open_failure("@3", ERROR_NOT_FOUND, "manifest.json: no image @3, there are 3");
}

static void chooses_no_place_that_is_none(void **state)
{
	(void)state;
	char *config = make_text("c");
	struct docker_image image = {.config = config};
	struct docker_manifest manifest = {.images = &image, .count = 1};
	struct error err = ERROR_INIT;
	assert_null(docker_manifest_choose(&manifest, "@", &err));
	assert_int_equal(err.code, ERROR_BAD_REFERENCE);
	assert_string_equal(err.text, "@ is no place of an image, such as @0");
	assert_null(docker_manifest_choose(&manifest, "@-1", &err));
	assert_string_equal(err.text, "@-1 is no place of an image, such as @0");
	assert_null(docker_manifest_choose(&manifest, "@99999999999999999999", &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.text, "no image @99999999999999999999, there are 1");
	assert_null(docker_manifest_choose(&manifest, "No Name", &err));
	assert_int_equal(err.code, ERROR_BAD_REFERENCE);
	assert_string_equal(err.text, "No Name is no name of an image");
	assert_ptr_equal(docker_manifest_choose(&manifest, "@0", &err), &image);
}

static void says_what_is_no_archive(void **state)
{
	(void)state;
	make_file("saved/else", "");
	expect_open_failure(NULL, ERROR_MALFORMED,
						"no docker archive of Docker 1.10 or later: it has no manifest.json");
	make_file("saved/manifest.json", "{}");
	expect_open_failure(NULL, ERROR_MALFORMED, "manifest.json: not an array");
	make_file("saved/manifest.json", "[{}]");
	expect_open_failure(NULL, ERROR_MALFORMED, "manifest.json: [0].Config: is missing");
	make_file("saved/manifest.json", "[{\"Config\":\"c\",\"Layers\":[\"a\",7]}]");
	expect_open_failure(NULL, ERROR_MALFORMED, "manifest.json: [0].Layers[1]: not a string");
	make_file("saved/manifest.json", "[7]");
	expect_open_failure(NULL, ERROR_MALFORMED, "manifest.json: [0]: not an object");
	make_file("saved/manifest.json", "[]");
	expect_open_failure(NULL, ERROR_NOT_FOUND, "manifest.json: holds no image");
}

static void bounds_the_layers(void **state)
{
	(void)state;
	struct buffer list = BUFFER_INIT(LIMIT_MANIFEST_SIZE);
	for (int i = 0; i <= LIMIT_LAYERS; i++)
		assert_int_equal(buffer_add_format(&list, &fixture.err, "%s\"l\"", i > 0 ? "," : ""), 0);
	make_file("saved/manifest.json", make_text("[{\"Config\":\"c\",\"Layers\":[%s]}]", list.bytes));
	buffer_clear(&list);
	expect_open_failure(NULL, ERROR_OVER_LIMIT,
						"manifest.json: [0]: 1001 layers, at most 1000 are read");
}

static void reports_a_config_that_is_not_what_its_name_says(void **state)
{
	(void)state;
	const char *manifest = make_image("layer", "");
	const char *config = make_config("arm64", "layer", NULL);
	const char *served = make_text("%s ", config);
	make_file(make_blob_name("saved", make_digest_text(config)), served);
	make_file("saved/manifest.json", make_text("[%s]", manifest));
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.error_count, 1);
	assert_int_equal(fixture.tree.errors[0].error.code, ERROR_TAMPERED);
	assert_string_equal(fixture.tree.errors[0].where,
						make_text("config %s", make_digest_text(config)));
	assert_string_equal(fixture.tree.errors[0].error.text,
						make_text("the bytes served hash to %s", make_digest_text(served)));
	expect_layer(0, "layer");
}

static void takes_a_config_of_any_name(void **state)
{
	(void)state;
	make_file("saved/config.json", make_config("amd64", "one", NULL));
	make_file("saved/1.tar", "one");
	make_file("saved/manifest.json",
			  "[{\"Config\":\"config.json\",\"RepoTags\":[],\"Layers\":[\"1.tar\"]}]");
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.error_count, 0);
	expect_layer(0, "one");
}

static void notes_lists_that_do_not_agree(void **state)
{
	(void)state;
	const char *config = make_config("amd64", "one", "two");
	make_file("saved/config.json", config);
	make_file("saved/1.tar", "one");
	make_file("saved/manifest.json", "[{\"Config\":\"config.json\",\"Layers\":[\"1.tar\"]}]");
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.images[0].layer_count, 2);
	assert_int_equal(fixture.tree.images[0].layers[0].descriptor.size, -1);
	expect_digest(&fixture.tree.images[0].layers[0].diff_id, "one");
	assert_int_equal(fixture.tree.error_count, 1);
	assert_int_equal(fixture.tree.errors[0].image, 0);
	assert_string_equal(fixture.tree.errors[0].where,
						make_text("layer %s", make_digest_text("one")));
	expect_failure(&fixture.tree.errors[0].error, ERROR_TAMPERED,
				   "manifest.json lists 1 layers, the configuration has 2 diff_ids");
	assert_null(source_open_layer(fixture.source, &fixture.tree.images[0].layers[0].descriptor,
								  &fixture.err));
	assert_int_equal(fixture.err.code, ERROR_TAMPERED);
}

static void notes_members_that_are_missing(void **state)
{
	(void)state;
	make_file("saved/config.json", make_config("amd64", "one", "two"));
	make_file("saved/2.tar", "two");
	make_file("saved/manifest.json",
			  "[{\"Config\":\"config.json\",\"Layers\":[\"1.tar\",\"2.tar\"]}]");
	open_saved(NULL);
	read_tree();
	assert_int_equal(fixture.tree.error_count, 1);
	expect_failure(&fixture.tree.errors[0].error, ERROR_NOT_FOUND, "1.tar: no such member");
	expect_layer(1, "two");
	struct descriptor unknown = {.digest = make_digest("three"), .size = -1};
	assert_null(source_open_layer(fixture.source, &unknown, &fixture.err));
	expect_failure(&fixture.err, ERROR_NOT_FOUND,
				   make_text("no layer has the diff_id %s", make_digest_text("three")));
}

static void fails_without_a_config(void **state)
{
	(void)state;
	make_file("saved/manifest.json", "[{\"Config\":\"../config.json\",\"Layers\":[]}]");
	make_file("config.json", "outside");
	assert_non_null(open_saved(NULL));
	assert_int_equal(tree_read(fixture.source, &fixture.reference, &fixture.tree, &fixture.err),
					 -1);
	expect_failure(&fixture.err, ERROR_NOT_FOUND, "../config.json: no such member");
}

static void holds_no_manifests(void **state)
{
	(void)state;
	make_file("saved/manifest.json", make_text("[%s]", make_image("layer", "")));
	assert_non_null(open_saved(NULL));
	struct descriptor descriptor = {.digest = make_digest("x"), .size = 1};
	descriptor.digest_text = make_text("%s", make_digest_text("x"));
	struct document document;
	assert_int_equal(source_read_manifest(fixture.source, &descriptor, &document, &fixture.err),
					 -1);
	expect_failure(&fixture.err, ERROR_NOT_FOUND,
				   make_text("%s: a docker archive holds no manifests", make_digest_text("x")));
}

#define ARCHIVE_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARCHIVE_TEST(reads_the_form_of_old_docker),
		ARCHIVE_TEST(reads_the_form_of_new_docker),
		ARCHIVE_TEST(chooses_by_name_and_place),
		ARCHIVE_TEST(chooses_no_place_that_is_none),
		ARCHIVE_TEST(says_what_is_no_archive),
		ARCHIVE_TEST(bounds_the_layers),
		ARCHIVE_TEST(reports_a_config_that_is_not_what_its_name_says),
		ARCHIVE_TEST(takes_a_config_of_any_name),
		ARCHIVE_TEST(notes_lists_that_do_not_agree),
		ARCHIVE_TEST(notes_members_that_are_missing),
		ARCHIVE_TEST(fails_without_a_config),
		ARCHIVE_TEST(holds_no_manifests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
