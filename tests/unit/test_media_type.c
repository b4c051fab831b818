#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/media_type.h"

struct kind_case {
	const char *media_type;
	enum media_kind kind;
};

static const struct kind_case KINDS[] = {
	{NULL, MEDIA_OTHER},
	{"", MEDIA_OTHER},
	{"application/json", MEDIA_OTHER},
	{MEDIA_TYPE_OCI_INDEX, MEDIA_INDEX},
	{MEDIA_TYPE_DOCKER_LIST, MEDIA_INDEX},
	{MEDIA_TYPE_OCI_MANIFEST, MEDIA_MANIFEST},
	{MEDIA_TYPE_DOCKER_MANIFEST, MEDIA_MANIFEST},
	{MEDIA_TYPE_DOCKER_SCHEMA1, MEDIA_SCHEMA1},
	{MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED, MEDIA_SCHEMA1},
	{MEDIA_TYPE_OCI_CONFIG, MEDIA_CONFIG},
	{MEDIA_TYPE_DOCKER_CONFIG, MEDIA_CONFIG},
	{MEDIA_TYPE_OCI_MANIFEST "; charset=utf-8", MEDIA_MANIFEST},
	{" Application/VND.oci.image.manifest.v1+JSON ;x=y", MEDIA_MANIFEST},
	{MEDIA_TYPE_OCI_MANIFEST "x", MEDIA_OTHER},
	{"application/vnd.oci.image.manifest.v1", MEDIA_OTHER},
	{"application/vnd.oci.image.layer.v1.tar", MEDIA_LAYER},
	{"application/vnd.oci.image.layer.v1.tar+gzip", MEDIA_LAYER},
	{"application/vnd.oci.image.layer.v1.tar+zstd", MEDIA_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar", MEDIA_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar.gzip", MEDIA_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar.zstd", MEDIA_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tarball", MEDIA_OTHER},
	{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", MEDIA_LAYER_FOREIGN},
	{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", MEDIA_LAYER_FOREIGN},
	{"application/vnd.oci.image.layer.v1.tar+encrypted", MEDIA_LAYER_ENCRYPTED},
	{"application/vnd.oci.image.layer.v1.tar+gzip+encrypted", MEDIA_LAYER_ENCRYPTED},
	{"application/vnd.oci.image.layer.nondistributable.v1.tar+encrypted", MEDIA_LAYER_ENCRYPTED},
	{"application/vnd.docker.image.rootfs.diff.tar.gzip+encrypted", MEDIA_LAYER_ENCRYPTED},
	{"application/vnd.in-toto+json", MEDIA_OTHER},
	{"application/vnd.oci.empty.v1+json", MEDIA_OTHER},
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (media_type_kind(KINDS[i].media_type) != KINDS[i].kind)
			fail_msg("%s: %d", KINDS[i].media_type, (int)media_type_kind(KINDS[i].media_type));
}

static void test_compression_of_layers(void **state)
{
	static const struct {
		const char *media_type;
		enum media_compression compression;
	} cases[] = {
		{"application/vnd.oci.image.layer.v1.tar", MEDIA_UNCOMPRESSED},
		{"application/vnd.docker.image.rootfs.diff.tar ; x=.gzip", MEDIA_UNCOMPRESSED},
		{"application/vnd.oci.image.layer.v1.tar+gzip", MEDIA_GZIP},
		{"application/vnd.docker.image.rootfs.diff.tar.GZIP", MEDIA_GZIP},
		{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", MEDIA_GZIP},
		{"application/vnd.oci.image.layer.v1.tar+zstd;x=y", MEDIA_ZSTD},
		{"application/vnd.docker.image.rootfs.diff.tar.zstd", MEDIA_ZSTD},
		{"application/vnd.oci.image.layer.v1.tar+gzi", MEDIA_COMPRESSED_OTHERWISE},
		{"application/vnd.oci.image.layer.v1.tar+gzip2", MEDIA_COMPRESSED_OTHERWISE},
		{"application/vnd.oci.image.layer.v1.tar+", MEDIA_COMPRESSED_OTHERWISE},
		{"application/gzip", MEDIA_COMPRESSED_OTHERWISE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (media_type_compression(cases[i].media_type) != cases[i].compression)
			fail_msg("%s: %d", cases[i].media_type,
					 (int)media_type_compression(cases[i].media_type));
}

static void test_equal_but_for_parameters_and_case(void **state)
{
	(void)state;
	assert_true(media_type_equal("application/json", "Application/JSON; charset=utf-8"));
	assert_true(media_type_equal(" a/b ", "a/b"));
	assert_true(media_type_equal("", ";x"));
	assert_false(media_type_equal("application/json", "application/jso"));
	assert_false(media_type_equal("application/json", "application/json5"));
}

static void test_accept_names_every_manifest_kind_once(void **state)
{
	(void)state;
	assert_string_equal(MEDIA_TYPE_ACCEPT,
						"application/vnd.oci.image.index.v1+json, "
						"application/vnd.oci.image.manifest.v1+json, "
						"application/vnd.docker.distribution.manifest.list.v2+json, "
						"application/vnd.docker.distribution.manifest.v2+json, "
						"application/vnd.docker.distribution.manifest.v1+prettyjws, "
						"application/vnd.docker.distribution.manifest.v1+json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_compression_of_layers),
		cmocka_unit_test(test_equal_but_for_parameters_and_case),
		cmocka_unit_test(test_accept_names_every_manifest_kind_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
