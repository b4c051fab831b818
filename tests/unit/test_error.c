#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/error.h"

static void test_sets_code_and_text(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_int_equal(err.code, ERROR_NONE);
	assert_string_equal(err.text, "");
	assert_int_equal(error_set(&err, ERROR_OVER_LIMIT, "more than %d %s", 3, "layers"), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "more than 3 layers");
}

static void test_adds_context_from_the_inside_out(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	error_set(&err, ERROR_MALFORMED, "not hexadecimal");
	assert_int_equal(error_add_context(&err, "line %d", 3), -1);
	assert_int_equal(error_add_context(&err, "%s", "export.csv"), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.text, "export.csv: line 3: not hexadecimal");
}

static void test_says_what_the_system_said(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	errno = ENOENT;
	assert_int_equal(error_set_errno(&err, "%s", "export.csv"), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "export.csv: No such file or directory");
}

/* A text of `size` bytes: 'a' but for its last bytes, which are `tail`. */
static void fill(char *text, size_t size, const char *tail)
{
	memset(text, 'a', size);
	memcpy(text + size - strlen(tail), tail, strlen(tail));
	text[size] = '\0';
}

struct cut {
	size_t given; /* bytes of the text, of which the last are `tail` */
	const char *tail;
	size_t kept;
};

/* There is room for 511 bytes. */
static const struct cut CUTS[] = {
	{510, "a", 510},
	{511, "a", 511},
	{512, "a", 511},
	{511, "\xC3\xA9", 511},         /* fits whole */
	{512, "\xC3\xA9", 510},         /* the second byte does not fit */
	{512, "\xE2\x82\xAC", 509},     /* the third */
	{513, "\xE2\x82\xAC", 510},     /* the second */
	{514, "\xE2\x82\xAC", 511},     /* none of it fits */
	{512, "\xF0\x9F\x98\x80", 508}, /* the fourth */
	{513, "\xF0\x9F\x98\x80", 509}, /* the third */
	{514, "\xF0\x9F\x98\x80", 510}, /* the second */
	{512,
	 "\xE2\x82\xAC" /* a whole character before the cut stays */
	 "b",
	 511},
	{512, "\x80\x80\x80\x80\x80\x80", 511}, /* no UTF-8: cut as it is */
};

static void test_cuts_a_long_text_at_a_whole_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(CUTS) / sizeof(CUTS[0]); i++) {
		char text[600];
		struct error err = ERROR_INIT;
		fill(text, CUTS[i].given, CUTS[i].tail);
		error_set(&err, ERROR_MALFORMED, "%s", text);
		assert_int_equal(strlen(err.text), CUTS[i].kept);
		assert_memory_equal(err.text, text, CUTS[i].kept);
	}
}

static void test_cuts_what_context_pushes_out(void **state)
{
	(void)state;
	char name[600];
	struct error err = ERROR_INIT;
	fill(name, 512, "\xC3\xA9");
	error_set(&err, ERROR_DENIED, "reason");
	error_add_context(&err, "%s", name);
	assert_int_equal(err.code, ERROR_DENIED);
	assert_int_equal(strlen(err.text), 510);
	fill(name, 505, "\xC3\xA9");
	error_set(&err, ERROR_DENIED, "reason");
	error_add_context(&err, "%s", name);
	assert_int_equal(strlen(err.text), 511);
	assert_string_equal(err.text + 505, ": reas");
}

static void test_names_every_code(void **state)
{
	static const char *const names[] = {
		"none",        "usage",    "system",       "malformed",   "bad_reference",
		"not_found",   "denied",   "rate_limited", "unreachable", "over_limit",
		"unsupported", "tampered", "interrupted",
	};
	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), ERROR_CODE_COUNT);
	for (int code = 0; code < ERROR_CODE_COUNT; code++)
		assert_string_equal(error_code_name((enum error_code)code), names[code]);
	assert_string_equal(error_code_name(ERROR_CODE_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets_code_and_text),
		cmocka_unit_test(test_adds_context_from_the_inside_out),
		cmocka_unit_test(test_says_what_the_system_said),
		cmocka_unit_test(test_cuts_a_long_text_at_a_whole_character),
		cmocka_unit_test(test_cuts_what_context_pushes_out),
		cmocka_unit_test(test_names_every_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
