#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/digest.h"
#include "layerproof/memory.h"

#define HEX_OF_NOTHING       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HEX_OF_NOTHING_UPPER "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
#define HEX_64_ZEROS         "0000000000000000000000000000000000000000000000000000000000000000"
#define HEX512_OF_NOTHING                                                                          \
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"                             \
	"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"

struct vector {
	const char *message;
	const char *sha256;
	const char *sha512;
};

/* FIPS 180-4, examples of NIST's "Secure Hashing" page. */
static const struct vector VECTORS[] = {
	{"", "sha256:" HEX_OF_NOTHING, "sha512:" HEX512_OF_NOTHING},
	{"abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	 "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	 "sha512:204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
	 "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"},
	{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	 "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	 "sha256:cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
	 "sha512:8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	 "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
};

enum { VECTOR_COUNT = sizeof(VECTORS) / sizeof(VECTORS[0]) };

static void assert_digest(const struct digest *digest, const char *expected)
{
	char text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_format(digest, text), expected);
}

static void test_computes_the_examples_of_fips_180_4(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct digest digest;
		const char *message = VECTORS[i].message;
		digest_of(DIGEST_SHA256, message, strlen(message), &digest);
		assert_digest(&digest, VECTORS[i].sha256);
		digest_of(DIGEST_SHA512, message, strlen(message), &digest);
		assert_digest(&digest, VECTORS[i].sha512);
	}
}

static void test_a_stream_is_used_again(void **state)
{
	(void)state;
	struct digest_stream *stream = digest_stream_new();
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct digest digest;
		const char *message = VECTORS[i].message;
		digest_stream_start(stream, i % 2 == 0 ? DIGEST_SHA256 : DIGEST_SHA512);
		for (const char *at = message; *at != '\0'; at++)
			digest_stream_add(stream, at, 1);
		digest_stream_add(stream, NULL, 0);
		digest_stream_finish(stream, &digest);
		assert_digest(&digest, i % 2 == 0 ? VECTORS[i].sha256 : VECTORS[i].sha512);
	}
	/* One that was begun and left. */
	struct digest digest;
	digest_stream_start(stream, DIGEST_SHA512);
	digest_stream_add(stream, "left", 4);
	digest_stream_start(stream, DIGEST_SHA256);
	digest_stream_finish(stream, &digest);
	assert_digest(&digest, VECTORS[0].sha256);
	digest_stream_free(stream);
	digest_stream_free(NULL);
}

static void test_computes_a_million_letters(void **state)
{
	(void)state;
	enum { LETTERS = 1000000 };
	struct digest digest;
	CLEANUP(free_at) char *letters = memory_alloc(LETTERS, 1);
	memset(letters, 'a', LETTERS);
	digest_of(DIGEST_SHA256, letters, LETTERS, &digest);
	assert_digest(&digest,
				  "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	digest_of(DIGEST_SHA512, letters, LETTERS, &digest);
	assert_digest(&digest, "sha512:e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
						   "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

static void test_parses_what_it_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		struct digest digest = {.algorithm = DIGEST_NONE};
		struct error err = ERROR_INIT;
		assert_int_equal(digest_parse(VECTORS[i].sha256, &digest, &err), 0);
		assert_digest(&digest, VECTORS[i].sha256);
		assert_int_equal(digest_parse(VECTORS[i].sha512, &digest, &err), 0);
		assert_digest(&digest, VECTORS[i].sha512);
		assert_int_equal(err.code, ERROR_NONE);
	}
}

struct refused {
	const char *text;
	enum error_code code;
	const char *why;
};

#define NO_COLON   "a digest is ALGORITHM:HEX; there is no \":\""
#define NO_GRAMMAR "not a digest: it breaks the grammar ALGORITHM:HEX"

/* image-spec descriptor.md, "Digests". */
static const struct refused REFUSED[] = {
	{"", ERROR_MALFORMED, NO_COLON},
	{HEX_OF_NOTHING, ERROR_MALFORMED, NO_COLON},
	{":", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:", ERROR_MALFORMED, NO_GRAMMAR},
	{":" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{" sha256:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:" HEX_OF_NOTHING " ", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:" HEX_OF_NOTHING "\n", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:sha256:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"SHA256:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256+:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"+sha256:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"a..b:00", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:\xC3\xA9", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:../etc", ERROR_MALFORMED, NO_GRAMMAR},
	{"sha256:" HEX_OF_NOTHING_UPPER, ERROR_MALFORMED,
	 "digit 1 of a sha256 digest is not lower-case hexadecimal"},
	{"sha256:0g" HEX_64_ZEROS, ERROR_MALFORMED,
	 "a sha256 digest has 64 hexadecimal digits, not 66"},
	{"sha256:00000000000000000000000000000000000000000000000000000000000000=0", ERROR_MALFORMED,
	 "digit 63 of a sha256 digest is not lower-case hexadecimal"},
	{"sha256:000000000000000000000000000000000000000000000000000000000000000g", ERROR_MALFORMED,
	 "digit 64 of a sha256 digest is not lower-case hexadecimal"},
	{"sha256:e3b0", ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 4"},
	{"sha512:" HEX_OF_NOTHING, ERROR_MALFORMED,
	 "a sha512 digest has 128 hexadecimal digits, not 64"},
	{"sha256:" HEX512_OF_NOTHING, ERROR_MALFORMED,
	 "a sha256 digest has 64 hexadecimal digits, not 128"},
	{"sha384:00", ERROR_UNSUPPORTED, "a sha384 digest cannot be verified here"},
	{"blake3:" HEX_OF_NOTHING, ERROR_UNSUPPORTED, "a blake3 digest cannot be verified here"},
	{"none:00", ERROR_UNSUPPORTED, "a none digest cannot be verified here"},
	{"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564=", ERROR_UNSUPPORTED,
	 "a sha256+b64u digest cannot be verified here"},
	{"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij:0", ERROR_UNSUPPORTED,
	 "a abcdefghijabcdefghijabcdefghijabcdefghij digest cannot be verified here"},
};

static void test_parses_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct digest digest = {.algorithm = DIGEST_SHA512, .bytes = {42}};
		struct error err = ERROR_INIT;
		assert_int_equal(digest_parse(REFUSED[i].text, &digest, &err), -1);
		assert_int_equal(err.code, REFUSED[i].code);
		assert_string_equal(err.text, REFUSED[i].why);
		assert_int_equal(digest.algorithm, DIGEST_SHA512);
		assert_int_equal(digest.bytes[0], 42);
	}
}

/* Each stands for the SHA-256 or the SHA-512 of nothing. */
static const char *const FOLDED[] = {
	"sha256:" HEX_OF_NOTHING,      HEX_OF_NOTHING,
	HEX_OF_NOTHING_UPPER,          "SHA256:" HEX_OF_NOTHING_UPPER,
	"sha256%3A" HEX_OF_NOTHING,    "sha256%3a" HEX_OF_NOTHING,
	"sha256-" HEX_OF_NOTHING,      " \t\r\n\v\fsha256:" HEX_OF_NOTHING "\r\n",
	"  " HEX_OF_NOTHING "  ",      "sha512:" HEX512_OF_NOTHING,
	"sha512%3A" HEX512_OF_NOTHING, "SHA512-" HEX512_OF_NOTHING,
};

static void test_folds_what_a_spreadsheet_or_scanner_made_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(FOLDED) / sizeof(FOLDED[0]); i++) {
		struct digest digest;
		struct error err = ERROR_INIT;
		assert_int_equal(digest_parse_lenient(FOLDED[i], strlen(FOLDED[i]), &digest, &err), 0);
		assert_digest(&digest,
					  strstr(FOLDED[i], "512") == NULL ? VECTORS[0].sha256 : VECTORS[0].sha512);
	}
}

static const struct refused NOT_FOLDED[] = {
	{"", ERROR_MALFORMED, "an empty digest"},
	{" \t\n", ERROR_MALFORMED, "an empty digest"},
	{HEX_64_ZEROS, ERROR_MALFORMED, "a digest of zeros only names nothing"},
	{"sha256:" HEX_64_ZEROS, ERROR_MALFORMED, "a digest of zeros only names nothing"},
	{"SHA512:" HEX_64_ZEROS HEX_64_ZEROS, ERROR_MALFORMED, "a digest of zeros only names nothing"},
	{"1.2E+63", ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 7"},
	{"e3b0c44298fc", ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 12"},
	{"sha256", ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 6"},
	{"sha256:", ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 0"},
	{"sha512_" HEX_OF_NOTHING, ERROR_MALFORMED,
	 "a sha512 digest has 128 hexadecimal digits, not 71"},
	{HEX512_OF_NOTHING, ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 128"},
	{"sha256: " HEX_OF_NOTHING, ERROR_MALFORMED,
	 "a sha256 digest has 64 hexadecimal digits, not 65"},
	{"'" HEX_OF_NOTHING, ERROR_MALFORMED, "a sha256 digest has 64 hexadecimal digits, not 65"},
	{"z3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ERROR_MALFORMED,
	 "digit 1 of a sha256 digest is not lower-case hexadecimal"},
	{"repo@sha256:" HEX_OF_NOTHING, ERROR_MALFORMED, NO_GRAMMAR},
	{"md5:d41d8cd98f00b204e9800998ecf8427e", ERROR_UNSUPPORTED,
	 "a md5 digest cannot be verified here"},
	{"SHA384:00", ERROR_UNSUPPORTED, "a sha384 digest cannot be verified here"},
	{"sha512:" HEX512_OF_NOTHING "0123456789", ERROR_MALFORMED,
	 "145 characters are too many for a digest"},
};

static void test_folds_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(NOT_FOLDED) / sizeof(NOT_FOLDED[0]); i++) {
		struct digest digest = {.algorithm = DIGEST_SHA512, .bytes = {42}};
		struct error err = ERROR_INIT;
		const char *text = NOT_FOLDED[i].text;
		assert_int_equal(digest_parse_lenient(text, strlen(text), &digest, &err), -1);
		assert_int_equal(err.code, NOT_FOLDED[i].code);
		assert_string_equal(err.text, NOT_FOLDED[i].why);
		assert_int_equal(digest.bytes[0], 42);
	}
}

static void test_a_nul_hides_nothing(void **state)
{
	(void)state;
	static const char behind[] = HEX_OF_NOTHING "\0junk";
	struct digest digest;
	struct error err = ERROR_INIT;
	assert_int_equal(digest_parse_lenient(behind, sizeof(behind) - 1, &digest, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.text, "a NUL byte in a digest");
	/* The text need not end where its size does. */
	assert_int_equal(digest_parse_lenient(behind, sizeof(HEX_OF_NOTHING) - 1, &digest, &err), 0);
}

static void test_orders_by_algorithm_then_bytes(void **state)
{
	(void)state;
	static const struct digest rising[] = {
		{.algorithm = DIGEST_NONE},
		{.algorithm = DIGEST_SHA256},
		{.algorithm = DIGEST_SHA256, .bytes = {[31] = 1}},
		{.algorithm = DIGEST_SHA256, .bytes = {127}},
		{.algorithm = DIGEST_SHA256, .bytes = {128}},
		{.algorithm = DIGEST_SHA512},
		{.algorithm = DIGEST_SHA512, .bytes = {[63] = 1}},
	};
	enum { COUNT = sizeof(rising) / sizeof(rising[0]) };
	for (size_t a = 0; a < COUNT; a++) {
		for (size_t b = 0; b < COUNT; b++) {
			int order = digest_compare(&rising[a], &rising[b]);
			assert_int_equal((order > 0) - (order < 0), (a > b) - (a < b));
			assert_int_equal(digest_equal(&rising[a], &rising[b]), a == b);
		}
	}
}

static void test_differs_only_within_an_algorithm(void **state)
{
	const struct digest unset = {.algorithm = DIGEST_NONE};
	struct digest a;
	struct digest b;
	struct digest other;
	(void)state;
	digest_of(DIGEST_SHA256, "a", 1, &a);
	digest_of(DIGEST_SHA256, "b", 1, &b);
	digest_of(DIGEST_SHA512, "b", 1, &other);
	assert_true(digest_differs(&a, &b));
	assert_false(digest_differs(&a, &a));
	assert_false(digest_differs(&a, &other));
	assert_false(digest_differs(&a, &unset));
	assert_false(digest_differs(&unset, &a));
	assert_false(digest_differs(&unset, &unset));
}

static void test_names_and_sizes(void **state)
{
	(void)state;
	struct digest none = {.algorithm = DIGEST_NONE};
	char text[DIGEST_TEXT_SIZE];
	assert_false(digest_is_set(&none));
	assert_string_equal(digest_format(&none, text), "");
	assert_int_equal(digest_size(DIGEST_NONE), 0);
	assert_int_equal(digest_size(DIGEST_SHA256), 32);
	assert_int_equal(digest_size(DIGEST_SHA512), 64);
	assert_int_equal(digest_size((enum digest_algorithm)3), 0);
	assert_string_equal(digest_algorithm_name(DIGEST_NONE), "none");
	assert_string_equal(digest_algorithm_name(DIGEST_SHA256), "sha256");
	assert_string_equal(digest_algorithm_name(DIGEST_SHA512), "sha512");
	assert_string_equal(digest_algorithm_name((enum digest_algorithm)3), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_computes_the_examples_of_fips_180_4),
		cmocka_unit_test(test_a_stream_is_used_again),
		cmocka_unit_test(test_computes_a_million_letters),
		cmocka_unit_test(test_parses_what_it_formats),
		cmocka_unit_test(test_parses_strictly),
		cmocka_unit_test(test_folds_what_a_spreadsheet_or_scanner_made_of_it),
		cmocka_unit_test(test_folds_nothing_else),
		cmocka_unit_test(test_a_nul_hides_nothing),
		cmocka_unit_test(test_orders_by_algorithm_then_bytes),
		cmocka_unit_test(test_differs_only_within_an_algorithm),
		cmocka_unit_test(test_names_and_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
