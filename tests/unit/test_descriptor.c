#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/descriptor.h"
#include "oci/member.h"

#define HEX64      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA256     "sha256:" HEX64
#define TYPE       "\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\""
#define DIGEST     "\"digest\":\"" SHA256 "\""
#define WITH(more) "{" TYPE "," DIGEST ",\"size\":7" more "}"

static int read_text(const char *text, struct descriptor *out, struct error *err)
{
	json_t *value CLEANUP(json_decref_at) = node_parse(text, strlen(text), "test", err);
	if (value == NULL)
		return -1;
	struct node root = node_root(value, "test");
	return descriptor_read(&root, out, err);
}

static void read_legal(const char *text, struct descriptor *out)
{
	struct error err = ERROR_INIT;
	if (read_text(text, out, &err) != 0)
		fail_msg("%s: %s", text, err.text);
}

static void test_reads_the_three_required_members(void **state)
{
	(void)state;
	char digest[DIGEST_TEXT_SIZE];
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal(WITH(), &read);
	assert_string_equal(read.media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
	assert_string_equal(read.digest_text, SHA256);
	assert_string_equal(digest_format(&read.digest, digest), SHA256);
	assert_int_equal(read.size, 7);
	assert_null(read.platform);
	assert_null(read.artifact_type);
	assert_null(read.data);
	assert_null(read.ref_name);
	assert_false(read.has_urls);
	assert_false(read.is_attestation);
}

static void test_reads_the_optional_members(void **state)
{
	(void)state;
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal(WITH(",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"},"
					"\"artifactType\":\"a/b\",\"data\":\"e30=\",\"urls\":[\"http://x\"],"
					"\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}"),
			   &read);
	assert_string_equal(read.platform, "linux/arm/v7");
	assert_string_equal(read.artifact_type, "a/b");
	assert_int_equal(read.data_size, 2);
	assert_memory_equal(read.data, "{}", 2);
	assert_true(read.has_urls);
	assert_string_equal(read.ref_name, "v1");
}

static void test_null_counts_as_absent(void **state)
{
	(void)state;
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal(WITH(",\"platform\":null,\"artifactType\":null,\"data\":null,\"urls\":null,"
					"\"annotations\":null"),
			   &read);
	assert_null(read.platform);
	assert_null(read.data);
	assert_false(read.has_urls);
}

static void test_empty_data_is_data(void **state)
{
	(void)state;
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal(WITH(",\"data\":\"\",\"urls\":[]"), &read);
	assert_non_null(read.data);
	assert_int_equal(read.data_size, 0);
	assert_false(read.has_urls);
}

static void test_unknown_algorithm_is_legal_but_unset(void **state)
{
	(void)state;
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal("{" TYPE ",\"digest\":\"blake3:" HEX64 "\",\"size\":0}", &read);
	assert_string_equal(read.digest_text, "blake3:" HEX64);
	assert_false(digest_is_set(&read.digest));
}

static bool is_attestation(const char *text)
{
	struct descriptor read CLEANUP(descriptor_clear);
	read_legal(text, &read);
	return read.is_attestation;
}

static void test_attestations_are_told_by_annotation_or_platform(void **state)
{
	(void)state;
	assert_true(is_attestation(
		WITH(",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}")));
	assert_true(
		is_attestation(WITH(",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}")));
	assert_false(
		is_attestation(WITH(",\"annotations\":{\"vnd.docker.reference.type\":\"other\"}")));
	assert_false(
		is_attestation(WITH(",\"platform\":{\"os\":\"linux\",\"architecture\":\"unknown\"}")));
}

static void check_platform(const char *platform, const char *expected)
{
	struct error err = ERROR_INIT;
	json_t *value CLEANUP(json_decref_at) = node_parse(platform, strlen(platform), "test", &err);
	struct node root = node_root(value, "test");
	char *text CLEANUP(free_at) = NULL;
	assert_int_equal(descriptor_read_platform(&root, &text, &err), 0);
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void test_platform_texts(void **state)
{
	(void)state;
	check_platform("{\"os\":\"linux\",\"architecture\":\"amd64\"}", "linux/amd64");
	check_platform("{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"\"}", "linux/amd64");
	check_platform("{\"architecture\":\"amd64\"}", "unknown/amd64");
	check_platform("{\"os\":\"linux\",\"architecture\":\"\"}", "linux/unknown");
	check_platform("{\"os\":\"\",\"architecture\":\"\",\"variant\":\"v8\"}", NULL);
	check_platform("{}", NULL);
}

struct refused_case {
	const char *text;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{"[]", "test: not an object"},
	{"{" DIGEST ",\"size\":7}", "test: mediaType: is missing"},
	{"{" TYPE ",\"size\":7}", "test: digest: is missing"},
	{"{" TYPE "," DIGEST "}", "test: size: is missing"},
	{"{\"mediaType\":1," DIGEST ",\"size\":7}", "test: mediaType: not a string"},
	{"{" TYPE ",\"digest\":7,\"size\":7}", "test: digest: not a string"},
	{"{" TYPE "," DIGEST ",\"size\":-1}", "test: size: not a whole number of 0 or more"},
	{"{" TYPE "," DIGEST ",\"size\":1.5}", "test: size: not a whole number of 0 or more"},
	{"{" TYPE "," DIGEST ",\"size\":\"7\"}", "test: size: not a whole number of 0 or more"},
	{"{" TYPE ",\"digest\":\"sha256:ab\",\"size\":7}",
	 "test: digest: a sha256 digest has 64 hexadecimal digits, not 2"},
	{"{" TYPE ",\"digest\":\"sha512:" HEX64 "\",\"size\":7}",
	 "test: digest: a sha512 digest has 128 hexadecimal digits, not 64"},
	{"{" TYPE ",\"digest\":\"../../x\",\"size\":7}",
	 "test: digest: a digest is ALGORITHM:HEX; there is no \":\""},
	{"{" TYPE ",\"digest\":\"sha256:../../etc/passwd\",\"size\":7}",
	 "test: digest: not a digest: it breaks the grammar ALGORITHM:HEX"},
	{WITH(",\"data\":\"e30\""), "test: data: not base64"},
	{WITH(",\"data\":\"e31=\""), "test: data: not base64"},
	{WITH(",\"data\":7"), "test: data: not a string"},
	{WITH(",\"urls\":\"http://x\""), "test: urls: not an array"},
	{WITH(",\"annotations\":[]"), "test: annotations: not an object"},
	{WITH(",\"platform\":\"linux\""), "test: platform: not an object"},
	{WITH(",\"platform\":{\"os\":1}"), "test: platform.os: not a string"},
	{WITH(",\"platform\":{\"os\":\"a\",\"OS\":\"b\"}"),
	 "test: platform: \"os\" is there more than once, in upper and lower case"},
	{WITH(",\"Digest\":\"" SHA256 "\""),
	 "test: \"digest\" is there more than once, in upper and lower case"},
	{WITH(",\"SIZE\":8"), "test: \"size\" is there more than once, in upper and lower case"},
};

static void test_refuses_with_the_member_that_offends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		struct descriptor read = {.size = 99};
		if (read_text(REFUSED[i].text, &read, &err) == 0)
			fail_msg("accepted: %s", REFUSED[i].text);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_int_equal(read.size, 99);
		assert_null(read.media_type);
	}
}

static void test_copy_shares_nothing(void **state)
{
	(void)state;
	struct descriptor copy CLEANUP(descriptor_clear);
	{
		struct descriptor read CLEANUP(descriptor_clear);
		read_legal(WITH(",\"data\":\"e30=\",\"artifactType\":\"a/b\",\"annotations\":"
						"{\"org.opencontainers.image.ref.name\":\"v1\"},"
						"\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"),
				   &read);
		descriptor_copy(&read, &copy);
	}
	assert_string_equal(copy.media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
	assert_string_equal(copy.digest_text, SHA256);
	assert_string_equal(copy.platform, "linux/amd64");
	assert_string_equal(copy.artifact_type, "a/b");
	assert_string_equal(copy.ref_name, "v1");
	assert_int_equal(copy.data_size, 2);
	assert_memory_equal(copy.data, "{}", 2);
	assert_int_equal(copy.size, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_the_three_required_members),
		cmocka_unit_test(test_reads_the_optional_members),
		cmocka_unit_test(test_null_counts_as_absent),
		cmocka_unit_test(test_empty_data_is_data),
		cmocka_unit_test(test_unknown_algorithm_is_legal_but_unset),
		cmocka_unit_test(test_attestations_are_told_by_annotation_or_platform),
		cmocka_unit_test(test_platform_texts),
		cmocka_unit_test(test_refuses_with_the_member_that_offends),
		cmocka_unit_test(test_copy_shares_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
