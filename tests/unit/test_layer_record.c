#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/layer_record.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

static const struct error NO_ERROR = ERROR_INIT;

static struct digest digest_of_text(const char *text)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, text, 1, &digest);
	return digest;
}

#define DIGEST_B "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
#define DIGEST_T "sha256:e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"

/* A layer of one member and two entries that was read whole. */
static struct layer_result whole(void)
{
	return (struct layer_result){
		.digest = digest_of_text("b"),
		.size = 100,
		.format = LAYER_GZIP,
		.members = 1,
		.diff_id = digest_of_text("t"),
		.uncompressed = 3072,
		.entries = 2,
		.content_files = 1,
	};
}

static void expect(const struct layer_result *result, const struct error *failure, bool is_damaged,
				   const char *record)
{
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	assert_int_equal(layer_record_write(result, failure, &out, &err), 0);
	assert_string_equal(out.bytes, record);
	assert_int_equal(layer_record_is_damaged(result, failure), is_damaged);
	buffer_clear(&out);
}

static void test_whole(void **state)
{
	struct layer_result result = whole();
	(void)state;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"entries\":2,\"empty\":false}\n");
	result.content_files = 0;
	result.format = LAYER_TAR;
	result.members = 0;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"tar\","
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"entries\":2,\"empty\":true}\n");
}

static void test_flags(void **state)
{
	struct layer_result result = whole();
	(void)state;
	result.oddities = LAYER_SIZE_CONFLICT;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"entries\":2,\"empty\":false,"
		   "\"flags\":[\"size_conflict\"]}\n");
	result.oddities |= LAYER_DUPLICATE_PATH;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"entries\":2,\"empty\":false,"
		   "\"flags\":[\"duplicate_path\",\"size_conflict\"]}\n");
	/* No content was met, but another reader may find some. */
	result.content_files = 0;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"entries\":2,"
		   "\"flags\":[\"duplicate_path\",\"size_conflict\"]}\n");
	/* How far the tar was walked depends on the size of the chunks. */
	error_set(&result.decode_error, ERROR_MALFORMED, "gzip member 2: ends early");
	expect(&result, &NO_ERROR, true,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"errors\":[{"
		   "\"code\":\"malformed\",\"where\":\"blob\",\"message\":\"gzip member 2: ends early\"}]}"
		   "\n");
}

static void test_another_kind(void **state)
{
	struct layer_result result = {.digest = digest_of_text("b"), .size = 100};
	(void)state;
	error_set(&result.decode_error, ERROR_UNSUPPORTED, "looks like xz");
	result.walk_error = result.decode_error;
	expect(&result, &NO_ERROR, false,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"unknown\",\"errors\":[{"
		   "\"code\":\"unsupported\",\"where\":\"blob\",\"message\":\"looks like xz\"}]}\n");
}

/* How far the decoder and the walk came is not said: it would depend on the size of the chunks. */
static void test_damaged_blob(void **state)
{
	struct layer_result result = whole();
	(void)state;
	result.diff_id = (struct digest){.algorithm = DIGEST_NONE};
	error_set(&result.decode_error, ERROR_MALFORMED, "gzip member 2: ends early");
	error_set(&result.walk_error, ERROR_MALFORMED, "tar entry 3: cut");
	expect(&result, &NO_ERROR, true,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"errors\":[{"
		   "\"code\":\"malformed\",\"where\":\"blob\",\"message\":\"gzip member 2: ends early\"}]}"
		   "\n");
}

/* An unsupported part of a format that is read is damage for whoever needs the layer. */
static void test_unsupported_part(void **state)
{
	struct layer_result result = whole();
	(void)state;
	result.format = LAYER_ZSTD;
	error_set(&result.decode_error, ERROR_UNSUPPORTED, "zstd frame 1: a dictionary");
	expect(&result, &NO_ERROR, true,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"zstd\",\"errors\":[{"
		   "\"code\":\"unsupported\",\"where\":\"blob\",\"message\":\"zstd frame 1: a dictionary\"}"
		   "]}\n");
}

/* Content that was met is content, however the walk ended; none may only not have been met yet. */
static void test_broken_tar(void **state)
{
	struct layer_result result = whole();
	(void)state;
	error_set(&result.walk_error, ERROR_MALFORMED, "tar entry 3: \033[2J");
	expect(&result, &NO_ERROR, true,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"empty\":false,\"errors\":[{"
		   "\"code\":\"malformed\",\"where\":\"tar\",\"message\":\"tar entry 3: \\\\x1b[2J\"}]}\n");
	result.content_files = 0;
	error_set(&result.walk_error, ERROR_OVER_LIMIT, "too much");
	expect(&result, &NO_ERROR, true,
		   "{\"digest\":\"" DIGEST_B "\",\"size\":100,\"format\":\"gzip\",\"members\":1,"
		   "\"diff_id\":\"" DIGEST_T "\",\"uncompressed\":3072,\"errors\":[{"
		   "\"code\":\"over_limit\",\"where\":\"tar\",\"message\":\"too much\"}]}\n");
}

static void test_blob_over_the_limit(void **state)
{
	struct layer_result result = whole();
	struct error failure = ERROR_INIT;
	(void)state;
	result.digest = (struct digest){.algorithm = DIGEST_NONE};
	error_set(&failure, ERROR_OVER_LIMIT, "compressed: more than 99 bytes");
	result.decode_error = failure;
	result.walk_error = failure;
	expect(&result, &failure, true,
		   "{\"format\":\"gzip\",\"errors\":[{\"code\":\"over_limit\",\"where\":\"blob\","
		   "\"message\":\"compressed: more than 99 bytes\"}]}\n");
	/* It was damaged before that. */
	error_set(&result.decode_error, ERROR_MALFORMED, "gzip member 1: no");
	expect(&result, &failure, true,
		   "{\"format\":\"gzip\",\"errors\":[{\"code\":\"over_limit\",\"where\":\"blob\","
		   "\"message\":\"compressed: more than 99 bytes\"},{\"code\":\"malformed\",\"where\":"
		   "\"blob\",\"message\":\"gzip member 1: no\"}]}\n");
	/* And one of another kind is over it all the same. */
	result.format = LAYER_UNKNOWN;
	error_set(&result.decode_error, ERROR_UNSUPPORTED, "looks like xz");
	expect(&result, &failure, true,
		   "{\"format\":\"unknown\",\"errors\":[{\"code\":\"over_limit\",\"where\":\"blob\","
		   "\"message\":\"compressed: more than 99 bytes\"},{\"code\":\"unsupported\",\"where\":"
		   "\"blob\",\"message\":\"looks like xz\"}]}\n");
}

static void test_no_room(void **state)
{
	struct layer_result result = whole();
	struct buffer out = BUFFER_INIT(50);
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(layer_record_write(&result, &NO_ERROR, &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_clear(&out);
}

#define HEX_T "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"

static void expect_file(const char *path, uint32_t mode, const char *record)
{
	struct layer_file file = {.path = path, .size = 1, .mode = mode, .digest = digest_of_text("t")};
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	assert_int_equal(layer_record_write_file(&file, &out, &err), 0);
	assert_string_equal(out.bytes, record);
	buffer_clear(&out);
}

static void test_files(void **state)
{
	(void)state;
	expect_file("usr/bin/env", 0755,
				"{\"path\":\"usr/bin/env\",\"size\":1,\"mode\":\"0755\",\"sha256\":\"" HEX_T
				"\"}\n");
	expect_file(
		"a\"\\\n\x1b\x7f", 07777,
		"{\"path\":\"a\\\"\\\\\\n\\u001B\x7f\",\"size\":1,\"mode\":\"7777\",\"sha256\":\"" HEX_T
		"\"}\n");
	expect_file("caf\xc3\xa9", 0,
				"{\"path\":\"caf\\u00E9\",\"size\":1,\"mode\":\"0000\",\"sha256\":\"" HEX_T
				"\"}\n");
	expect_file("", 01, "{\"path\":\"\",\"size\":1,\"mode\":\"0001\",\"sha256\":\"" HEX_T "\"}\n");
}

/* Two names that look alike are told apart. */
static void test_paths_that_are_no_text(void **state)
{
	(void)state;
	expect_file(
		"caf\xe9", 0644,
		"{\"path\":\"caf\\uFFFD\",\"path_base64\":\"Y2Fm6Q==\",\"size\":1,\"mode\":\"0644\","
		"\"sha256\":\"" HEX_T "\"}\n");
	expect_file(
		"caf\xea", 0644,
		"{\"path\":\"caf\\uFFFD\",\"path_base64\":\"Y2Fm6g==\",\"size\":1,\"mode\":\"0644\","
		"\"sha256\":\"" HEX_T "\"}\n");
	expect_file("caf\xef\xbf\xbd", 0644,
				"{\"path\":\"caf\\uFFFD\",\"size\":1,\"mode\":\"0644\",\"sha256\":\"" HEX_T
				"\"}\n");
	/* A surrogate, and a NUL in two bytes: no UTF-8. */
	expect_file("\xed\xa0\x80", 0644,
				"{\"path\":\"\\uFFFD\\uFFFD\\uFFFD\",\"path_base64\":\"7aCA\",\"size\":1,\"mode\":"
				"\"0644\",\"sha256\":\"" HEX_T "\"}\n");
	expect_file("\xc0\x80", 0644,
				"{\"path\":\"\\uFFFD\\uFFFD\",\"path_base64\":\"wIA=\",\"size\":1,\"mode\":"
				"\"0644\",\"sha256\":\"" HEX_T "\"}\n");
}

/* The longest path there may be, of bytes that take most room. */
static void test_room_of_a_path(void **state)
{
	struct layer_file file = {.digest = digest_of_text("t")};
	struct buffer out = BUFFER_INIT(8 * LIMIT_TAR_PATH);
	struct error err = ERROR_INIT;
	(void)state;
	char *path = memory_alloc(LIMIT_TAR_PATH + 1, 1);
	memset(path, 0xff, LIMIT_TAR_PATH);
	file.path = path;
	assert_int_equal(layer_record_write_file(&file, &out, &err), 0);
	buffer_clear(&out);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_another_kind),
		cmocka_unit_test(test_damaged_blob),
		cmocka_unit_test(test_unsupported_part),
		cmocka_unit_test(test_broken_tar),
		cmocka_unit_test(test_blob_over_the_limit),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_paths_that_are_no_text),
		cmocka_unit_test(test_room_of_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
