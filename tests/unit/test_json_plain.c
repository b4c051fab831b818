#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_plain.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

static json_t *read_by_jansson(const char *text, size_t size)
{
	return json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

/* What programs write. */
static const char *const TAKEN[] = {
	"{}",
	"[]",
	" \t\r\n[ \n] ",
	"null",
	"true",
	"[false,true,null]",
	"[0,-0,7,-7,999999999999999999,-999999999999999999]",
	"\"\"",
	"\"text\"",
	"\" \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0026 \\u003c\\u003E\\u007f\\u0001 \"",
	"[\"\\n\",\"plain\",\"\\\\\"]",
	"\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
	"{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"\":\"\\u0026\"}]}",
	"{ \"a\" : [ 1 , 2 ] , \"\xC3\xA9\" : { } }",
};

static void test_reads_what_jansson_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++) {
		size_t size = strlen(TAKEN[i]);
		json_t *plain = json_plain_read(TAKEN[i], size);
		json_t *expected = read_by_jansson(TAKEN[i], size);
		assert_non_null(plain);
		assert_true(json_equal(plain, expected));
		json_decref(plain);
		json_decref(expected);
	}
}

/* Right JSON that is left to jansson. */
static const char *const LEFT[] = {
	"1.5",
	"1e3",
	"9223372036854775807",
	"1000000000000000000",
	"{\"\\u0061\":1}",
	"\"\\ud83d\\ude00\"",
	"\"\\u00e9\"",
	"\"a\\u0000b\"",
	"\"\\u0080\"",
};

static void test_leaves_the_rest_to_jansson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(LEFT) / sizeof(LEFT[0]); i++) {
		size_t size = strlen(LEFT[i]);
		json_t *expected = read_by_jansson(LEFT[i], size);
		assert_non_null(expected);
		assert_null(json_plain_read(LEFT[i], size));
		json_decref(expected);
	}
}

static const char *const REFUSED[] = {
	"",
	" ",
	"{",
	"[",
	"[1",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,}",
	"{\"a\":1 \"b\":2}",
	"{\"a\" 1}",
	"{a:1}",
	"{1:1}",
	"{,}",
	"[,]",
	"[1,]",
	"[1 2]",
	"[1}",
	"{\"a\":1]",
	"]",
	"{}{}",
	"[] x",
	"{\"a\":1,\"a\":2}",
	"{\"a\":{\"b\":1},\"a\":{\"b\":1}}",
	"{\"a\":[],\"a\":[]}",
	"01",
	"-01",
	"-",
	"+1",
	"--1",
	"1-",
	".5",
	"tru",
	"truE",
	"truex",
	"nul",
	"falsey",
	"\"",
	"\"a",
	"\"\\",
	"\"\\\"",
	"\"\\u",
	"\"\\u002",
	"\"\\u00",
	"\"\\u0026",
	"\"\\u00g6\"",
	"\"\\x\"",
	"\"a\nb\"",
	"\"\x1b\"",
	"\"\\n\x01\"",
	"\"\xFF\"",
	"\"\xC3",
	"\"\xC3\"",
	"\"\xC0\xAF\"",
	"\"\xED\xA0\x80\"",
	"\xEF\xBB\xBF{}",
	"'a'",
	"NaN",
	"[1] // why",
};

static void test_takes_nothing_that_jansson_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		size_t size = strlen(REFUSED[i]);
		assert_null(read_by_jansson(REFUSED[i], size));
		assert_null(json_plain_read(REFUSED[i], size));
	}
	assert_null(json_plain_read("{}\0", 3));
	assert_null(json_plain_read("\"a\0b\"", 5));
	assert_null(json_plain_read("\"\\\0\"", 4));
}

/* Every beginning of a document that uses all of the grammar; the bytes behind it are not there. */
static void test_reads_no_further_than_told(void **state)
{
	(void)state;
	static const char TEXT[] =
		"{\"a\":[true,false,null,-12,\"x\\u0026\\n\xC3\xA9\"],\"b\":{\"c\":[]}}";
	size_t whole = strlen(TEXT);
	for (size_t size = 0; size < whole; size++) {
		CLEANUP(free_at) char *part = memory_alloc(size, 1);
		memcpy(part, TEXT, size);
		assert_null(json_plain_read(part, size));
	}
	json_t *value = json_plain_read(TEXT, whole);
	assert_non_null(value);
	json_decref(value);
}

static char *nest(size_t depth)
{
	char *text = memory_alloc(2 * depth + 1, 1);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return text;
}

static void test_bounds_the_nesting(void **state)
{
	(void)state;
	CLEANUP(free_at) char *most = nest(LIMIT_JSON_DEPTH);
	CLEANUP(free_at) char *more = nest(LIMIT_JSON_DEPTH + 1);
	json_t *value = json_plain_read(most, strlen(most));
	assert_non_null(value);
	json_decref(value);
	assert_null(json_plain_read(more, strlen(more)));
}

/* "[0,0]": a value for the bracket and one for each comma. */
static json_t *read_list(size_t count)
{
	CLEANUP(free_at) char *text = memory_alloc(2 * count + 1, 1);
	for (size_t i = 0; i < count; i++)
		memcpy(text + 2 * i, ",0", 2);
	text[0] = '[';
	text[2 * count] = ']';
	return json_plain_read(text, 2 * count + 1);
}

static void test_bounds_the_number_of_values(void **state)
{
	(void)state;
	json_t *value = read_list(LIMIT_JSON_VALUES);
	assert_int_equal(json_array_size(value), LIMIT_JSON_VALUES);
	json_decref(value);
	assert_null(read_list(LIMIT_JSON_VALUES + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_jansson_reads),
		cmocka_unit_test(test_leaves_the_rest_to_jansson),
		cmocka_unit_test(test_takes_nothing_that_jansson_refuses),
		cmocka_unit_test(test_reads_no_further_than_told),
		cmocka_unit_test(test_bounds_the_nesting),
		cmocka_unit_test(test_bounds_the_number_of_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
