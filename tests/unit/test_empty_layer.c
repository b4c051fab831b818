#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/empty_layer.h"

/* 32 bytes that Docker's schema 1 builder and Go's gzip writer make of 1,024 NUL bytes: they differ
 * in the header only. */
static const uint8_t DOCKER_GZIP[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x09, 0x6e, 0x88, 0x00, 0xff, 0x62, 0x18, 0x05, 0xa3, 0x60, 0x14,
	0x8c, 0x58, 0x00, 0x08, 0x00, 0x00, 0xff, 0xff, 0x2e, 0xaf, 0xb5, 0xef, 0x00, 0x04, 0x00, 0x00};
static const uint8_t GO_GZIP[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x62,
								  0x18, 0x05, 0xa3, 0x60, 0x14, 0x8c, 0x58, 0x00, 0x08, 0x00, 0x00,
								  0xff, 0xff, 0x2e, 0xaf, 0xb5, 0xef, 0x00, 0x04, 0x00, 0x00};

static bool is_known(enum digest_algorithm algorithm, const void *bytes, size_t size)
{
	struct digest digest;
	digest_of(algorithm, bytes, size, &digest);
	return empty_layer_is_known(&digest);
}

static void check_both_algorithms(const void *bytes, size_t size)
{
	assert_true(is_known(DIGEST_SHA256, bytes, size));
	assert_true(is_known(DIGEST_SHA512, bytes, size));
}

static void test_knows_them_by_their_bytes(void **state)
{
	(void)state;
	static const uint8_t zeros[10240];
	check_both_algorithms("", 0);
	check_both_algorithms("{}", 2);
	check_both_algorithms(zeros, 1024);
	check_both_algorithms(zeros, 10240);
	check_both_algorithms(DOCKER_GZIP, sizeof(DOCKER_GZIP));
	check_both_algorithms(GO_GZIP, sizeof(GO_GZIP));
}

/* The values of other compressors, whose bytes depend on their version. */
static void test_knows_them_by_their_digest(void **state)
{
	(void)state;
	static const char *const digests[] = {
		"sha256:7989bb311baa38ef545250282aa065d23281c46dfb8faabe4c653487bdbded5c",
		"sha256:798227851af38e42f1a2b1e5116c056d0f2a902868ca277411ec904729773525",
		"sha256:79fd197db96953fa064cecefea06e607d3109dbab6847f77397ba1fda252dd71",
		"sha256:85cea451eec057fa7e734548ca3ba6d779ed5836a3f9de14b8394575ef0d7d8e",
		"sha256:170b376f64fb30995c140276be3d71dfb256b308d86183ca3b22aa93a79ad548",
	};
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		struct error err = ERROR_INIT;
		struct digest digest;
		assert_int_equal(digest_parse(digests[i], &digest, &err), 0);
		assert_true(empty_layer_is_known(&digest));
	}
}

static void test_knows_nothing_else(void **state)
{
	(void)state;
	static const uint8_t zeros[2048];
	struct digest unset = {.algorithm = DIGEST_NONE};
	assert_false(empty_layer_is_known(&unset));
	assert_false(is_known(DIGEST_SHA256, "{ }", 3));
	assert_false(is_known(DIGEST_SHA256, zeros, sizeof(zeros)));
	assert_false(is_known(DIGEST_SHA512, zeros, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_knows_them_by_their_bytes),
		cmocka_unit_test(test_knows_them_by_their_digest),
		cmocka_unit_test(test_knows_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
