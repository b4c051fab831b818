#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_maker.h"
#include "layerproof/limits.h"
#include "layerproof/tree.h"

#define NAMED(name) ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}"
#define OCI_LAYOUT  "{\"imageLayoutVersion\":\"1.0.0\"}"

struct fixture {
	struct source_client *client;
	struct reference reference;
	struct source *source;
	struct error err;
};

static struct fixture fixture;

static int start(void **state)
{
	fixture = (struct fixture){.source = NULL};
	fixture.client = source_client_new(NULL, &fixture.err);
	return maker_start(state);
}

static void close_source(void)
{
	source_close(fixture.source);
	fixture.source = NULL;
	reference_clear(&fixture.reference);
}

static int stop(void **state)
{
	close_source();
	source_client_free(fixture.client);
	return maker_stop(state);
}

/* Opens "oci:DIR" + `behind`, the layout being `name` in the test's directory. */
static struct source *open_as(const char *transport, const char *name, const char *behind)
{
	close_source();
	const char *text = make_text("%s:%s%s", transport, make_path(name), behind);
	assert_int_equal(reference_parse(text, &fixture.reference, &fixture.err), 0);
	fixture.source = source_open(fixture.client, &fixture.reference, &fixture.err);
	return fixture.source;
}

static struct source *open_layout(const char *behind)
{
	return open_as("oci", "lay", behind);
}

/* `text` follows the path of the layout. */
static void expect_failure(enum error_code code, const char *text)
{
	assert_string_equal(fixture.err.text, make_text("%s%s", make_path("lay"), text));
	assert_int_equal(fixture.err.code, code);
}

static void expect_open_failure(const char *behind, enum error_code code, const char *text)
{
	assert_null(open_layout(behind));
	expect_failure(code, text);
}

static void expect_top(const char *bytes)
{
	struct document document;
	assert_non_null(fixture.source);
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), 0);
	assert_string_equal(document.bytes, bytes);
	document_clear(&document);
}

/* Writes the layout's frame; the blobs are the test's. */
static void make_layout(const char *entries)
{
	make_file("lay/oci-layout", OCI_LAYOUT);
	make_file("lay/index.json", make_text("{\"schemaVersion\":2,\"manifests\":[%s]}", entries));
}

static const char *blob(const char *bytes)
{
	make_blob("lay", bytes);
	return bytes;
}

/* An image whose only layer holds the text. */
static const char *make_image(const char *layer)
{
	const char *config = blob(make_config("amd64", layer, NULL));
	return blob(make_manifest(config, make_descriptor(MEDIA_TYPE_OCI_LAYER, blob(layer), "")));
}

static struct descriptor describe(const char *bytes, int64_t size)
{
	return (struct descriptor){
		.media_type = make_text("%s", MEDIA_TYPE_OCI_CONFIG),
		.digest_text = make_text("%s", make_digest_text(bytes)),
		.digest = make_digest(bytes),
		.size = size,
	};
}

static void reads_the_only_image_and_counts_its_bytes(void **state)
{
	(void)state;
	const char *manifest = make_image("layer");
	make_layout(make_descriptor(MEDIA_TYPE_OCI_MANIFEST, manifest, ""));
	struct tree tree;
	assert_non_null(open_layout(""));
	assert_int_equal(tree_read(fixture.source, &fixture.reference, &tree, &fixture.err), 0);
	assert_int_equal(tree.error_count, 0);
	assert_int_equal(tree.image_count, 1);
	assert_string_equal(tree.images[0].platform, "linux/amd64");
	struct digest diff_id = make_digest("layer");
	assert_true(digest_equal(&tree.images[0].layers[0].diff_id, &diff_id));
	struct reader *reader = source_open_layer(fixture.source, &tree.images[0].layers[0].descriptor,
											  &fixture.err);
	assert_non_null(reader);
	struct buffer bytes = BUFFER_INIT(64);
	assert_int_equal(reader_read_all(reader, &bytes, &fixture.err), 0);
	assert_string_equal(bytes.bytes, "layer");
	reader_close(reader);
	buffer_clear(&bytes);
	uint64_t requests;
	uint64_t received;
	source_client_count(fixture.client, &requests, &received);
	assert_int_equal(requests, 0);
	assert_int_equal(received, strlen(manifest) + strlen(make_config("amd64", "layer", NULL)) + 5);
	int64_t size;
	assert_int_equal(source_layer_size(fixture.source, &tree.images[0].layers[0].descriptor, &size,
									   &fixture.err),
					 0);
	assert_int_equal(size, 5);
	tree_clear(&tree);
}

static void chooses_by_tag(void **state)
{
	(void)state;
	const char *one = make_image("one");
	const char *two = make_image("two");
	const char *three = make_image("three");
	make_layout(make_text(
		"%s,%s,%s", make_descriptor(MEDIA_TYPE_OCI_MANIFEST, one, NAMED("example.com/app:v1")),
		make_descriptor(MEDIA_TYPE_OCI_MANIFEST, two, NAMED("v1")),
		make_descriptor(MEDIA_TYPE_OCI_MANIFEST, three, NAMED("localhost:5000/app:v3"))));
	open_layout(":v1");
	expect_top(two);
	open_layout(":example.com/app:v1");
	expect_top(one);
	open_layout(":v3");
	expect_top(three);
	expect_open_failure(":v4", ERROR_NOT_FOUND, ": index.json: no image is named v4");
}

static void chooses_by_digest(void **state)
{
	(void)state;
	const char *listed = make_image("listed");
	const char *inner = make_image("inner");
	make_layout(make_text("%s,%s", make_descriptor(MEDIA_TYPE_OCI_MANIFEST, listed, NAMED("a")),
						  make_descriptor(MEDIA_TYPE_OCI_MANIFEST, make_image("b"), NAMED("b"))));
	open_layout(make_text("@%s", make_digest_text(listed)));
	expect_top(listed);
	assert_int_equal(source_declared(fixture.source)->size, strlen(listed));
	open_layout(make_text("@%s", make_digest_text(inner)));
	expect_top(inner);
	assert_int_equal(source_declared(fixture.source)->size, -1);
	assert_non_null(open_layout(make_text("@%s", make_digest_text("missing"))));
	struct document document;
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_NOT_FOUND,
				   make_text(": %s: no such file or directory",
							 make_blob_name("lay", make_digest_text("missing")) + strlen("lay/")));
}

static void names_the_images_when_several_fit(void **state)
{
	(void)state;
	const char *one = make_image("one");
	const char *two = make_image("two");
	make_layout(make_text("%s,%s,%s", make_descriptor(MEDIA_TYPE_OCI_MANIFEST, one, NAMED("v1")),
						  make_descriptor(MEDIA_TYPE_OCI_MANIFEST, two, NAMED("v1")),
						  make_descriptor(MEDIA_TYPE_OCI_MANIFEST, make_image("three"), "")));
	expect_open_failure("", ERROR_BAD_REFERENCE,
						make_text(": index.json: holds 3 images, name one of them: v1, v1, @%s",
								  make_digest_text(make_image("three"))));
	expect_open_failure(":v1", ERROR_BAD_REFERENCE,
						make_text(": index.json: 2 images are named v1, use a digest: @%s, @%s",
								  make_digest_text(one), make_digest_text(two)));
}

static void takes_one_image_under_several_names(void **state)
{
	(void)state;
	const char *image = make_image("one");
	make_layout(make_text("%s,%s", make_descriptor(MEDIA_TYPE_OCI_MANIFEST, image, NAMED("v1")),
						  make_descriptor(MEDIA_TYPE_OCI_MANIFEST, image, NAMED("latest"))));
	open_layout("");
	expect_top(image);
}

static void says_what_is_no_layout(void **state)
{
	(void)state;
	expect_open_failure("", ERROR_NOT_FOUND, ": no such file or directory");
	make_file("lay", "a file");
	expect_open_failure("", ERROR_MALFORMED, ": not a directory");
	remove(make_path("lay"));
	make_file("lay/else", "");
	expect_open_failure("", ERROR_MALFORMED, ": no OCI image layout: it has no oci-layout");
	make_file("lay/oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}");
	expect_open_failure("", ERROR_UNSUPPORTED,
						": oci-layout: imageLayoutVersion: 2.0.0, only 1.0.0 is read");
	make_file("lay/oci-layout", "{}");
	expect_open_failure("", ERROR_MALFORMED, ": oci-layout: imageLayoutVersion: is missing");
	make_file("lay/oci-layout", OCI_LAYOUT);
	expect_open_failure("", ERROR_MALFORMED, ": index.json: no such file or directory");
	make_file("lay/index.json", "{\"manifests\":[{}]}");
	expect_open_failure("", ERROR_MALFORMED,
						": index.json: index: manifests[0].mediaType: is missing");
	make_file("lay/index.json", "{\"manifests\":[]}");
	expect_open_failure("", ERROR_NOT_FOUND, ": index.json: holds no image");
}

static void reports_tampered_blobs(void **state)
{
	(void)state;
	const char *manifest = make_image("layer");
	make_layout(make_descriptor(MEDIA_TYPE_OCI_MANIFEST, manifest, ""));
	const char *served = make_text("%s\n", manifest);
	make_file(make_blob_name("lay", make_digest_text(manifest)), served);
	const char *config = make_config("amd64", "layer", NULL);
	make_file(make_blob_name("lay", make_digest_text(config)), make_text("%s\n", config));
	struct tree tree;
	assert_non_null(open_layout(""));
	assert_int_equal(tree_read(fixture.source, &fixture.reference, &tree, &fixture.err), 0);
	struct digest digest = make_digest(served);
	assert_true(digest_equal(&tree.digest, &digest));
	assert_int_equal(tree.error_count, 2);
	assert_int_equal(tree.errors[0].error.code, ERROR_TAMPERED);
	assert_string_equal(tree.errors[0].error.text,
						make_text("%zu bytes declared, %zu served (%s)", strlen(manifest),
								  strlen(served), make_digest_text(served)));
	assert_int_equal(tree.errors[1].error.code, ERROR_TAMPERED);
	assert_string_equal(tree.errors[1].where, make_text("config %s", make_digest_text(config)));
	assert_string_equal(tree.errors[1].error.text,
						make_text("%s: %s: more than the declared %zu bytes", make_path("lay"),
								  make_blob_name("lay", make_digest_text(config)) + strlen("lay/"),
								  strlen(config)));
	assert_int_equal(tree.images[0].layer_count, 1);
	tree_clear(&tree);
}

static void bounds_what_it_reads(void **state)
{
	(void)state;
	const char *manifest = make_image("layer");
	make_layout(make_descriptor(MEDIA_TYPE_OCI_MANIFEST, manifest, ""));
	assert_non_null(open_layout(""));
	struct document document;
	char *big = memory_alloc(LIMIT_CONFIG_SIZE + 2, 1);
	memset(big, ' ', LIMIT_CONFIG_SIZE + 1);
	make_file(make_blob_name("lay", make_digest_text("big")), big);
	free(big);
	const char *name = make_text(": blobs/sha256/%s", make_digest_text("big") + strlen("sha256:"));
	struct descriptor descriptor = describe("big", -1);
	assert_int_equal(source_read_config(fixture.source, &descriptor, &document, &fixture.err), -1);
	expect_failure(ERROR_OVER_LIMIT, make_text("%s: more than 8388608 bytes", name));
	assert_int_equal(source_read_manifest(fixture.source, &descriptor, &document, &fixture.err),
					 -1);
	expect_failure(ERROR_OVER_LIMIT, make_text("%s: more than 4194304 bytes", name));
	descriptor.size = 3;
	struct reader *reader = source_open_layer(fixture.source, &descriptor, &fixture.err);
	const uint8_t *bytes;
	size_t size;
	assert_int_equal(reader_next(reader, &bytes, &size, &fixture.err), -1);
	assert_int_equal(fixture.err.code, ERROR_TAMPERED);
	assert_string_equal(fixture.err.text, "more than the declared 3 bytes");
	reader_close(reader);
}

static void follows_no_link_and_opens_no_device(void **state)
{
	(void)state;
	const char *manifest = make_image("layer");
	const char *path = make_blob_name("lay", make_digest_text(manifest));
	make_layout(make_descriptor(MEDIA_TYPE_OCI_MANIFEST, manifest, ""));
	struct document document;
	assert_non_null(open_layout(""));
	assert_int_equal(rename(make_path(path), make_path("outside")), 0);
	assert_int_equal(symlink(make_path("outside"), make_path(path)), 0);
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_UNSUPPORTED, make_text(": %s: a symbolic link, which is not followed",
												path + strlen("lay/")));
	assert_int_equal(remove(make_path(path)), 0);
	assert_int_equal(mkfifo(make_path(path), 0600), 0);
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_MALFORMED, make_text(": %s: not a regular file", path + strlen("lay/")));
	assert_int_equal(rename(make_path("lay/blobs"), make_path("blobs")), 0);
	assert_int_equal(symlink(make_path("blobs"), make_path("lay/blobs")), 0);
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_UNSUPPORTED, make_text(": %s: a symbolic link, which is not followed",
												path + strlen("lay/")));
}

static void refuses_digests_of_unknown_algorithms(void **state)
{
	(void)state;
	make_layout("{\"mediaType\":\"" MEDIA_TYPE_OCI_MANIFEST "\",\"digest\":\"blake3:ab\","
				"\"size\":2}");
	struct document document;
	assert_non_null(open_layout(""));
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_UNSUPPORTED, ": blake3:ab: a digest of an unknown algorithm");
	struct descriptor layer = {.digest_text = make_text("blake3:ab"), .size = -1};
	assert_null(source_open_layer(fixture.source, &layer, &fixture.err));
	expect_failure(ERROR_UNSUPPORTED, ": blake3:ab: a digest of an unknown algorithm");
}

static void reads_the_same_from_an_archive(void **state)
{
	(void)state;
	const char *one = make_image("one");
	const char *two = make_image("two");
	make_layout(make_text("%s,%s", make_descriptor(MEDIA_TYPE_OCI_MANIFEST, one, NAMED("v1")),
						  make_descriptor(MEDIA_TYPE_OCI_MANIFEST, two, NAMED("v2"))));
	make_tar("lay.tar", "lay");
	struct tree tree;
	assert_non_null(open_as("oci-archive", "lay.tar", ":v2"));
	assert_int_equal(tree_read(fixture.source, &fixture.reference, &tree, &fixture.err), 0);
	assert_int_equal(tree.error_count, 0);
	struct digest digest = make_digest(two);
	assert_true(digest_equal(&tree.digest, &digest));
	digest = make_digest("two");
	assert_true(digest_equal(&tree.images[0].layers[0].diff_id, &digest));
	tree_clear(&tree);
	assert_null(open_as("oci-archive", "lay.tar", ""));
	assert_int_equal(fixture.err.code, ERROR_BAD_REFERENCE);
	expect_failure(ERROR_BAD_REFERENCE,
				   ".tar: index.json: holds 2 images, name one of them: v1, v2");
	assert_null(open_as("oci-archive", "lay.none", ""));
	expect_failure(ERROR_NOT_FOUND, ".none: No such file or directory");
	make_file("lay.txt", "no tar");
	assert_null(open_as("oci-archive", "lay.txt", ""));
	expect_failure(ERROR_MALFORMED, ".txt: not a tar file");
}

static void names_what_an_archive_lacks(void **state)
{
	(void)state;
	const char *manifest = make_image("one");
	make_layout(make_descriptor(MEDIA_TYPE_OCI_MANIFEST, manifest, ""));
	const char *name = make_blob_name("lay", make_digest_text(manifest));
	assert_int_equal(remove(make_path(name)), 0);
	make_tar("lay.tar", "lay");
	struct document document;
	assert_non_null(open_as("oci-archive", "lay.tar", ""));
	assert_int_equal(source_read_top(fixture.source, &document, &fixture.err), -1);
	expect_failure(ERROR_NOT_FOUND, make_text(".tar: %s: no such member", name + strlen("lay/")));
}

static void asks_no_registry_without_a_network(void **state)
{
	(void)state;
	assert_int_equal(reference_parse("example.com/app", &fixture.reference, &fixture.err), 0);
	assert_null(source_open(fixture.client, &fixture.reference, &fixture.err));
	assert_int_equal(fixture.err.code, ERROR_USAGE);
	assert_string_equal(fixture.err.text, "example.com: no registry is to be asked");
}

#define LAYOUT_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(reads_the_only_image_and_counts_its_bytes),
		LAYOUT_TEST(chooses_by_tag),
		LAYOUT_TEST(chooses_by_digest),
		LAYOUT_TEST(names_the_images_when_several_fit),
		LAYOUT_TEST(takes_one_image_under_several_names),
		LAYOUT_TEST(says_what_is_no_layout),
		LAYOUT_TEST(reports_tampered_blobs),
		LAYOUT_TEST(bounds_what_it_reads),
		LAYOUT_TEST(follows_no_link_and_opens_no_device),
		LAYOUT_TEST(refuses_digests_of_unknown_algorithms),
		LAYOUT_TEST(reads_the_same_from_an_archive),
		LAYOUT_TEST(names_what_an_archive_lacks),
		LAYOUT_TEST(asks_no_registry_without_a_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
