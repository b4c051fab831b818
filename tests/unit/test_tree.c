#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_maker.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/tree.h"
#include "source/transport.h"

#define LAYER(text) make_descriptor(MEDIA_TYPE_OCI_LAYER, text, "")
#define CHILD(text, platform)                                                                      \
	make_descriptor(MEDIA_TYPE_OCI_MANIFEST, text, ",\"platform\":{" platform "}")
#define AMD64 "\"os\":\"linux\",\"architecture\":\"amd64\""
#define ARM64 "\"os\":\"linux\",\"architecture\":\"arm64\""

/* A source in memory, which serves what it is told to under whatever digest. */
enum { SHELF_SIZE = 2048 };

struct shelf_item {
	const char *digest_text;
	const char *bytes; /* NULL: `code` is the answer */
	enum error_code code;
	int reads;
};

struct shelf {
	struct source source;
	struct source_client *client;
	struct shelf_item items[SHELF_SIZE];
	size_t count;
	const char *top;
	const char *top_type;
	struct digest top_header;
	struct descriptor declared;
	struct reference reference;
	struct tree tree;
	struct error err;
};

static struct shelf shelf;

static struct shelf_item *find_item(const char *digest_text)
{
	for (size_t i = 0; i < shelf.count; i++)
		if (strcmp(shelf.items[i].digest_text, digest_text) == 0)
			return &shelf.items[i];
	return NULL;
}

static int shelf_read_top(struct source *source, struct document *out, struct error *err)
{
	(void)source;
	if (shelf.top == NULL)
		return error_set(err, ERROR_DENIED, "shelf: 401");
	document_init(out, memory_copy_text(shelf.top), strlen(shelf.top), shelf.top_type,
				  &shelf.reference.digest);
	out->digest_header = shelf.top_header;
	return 0;
}

static int shelf_read(struct source *source, const struct descriptor *descriptor,
					  struct document *out, struct error *err)
{
	(void)source;
	struct shelf_item *item = find_item(descriptor->digest_text);
	if (item == NULL)
		return error_set(err, ERROR_NOT_FOUND, "shelf: 404");
	item->reads++;
	if (item->bytes == NULL)
		return error_set(err, item->code, "shelf: %s", error_code_name(item->code));
	document_init(out, memory_copy_text(item->bytes), strlen(item->bytes), descriptor->media_type,
				  &descriptor->digest);
	return 0;
}

static const struct transport shelf_transport = {
	.read_top = shelf_read_top,
	.read_manifest = shelf_read,
	.read_config = shelf_read,
};

static void put_as(const char *digest_text, const char *bytes)
{
	assert_true(shelf.count < SHELF_SIZE);
	shelf.items[shelf.count++] = (struct shelf_item){.digest_text = digest_text, .bytes = bytes};
}

static void put_error(const char *bytes, enum error_code code)
{
	put_as(make_digest_text(bytes), NULL);
	shelf.items[shelf.count - 1].code = code;
}

static const char *put(const char *bytes)
{
	put_as(make_digest_text(bytes), bytes);
	return bytes;
}

/* An image of one layer for one architecture; its manifest. */
static const char *put_image(const char *architecture, const char *layer)
{
	return put(make_manifest(put(make_config(architecture, layer, NULL)), LAYER(layer)));
}

static int start(void **state)
{
	(void)state;
	shelf = (struct shelf){0};
	shelf.client = source_client_new(NULL, &shelf.err);
	shelf.source = (struct source){.transport = &shelf_transport, .client = shelf.client};
	return 0;
}

static int stop(void **state)
{
	tree_clear(&shelf.tree);
	source_client_free(shelf.client);
	return maker_stop(state);
}

static int read_tree(const char *top)
{
	shelf.top = top;
	return tree_read(&shelf.source, &shelf.reference, &shelf.tree, &shelf.err);
}

static void expect_digest(const struct digest *digest, const char *bytes)
{
	char text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_format(digest, text), make_digest_text(bytes));
}

static void expect_error(size_t place, enum error_code code, int image, const char *where,
						 const char *text)
{
	assert_true(place < shelf.tree.error_count);
	const struct tree_error *error = &shelf.tree.errors[place];
	assert_string_equal(error->where, where);
	assert_string_equal(error->error.text, text);
	assert_int_equal(error->error.code, code);
	assert_int_equal(error->image, image);
}

static void reads_one_manifest(void **state)
{
	(void)state;
	const char *config = put(make_config("amd64", "one", "two"));
	const char *layers = make_text("%s,%s", LAYER("one gz"), LAYER("two gz"));
	const char *manifest = make_manifest(config, layers);
	assert_int_equal(read_tree(manifest), 0);
	const struct tree *tree = &shelf.tree;
	expect_digest(&tree->digest, manifest);
	expect_digest(&tree->digest_sha256, manifest);
	assert_string_equal(tree->media_type, MEDIA_TYPE_OCI_MANIFEST);
	assert_false(tree->is_index);
	assert_int_equal(tree->index_count, 0);
	assert_int_equal(tree->error_count, 0);
	assert_int_equal(tree->image_count, 1);
	const struct tree_image *image = &tree->images[0];
	assert_string_equal(image->platform, "linux/amd64");
	assert_string_equal(image->created, "2026-01-02T03:04:05Z");
	expect_digest(&image->manifest, manifest);
	assert_false(digest_is_set(&image->manifest_declared));
	expect_digest(&image->config, config);
	assert_int_equal(image->layer_count, 2);
	expect_digest(&image->layers[1].descriptor.digest, "two gz");
	expect_digest(&image->layers[1].diff_id, "two");
	assert_true(image->layers[1].has_blob_digest);
	assert_string_equal(image->layers[0].created_by, "ADD one");
	assert_string_equal(image->layers[1].created_by, "COPY two");
	assert_false(image->layers[1].is_empty);
}

static void reads_platforms_and_labels_the_attestation(void **state)
{
	(void)state;
	const char *amd64 = put_image("amd64", "a");
	const char *arm64 = put_image("arm64", "b");
	const char *attestation = put(
		make_manifest(put(make_config("unknown", "statement", NULL)),
					  make_descriptor("application/vnd.in-toto+json", "statement", "")));
	const char *index = make_index(
		make_text("%s,%s,%s", CHILD(amd64, AMD64), CHILD(arm64, ARM64 ",\"variant\":\"v8\""),
				  CHILD(attestation, "\"os\":\"unknown\",\"architecture\":\"unknown\"")));
	assert_int_equal(read_tree(index), 0);
	const struct tree *tree = &shelf.tree;
	assert_true(tree->is_index);
	assert_int_equal(tree->error_count, 0);
	assert_int_equal(tree->index_count, 1);
	expect_digest(&tree->indexes[0], index);
	assert_int_equal(tree->image_count, 3);
	assert_string_equal(tree->images[0].platform, "linux/amd64");
	assert_string_equal(tree->images[1].platform, "linux/arm64/v8");
	expect_digest(&tree->images[1].manifest_declared, arm64);
	expect_digest(&tree->images[1].manifest, arm64);
	assert_true(tree->images[2].is_attestation);
	expect_digest(&tree->images[2].manifest_declared, attestation);
	expect_digest(&tree->images[2].manifest, attestation);
	assert_int_equal(tree->images[2].layer_count, 0);
	assert_false(digest_is_set(&tree->images[2].config));
	assert_false(tree->has_false_attestation);
}

static void reads_an_image_that_calls_itself_an_attestation(void **state)
{
	(void)state;
	const char *hidden = put_image("unknown", "hidden");
	assert_int_equal(
		read_tree(make_index(CHILD(hidden, "\"os\":\"unknown\",\"architecture\":\"unknown\""))), 0);
	const struct tree *tree = &shelf.tree;
	assert_int_equal(tree->error_count, 0);
	assert_int_equal(tree->image_count, 1);
	assert_true(tree->has_false_attestation);
	assert_false(tree->images[0].is_attestation);
	assert_int_equal(tree->images[0].layer_count, 1);
	assert_true(digest_is_set(&tree->images[0].layers[0].diff_id));
}

static void reads_nested_indexes_in_order(void **state)
{
	(void)state;
	const char *first = put_image("amd64", "first");
	const char *last = put_image("arm64", "last");
	const char *inner = put(make_index(CHILD(first, AMD64)));
	const char *index = make_index(
		make_text("%s,%s,%s", make_descriptor(MEDIA_TYPE_OCI_INDEX, inner, ""), CHILD(last, ARM64),
				  make_descriptor(MEDIA_TYPE_OCI_INDEX, inner, "")));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 0);
	assert_int_equal(shelf.tree.index_count, 2);
	expect_digest(&shelf.tree.indexes[1], inner);
	assert_int_equal(shelf.tree.image_count, 2);
	expect_digest(&shelf.tree.images[0].manifest, first);
	expect_digest(&shelf.tree.images[1].manifest, last);
	assert_int_equal(find_item(make_digest_text(inner))->reads, 1);
}

static void stops_at_indexes_nested_too_deep(void **state)
{
	(void)state;
	const char *beside = put_image("amd64", "beside");
	const char *index = put(make_index(""));
	const char *deepest = index;
	for (int i = 0; i < LIMIT_INDEX_NESTING; i++)
		index = put(make_index(make_text("%s,%s", make_descriptor(MEDIA_TYPE_OCI_INDEX, index, ""),
										 CHILD(beside, AMD64))));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_OVER_LIMIT, -1, make_text("index %s", make_digest_text(deepest)),
				 "indexes nested deeper than 4");
	assert_int_equal(shelf.tree.image_count, LIMIT_INDEX_NESTING);
	assert_int_equal(find_item(make_digest_text(deepest))->reads, 0);
}

static void leaves_a_loop(void **state)
{
	(void)state;
	const char *name = make_digest_text("forged");
	const char *index = make_index(make_text(
		"{\"mediaType\":\"" MEDIA_TYPE_OCI_INDEX "\",\"digest\":\"%s\",\"size\":%d}", name, 237));
	assert_int_equal(strlen(index), 237);
	put_as(name, index);
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(find_item(name)->reads, 1);
	assert_int_equal(shelf.tree.image_count, 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, -1, make_text("index %s", name),
				 make_text("the bytes served hash to %s", make_digest_text(index)));
}

static void reads_what_is_met_twice_once(void **state)
{
	(void)state;
	const char *config = put(make_config("amd64", "shared", NULL));
	const char *one = put(make_manifest(config, LAYER("gz")));
	const char *two = put(make_manifest(config, LAYER("zstd")));
	const char *index = make_index(
		make_text("%s,%s,%s", CHILD(one, AMD64), CHILD(two, AMD64), CHILD(one, ARM64)));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 0);
	assert_int_equal(shelf.tree.image_count, 3);
	assert_int_equal(find_item(make_digest_text(config))->reads, 1);
	assert_int_equal(find_item(make_digest_text(one))->reads, 1);
	assert_string_equal(shelf.tree.images[2].platform, "linux/arm64");
	expect_digest(&shelf.tree.images[2].layers[0].diff_id, "shared");
}

static void reads_on_behind_a_tampered_child(void **state)
{
	(void)state;
	const char *wanted = put_image("amd64", "wanted");
	const char *declared = make_manifest(make_config("arm64", "old", NULL), LAYER("old"));
	const char *served = make_manifest(put(make_config("arm64", "new", NULL)), LAYER("new"));
	put_as(make_digest_text(declared), served);
	const char *index = make_index(
		make_text("%s,%s", CHILD(declared, ARM64), CHILD(wanted, AMD64)));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, 0, make_text("manifest %s", make_digest_text(declared)),
				 make_text("the bytes served hash to %s", make_digest_text(served)));
	expect_digest(&shelf.tree.images[0].manifest_declared, declared);
	expect_digest(&shelf.tree.images[0].manifest, served);
	expect_digest(&shelf.tree.images[0].layers[0].diff_id, "new");
	expect_digest(&shelf.tree.images[1].layers[0].diff_id, "wanted");
}

static void compares_the_size_first(void **state)
{
	(void)state;
	const char *config = make_config("amd64", "one", NULL);
	put_as(make_digest_text(config), make_text("%s ", config));
	assert_int_equal(read_tree(make_manifest(config, LAYER("one"))), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, 0, make_text("config %s", make_digest_text(config)),
				 make_text("%zu bytes declared, %zu served (%s)", strlen(config),
						   strlen(config) + 1, make_digest_text(make_text("%s ", config))));
	expect_digest(&shelf.tree.images[0].layers[0].diff_id, "one");
}

static void notes_a_top_that_is_not_what_was_asked_for(void **state)
{
	(void)state;
	const char *served = put_image("amd64", "served");
	shelf.reference.digest = make_digest("asked");
	assert_int_equal(read_tree(served), 0);
	expect_digest(&shelf.tree.digest, served);
	expect_digest(&shelf.tree.images[0].manifest_declared, "asked");
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, -1, make_text("manifest %s", make_digest_text("asked")),
				 make_text("the bytes served hash to %s", make_digest_text(served)));
}

static void notes_a_top_that_is_not_what_the_source_declared(void **state)
{
	(void)state;
	const char *served = put_image("amd64", "served");
	shelf.declared = (struct descriptor){.digest = make_digest(served), .size = 7};
	shelf.source.declared = &shelf.declared;
	assert_int_equal(read_tree(served), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(
		0, ERROR_TAMPERED, -1, make_text("manifest %s", make_digest_text(served)),
		make_text("7 bytes declared, %zu served (%s)", strlen(served), make_digest_text(served)));
}

static void names_children_it_does_not_read(void **state)
{
	(void)state;
	const char *wanted = put_image("amd64", "wanted");
	const char *index = make_index(make_text("%s,%s,{\"mediaType\":\"" MEDIA_TYPE_OCI_MANIFEST
											 "\",\"digest\":\"blake3:ab\",\"size\":2},%s",
											 make_descriptor("application/vnd.wasm", "wasm", ""),
											 make_descriptor(MEDIA_TYPE_DOCKER_SCHEMA1, "old", ""),
											 CHILD(wanted, AMD64)));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 3);
	expect_error(0, ERROR_UNSUPPORTED, -1, make_text("manifest %s", make_digest_text("wasm")),
				 "media type application/vnd.wasm is not read");
	expect_error(1, ERROR_UNSUPPORTED, -1, make_text("manifest %s", make_digest_text("old")),
				 "media type " MEDIA_TYPE_DOCKER_SCHEMA1 " is not read");
	expect_error(2, ERROR_UNSUPPORTED, 0, "manifest blake3:ab", "a digest of an unknown algorithm");
	assert_int_equal(shelf.tree.image_count, 2);
	expect_digest(&shelf.tree.images[1].layers[0].diff_id, "wanted");
}

static void refuses_a_child_of_another_kind(void **state)
{
	(void)state;
	const char *body = put("{\"schemaVersion\":2,\"manifests\":[]}");
	assert_int_equal(read_tree(make_index(CHILD(body, AMD64))), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_digest(&shelf.tree.images[0].manifest, body);
	expect_error(0, ERROR_MALFORMED, 0, make_text("manifest %s", make_digest_text(body)),
				 "document: served as \"" MEDIA_TYPE_OCI_MANIFEST
				 "\", but it has the members of an index");
}

static void keeps_the_layers_when_the_config_has_fewer(void **state)
{
	(void)state;
	const char *config = put(make_config("amd64", "one", NULL));
	const char *manifest = make_manifest(config,
										 make_text("%s,%s", LAYER("one gz"), LAYER("two gz")));
	assert_int_equal(read_tree(manifest), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, 0, make_text("config %s", make_digest_text(config)),
				 "config: 1 diff_ids for 2 layers");
	const struct tree_image *image = &shelf.tree.images[0];
	assert_int_equal(image->layer_count, 2);
	expect_digest(&image->layers[1].descriptor.digest, "two gz");
	assert_false(digest_is_set(&image->layers[0].diff_id));
	assert_null(image->layers[0].created_by);
	expect_digest(&image->config, config);
	assert_string_equal(image->platform, "linux/amd64");
}

static void keeps_the_image_when_its_config_cannot_be_read(void **state)
{
	(void)state;
	const char *missing = make_config("amd64", "one", NULL);
	const char *denied = make_config("arm64", "one", NULL);
	const char *broken = put("{\"rootfs\":");
	put_error(denied, ERROR_DENIED);
	const char *one = put(make_manifest(missing, LAYER("gz")));
	const char *two = put(make_manifest(denied, LAYER("gz")));
	const char *three = put(make_manifest(broken, LAYER("gz")));
	const char *index = make_index(
		make_text("%s,%s,%s", CHILD(one, AMD64), CHILD(two, ARM64), CHILD(three, AMD64)));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 3);
	expect_error(0, ERROR_NOT_FOUND, 0, make_text("config %s", make_digest_text(missing)),
				 "shelf: 404");
	expect_error(1, ERROR_DENIED, 1, make_text("config %s", make_digest_text(denied)),
				 "shelf: denied");
	expect_error(2, ERROR_MALFORMED, 2, make_text("config %s", make_digest_text(broken)),
				 "config: line 1 column 10: unexpected token near end of file");
	for (size_t i = 0; i < 3; i++)
		expect_digest(&shelf.tree.images[i].layers[0].descriptor.digest, "gz");
	assert_false(digest_is_set(&shelf.tree.images[1].config));
	expect_digest(&shelf.tree.images[2].config, broken);
}

static void goes_on_behind_a_missing_child(void **state)
{
	(void)state;
	const char *missing = make_manifest(make_config("amd64", "no", NULL), LAYER("no"));
	const char *wanted = put_image("arm64", "wanted");
	const char *index = make_index(make_text("%s,%s", CHILD(missing, AMD64), CHILD(wanted, ARM64)));
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_NOT_FOUND, 0, make_text("manifest %s", make_digest_text(missing)),
				 "shelf: 404");
	assert_string_equal(shelf.tree.images[0].platform, "linux/amd64");
	assert_false(digest_is_set(&shelf.tree.images[0].manifest));
	expect_digest(&shelf.tree.images[1].layers[0].diff_id, "wanted");
}

static void recognises_schema_1(void **state)
{
	(void)state;
	const char *manifest = "{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"b\",\"fsLayers\":[],"
						   "\"history\":[]}";
	assert_int_equal(read_tree(manifest), 0);
	assert_true(shelf.tree.is_schema1);
	expect_digest(&shelf.tree.digest, manifest);
	assert_string_equal(shelf.tree.media_type, MEDIA_TYPE_DOCKER_SCHEMA1);
	assert_int_equal(shelf.tree.image_count, 0);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_UNSUPPORTED, -1, make_text("manifest %s", make_digest_text(manifest)),
				 "an image manifest of schema 1, not read");
}

static void fails_without_a_top(void **state)
{
	(void)state;
	assert_int_equal(read_tree(NULL), -1);
	assert_int_equal(shelf.err.code, ERROR_DENIED);
	assert_string_equal(shelf.err.text, "shelf: 401");
	assert_false(digest_is_set(&shelf.tree.digest));
}

static void fails_on_a_top_without_sense(void **state)
{
	(void)state;
	shelf.reference.digest = make_digest("asked");
	assert_int_equal(read_tree("<html>"), -1);
	assert_int_equal(shelf.err.code, ERROR_MALFORMED);
	assert_string_equal(shelf.err.text,
						make_text("document %s: document: line 1 column 1: invalid token near '<'",
								  make_digest_text("asked")));
	expect_digest(&shelf.tree.digest, "<html>");
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_TAMPERED, -1, make_text("document %s", make_digest_text("asked")),
				 make_text("the bytes served hash to %s", make_digest_text("<html>")));
}

static void fails_on_an_index_that_cannot_be_parsed(void **state)
{
	(void)state;
	const char *index = make_index("{}");
	assert_int_equal(read_tree(index), -1);
	assert_int_equal(shelf.err.code, ERROR_MALFORMED);
	assert_string_equal(
		shelf.err.text,
		make_text("index %s: index: manifests[0].mediaType: is missing", make_digest_text(index)));
	expect_digest(&shelf.tree.digest, index);
	expect_digest(&shelf.tree.indexes[0], index);
}

static void refuses_a_configuration_at_the_top(void **state)
{
	(void)state;
	const char *config = make_config("amd64", "one", NULL);
	assert_int_equal(read_tree(config), -1);
	assert_int_equal(shelf.err.code, ERROR_UNSUPPORTED);
	assert_string_equal(
		shelf.err.text,
		make_text("config %s: an image configuration, not a manifest", make_digest_text(config)));
}

static void notes_a_wrong_digest_header(void **state)
{
	(void)state;
	const char *manifest = put_image("amd64", "one");
	shelf.top_header = make_digest(manifest);
	assert_int_equal(read_tree(manifest), 0);
	assert_false(shelf.tree.digest_header_differs);
	tree_clear(&shelf.tree);
	shelf.top_header = make_digest("another");
	assert_int_equal(read_tree(manifest), 0);
	assert_true(shelf.tree.digest_header_differs);
	tree_clear(&shelf.tree);
	digest_of(DIGEST_SHA512, manifest, strlen(manifest), &shelf.top_header);
	assert_int_equal(read_tree(manifest), 0);
	assert_false(shelf.tree.digest_header_differs);
	assert_int_equal(shelf.tree.error_count, 0);
}

static void keeps_both_names_of_a_sha512_index(void **state)
{
	(void)state;
	const char *index = make_index("");
	digest_of(DIGEST_SHA512, index, strlen(index), &shelf.reference.digest);
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.error_count, 0);
	assert_true(digest_equal(&shelf.tree.digest, &shelf.reference.digest));
	expect_digest(&shelf.tree.digest_sha256, index);
	assert_int_equal(shelf.tree.index_count, 2);
	assert_true(digest_equal(&shelf.tree.indexes[0], &shelf.reference.digest));
	expect_digest(&shelf.tree.indexes[1], index);
}

static void takes_embedded_data_that_agrees(void **state)
{
	(void)state;
	const char *child = "{\"schemaVersion\":2,\"manifests\":[]}";
	const char *base64 = "eyJzY2hlbWFWZXJzaW9uIjoyLCJtYW5pZmVzdHMiOltdfQ==";
	const char *good = make_descriptor(MEDIA_TYPE_OCI_INDEX, child,
									   make_text(",\"data\":\"%s\"", base64));
	const char *bad = make_descriptor(MEDIA_TYPE_OCI_INDEX, "else",
									  make_text(",\"data\":\"%s\"", base64));
	assert_int_equal(read_tree(make_index(make_text("%s,%s", good, bad))), 0);
	assert_int_equal(shelf.tree.index_count, 2);
	expect_digest(&shelf.tree.indexes[1], child);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_NOT_FOUND, -1, make_text("index %s", make_digest_text("else")),
				 "shelf: 404");
}

static void labels_artifacts(void **state)
{
	(void)state;
	const char *manifest = make_text(
		"{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
		make_descriptor("application/vnd.cncf.helm.config.v1+json", "chart", ""),
		make_descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "content", ""));
	assert_int_equal(read_tree(manifest), 0);
	assert_int_equal(shelf.tree.error_count, 0);
	assert_true(shelf.tree.images[0].is_artifact);
	assert_int_equal(shelf.tree.images[0].layer_count, 1);
	assert_false(digest_is_set(&shelf.tree.images[0].config));
}

static void keeps_foreign_and_unverifiable_layers(void **state)
{
	(void)state;
	const char *config = put(make_config("amd64", "one", "two"));
	const char *foreign = make_descriptor(
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign",
		",\"urls\":[\"https://example.com/x\"]");
	const char *manifest = make_manifest(config,
										 make_text("%s,{\"mediaType\":\"" MEDIA_TYPE_OCI_LAYER
												   "\",\"digest\":\"blake3:cd\",\"size\":9}",
												   foreign));
	assert_int_equal(read_tree(manifest), 0);
	const struct tree_layer *layers = shelf.tree.images[0].layers;
	assert_true(layers[0].descriptor.has_urls);
	expect_digest(&layers[0].diff_id, "one");
	assert_false(layers[1].has_blob_digest);
	expect_digest(&layers[1].diff_id, "two");
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_UNSUPPORTED, 0, "layer blake3:cd", "a digest of an unknown algorithm");
}

static void knows_empty_layers_by_either_digest(void **state)
{
	(void)state;
	const char *config = put(make_text(
		"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"sha256:"
		"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\"]},\"config\":{"
		"\"Labels\":{\"org.opencontainers.image.base.digest\":\"%s\"}}}",
		make_digest_text("one"), make_digest_text("base")));
	const char *empty = "{\"mediaType\":\"" MEDIA_TYPE_OCI_LAYER "\",\"digest\":\"sha256:"
						"a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4\","
						"\"size\":32}";
	assert_int_equal(read_tree(make_manifest(config, make_text("%s,%s", empty, LAYER("x")))), 0);
	assert_int_equal(shelf.tree.error_count, 0);
	assert_true(shelf.tree.images[0].layers[0].is_empty);
	assert_true(shelf.tree.images[0].layers[1].is_empty);
	assert_null(shelf.tree.images[0].platform);
	expect_digest(&shelf.tree.images[0].base_digest, "base");
}

static void stops_at_too_many_children_in_all(void **state)
{
	(void)state;
	struct buffer list = BUFFER_INIT(LIMIT_MANIFEST_SIZE);
	for (int i = 0; i < LIMIT_INDEX_CHILDREN; i++)
		assert_int_equal(buffer_add_format(&list, &shelf.err, "%s%s", i > 0 ? "," : "",
										   make_descriptor("x/y", make_text("%d", i), "")),
						 0);
	const char *inner = put(make_index(list.bytes));
	buffer_clear(&list);
	assert_int_equal(read_tree(make_index(make_descriptor(MEDIA_TYPE_OCI_INDEX, inner, ""))), 0);
	assert_int_equal(shelf.tree.error_count, LIMIT_INDEX_CHILDREN);
	expect_error(LIMIT_INDEX_CHILDREN - 1, ERROR_OVER_LIMIT, -1,
				 make_text("index %s", make_digest_text(inner)),
				 "more than 1000 children in all indexes; the rest was not read");
}

static void stops_at_too_many_bytes_in_all(void **state)
{
	(void)state;
	enum { PADDING = 3 << 20 };
	char *spaces = memory_alloc(PADDING + 1, 1);
	memset(spaces, ' ', PADDING);
	const char *big = put(make_text("%s%s", put_image("amd64", "big"), spaces));
	free(spaces);
	struct buffer list = BUFFER_INIT(LIMIT_MANIFEST_SIZE);
	for (int i = 0; i < 20; i++)
		buffer_add_format(&list, &shelf.err, "%s%s", i > 0 ? "," : "", CHILD(big, AMD64));
	const char *index = make_index(list.bytes);
	buffer_clear(&list);
	assert_int_equal(read_tree(index), 0);
	assert_int_equal(shelf.tree.image_count, 11);
	assert_int_equal(shelf.tree.error_count, 1);
	expect_error(0, ERROR_OVER_LIMIT, 10, make_text("manifest %s", make_digest_text(big)),
				 "the documents of the tree have more than 33554432 bytes; the rest was not read");
}

static void ends_when_interrupted(void **state)
{
	(void)state;
	const char *first = make_manifest(make_config("amd64", "no", NULL), LAYER("no"));
	const char *second = put_image("arm64", "never");
	put_error(first, ERROR_INTERRUPTED);
	const char *index = make_index(make_text("%s,%s", CHILD(first, AMD64), CHILD(second, ARM64)));
	assert_int_equal(read_tree(index), -1);
	assert_int_equal(shelf.err.code, ERROR_INTERRUPTED);
	assert_string_equal(shelf.err.text, "shelf: interrupted");
	assert_int_equal(find_item(make_digest_text(second))->reads, 0);
	expect_digest(&shelf.tree.digest, index);
}

/* A memo of a handful of documents. */
struct notebook {
	struct digest digests[8];
	const char *bytes[8];
	size_t count;
	size_t refused; /* puts of nothing: it could not be had, or was another */
};

static bool notebook_get(void *context, const struct digest *digest, struct document *out)
{
	struct notebook *notebook = context;
	for (size_t i = 0; i < notebook->count; i++) {
		if (!digest_equal(&notebook->digests[i], digest))
			continue;
		document_init(out, memory_copy_text(notebook->bytes[i]), strlen(notebook->bytes[i]),
					  "application/octet-stream", digest);
		return true;
	}
	return false;
}

static void notebook_put(void *context, const struct document *document)
{
	struct notebook *notebook = context;
	if (document == NULL) {
		notebook->refused++;
		return;
	}
	assert_true(notebook->count < 8);
	notebook->digests[notebook->count] = document->digest;
	notebook->bytes[notebook->count++] = make_text("%s", document->bytes);
}

static void uses_the_memo_from_one_tree_to_the_next(void **state)
{
	(void)state;
	struct notebook notebook = {0};
	struct tree_memo memo = {.context = &notebook, .get = notebook_get, .put = notebook_put};
	const char *config = put(make_config("amd64", "one", NULL));
	const char *manifest = put(make_manifest(config, LAYER("one")));
	const char *forged = make_manifest(config, LAYER("two"));
	put_as(make_digest_text(forged), make_text("%s ", forged));
	shelf.top = make_index(make_text("%s,%s", CHILD(manifest, AMD64), CHILD(forged, AMD64)));
	for (int i = 0; i < 2; i++) {
		tree_clear(&shelf.tree);
		assert_int_equal(tree_read_with_memo(&shelf.source, &shelf.reference, &memo, NULL,
											 &shelf.tree, &shelf.err),
						 0);
		assert_int_equal(shelf.tree.image_count, 2);
		expect_digest(&shelf.tree.images[0].layers[0].diff_id, "one");
		assert_int_equal(shelf.tree.error_count, 1);
	}
	assert_int_equal(notebook.count, 2);
	assert_int_equal(notebook.refused, 2);
	assert_int_equal(find_item(make_digest_text(config))->reads, 1);
	assert_int_equal(find_item(make_digest_text(manifest))->reads, 1);
	assert_int_equal(find_item(make_digest_text(forged))->reads, 2);
}

static void names_levels(void **state)
{
	(void)state;
	assert_string_equal(level_name(LEVEL_REPORTED), "reported");
	assert_string_equal(level_name(LEVEL_DECLARED), "declared");
	assert_string_equal(level_name(LEVEL_HASHED), "hashed");
}

#define TREE_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(reads_one_manifest),
		TREE_TEST(reads_platforms_and_labels_the_attestation),
		TREE_TEST(reads_an_image_that_calls_itself_an_attestation),
		TREE_TEST(reads_nested_indexes_in_order),
		TREE_TEST(stops_at_indexes_nested_too_deep),
		TREE_TEST(leaves_a_loop),
		TREE_TEST(reads_what_is_met_twice_once),
		TREE_TEST(reads_on_behind_a_tampered_child),
		TREE_TEST(compares_the_size_first),
		TREE_TEST(notes_a_top_that_is_not_what_was_asked_for),
		TREE_TEST(notes_a_top_that_is_not_what_the_source_declared),
		TREE_TEST(names_children_it_does_not_read),
		TREE_TEST(refuses_a_child_of_another_kind),
		TREE_TEST(keeps_the_layers_when_the_config_has_fewer),
		TREE_TEST(keeps_the_image_when_its_config_cannot_be_read),
		TREE_TEST(goes_on_behind_a_missing_child),
		TREE_TEST(recognises_schema_1),
		TREE_TEST(fails_without_a_top),
		TREE_TEST(fails_on_a_top_without_sense),
		TREE_TEST(fails_on_an_index_that_cannot_be_parsed),
		TREE_TEST(refuses_a_configuration_at_the_top),
		TREE_TEST(notes_a_wrong_digest_header),
		TREE_TEST(keeps_both_names_of_a_sha512_index),
		TREE_TEST(takes_embedded_data_that_agrees),
		TREE_TEST(labels_artifacts),
		TREE_TEST(keeps_foreign_and_unverifiable_layers),
		TREE_TEST(knows_empty_layers_by_either_digest),
		TREE_TEST(stops_at_too_many_children_in_all),
		TREE_TEST(stops_at_too_many_bytes_in_all),
		TREE_TEST(ends_when_interrupted),
		TREE_TEST(uses_the_memo_from_one_tree_to_the_next),
		cmocka_unit_test(names_levels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
