#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "layerproof/manifest.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"

#define HEX64            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DESCRIPTOR(type) "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" HEX64 "\",\"size\":7}"
#define CONFIG           "\"config\":" DESCRIPTOR(MEDIA_TYPE_OCI_CONFIG)
#define LAYER            DESCRIPTOR("application/vnd.oci.image.layer.v1.tar+gzip")
#define FOREIGN          DESCRIPTOR("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
#define BASE             "org.opencontainers.image.base.digest"

static int parse(const char *text, struct manifest *out, struct error *err)
{
	json_t *document = node_parse(text, strlen(text), "manifest", err);
	int result = document == NULL ? -1 : manifest_read(document, out, err);
	json_decref(document);
	return result;
}

static void parse_legal(const char *text, struct manifest *out)
{
	struct error err = ERROR_INIT;
	if (parse(text, out, &err) != 0)
		fail_msg("%s: %s", text, err.text);
}

static void test_reads_config_and_layers_bottom_first(void **state)
{
	(void)state;
	struct manifest read CLEANUP(manifest_clear);
	parse_legal("{" CONFIG ",\"layers\":[" LAYER "," FOREIGN "]}", &read);
	assert_true(read.is_image);
	assert_string_equal(read.config.media_type, MEDIA_TYPE_OCI_CONFIG);
	assert_int_equal(read.layer_count, 2);
	assert_int_equal(media_type_kind(read.layers[0].media_type), MEDIA_LAYER);
	assert_int_equal(media_type_kind(read.layers[1].media_type), MEDIA_LAYER_FOREIGN);
	assert_false(digest_is_set(&read.base_digest));
}

static void check_base(const char *annotations, bool expected)
{
	char *text CLEANUP(free_at) = memory_format("{" CONFIG ",\"layers\":[],\"annotations\":%s}",
												annotations);
	struct manifest read CLEANUP(manifest_clear);
	parse_legal(text, &read);
	assert_true(digest_is_set(&read.base_digest) == expected);
}

static void test_base_digest_is_taken_if_it_is_one(void **state)
{
	(void)state;
	check_base("{\"" BASE "\":\"sha256:" HEX64 "\"}", true);
	check_base("{\"" BASE "\":\"\"}", false);
	check_base("{\"" BASE "\":\"debian\"}", false);
	check_base("{\"" BASE "\":7}", false);
	check_base("{}", false);
	check_base("null", false);
}

static bool is_image(const char *config_type)
{
	char *text CLEANUP(free_at) = memory_format(
		"{\"config\":{\"mediaType\":\"%s\",\"digest\":\"sha256:" HEX64 "\",\"size\":7},"
		"\"layers\":[]}",
		config_type);
	struct manifest read CLEANUP(manifest_clear);
	parse_legal(text, &read);
	return read.is_image;
}

static void test_an_image_is_told_by_the_type_of_its_config(void **state)
{
	(void)state;
	assert_true(is_image(MEDIA_TYPE_OCI_CONFIG));
	assert_true(is_image(MEDIA_TYPE_DOCKER_CONFIG));
	assert_true(is_image("application/octet-stream"));
	assert_true(is_image("application/json"));
	assert_true(is_image("text/html"));
	assert_false(is_image("application/vnd.oci.empty.v1+json"));
	assert_false(is_image("application/vnd.cncf.helm.config.v1+json"));
}

struct refused_case {
	const char *text;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{"7", "manifest: not an object"},
	{"{\"layers\":[]}", "manifest: config: is missing"},
	{"{" CONFIG "}", "manifest: layers: is missing"},
	{"{" CONFIG ",\"layers\":null}", "manifest: layers: is missing"},
	{"{" CONFIG ",\"layers\":{}}", "manifest: layers: not an array"},
	{"{\"config\":[],\"layers\":[]}", "manifest: config: not an object"},
	{"{\"config\":{},\"layers\":[]}", "manifest: config.mediaType: is missing"},
	{"{" CONFIG ",\"layers\":[" LAYER ",{\"mediaType\":\"a/b\",\"digest\":\"x\",\"size\":1}]}",
	 "manifest: layers[1].digest: a digest is ALGORITHM:HEX; there is no \":\""},
	{"{" CONFIG ",\"layers\":[],\"annotations\":7}", "manifest: annotations: not an object"},
	{"{" CONFIG ",\"layers\":[],\"Config\":{}}",
	 "manifest: \"config\" is there more than once, in upper and lower case"},
	{"{" CONFIG ",\"layers\":[],\"Layers\":[]}",
	 "manifest: \"layers\" is there more than once, in upper and lower case"},
};

static void test_refuses_with_the_member_that_offends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		struct manifest read = {.layer_count = 99};
		assert_int_equal(parse(REFUSED[i].text, &read, &err), -1);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_int_equal(read.layer_count, 99);
	}
}

static int parse_layers(size_t layers, struct manifest *out, struct error *err)
{
	static const char head[] = "{" CONFIG ",\"layers\":[" LAYER;
	char *text CLEANUP(free_at) = memory_alloc(sizeof(head) + layers * sizeof("," LAYER) + 2, 1);
	char *end = stpcpy(text, head);
	for (size_t i = 1; i < layers; i++)
		end = stpcpy(end, "," LAYER);
	strcpy(end, "]}");
	return parse(text, out, err);
}

static void test_at_most_1000_layers(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct manifest read CLEANUP(manifest_clear);
	assert_int_equal(parse_layers(LIMIT_LAYERS, &read, &err), 0);
	assert_int_equal(read.layer_count, LIMIT_LAYERS);
	assert_int_equal(parse_layers(LIMIT_LAYERS + 1, &read, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "manifest: 1001 layers are more than 1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_config_and_layers_bottom_first),
		cmocka_unit_test(test_base_digest_is_taken_if_it_is_one),
		cmocka_unit_test(test_an_image_is_told_by_the_type_of_its_config),
		cmocka_unit_test(test_refuses_with_the_member_that_offends),
		cmocka_unit_test(test_at_most_1000_layers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
