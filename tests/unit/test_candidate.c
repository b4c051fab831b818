#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "layerproof/candidate.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* "reference" or "code: text", then the discovery, as one text. */
static char *describe(const struct candidate *candidate)
{
	CLEANUP(free_at) char *reference = NULL;
	CLEANUP(free_at) char *discovery = NULL;
	if (candidate->discovery != NULL)
		discovery = json_dumps(candidate->discovery, JSON_COMPACT);
	if (candidate->has_reference)
		reference = reference_format(&candidate->reference);
	else
		reference = memory_format("%s: %s", error_code_name(candidate->error.code),
								  candidate->error.text);
	return memory_format("%s%s%s", reference, discovery == NULL ? "" : " ",
						 discovery == NULL ? "" : discovery);
}

static void expect_bytes(const char *line, size_t size, const char *input, const char *expected)
{
	struct candidate candidate;
	candidate_parse(line, size, false, &candidate);
	CLEANUP(free_at) char *actual = describe(&candidate);
	assert_string_equal(actual, expected);
	assert_string_equal(candidate.input, input);
	candidate_clear(&candidate);
}

static void expect(const char *line, const char *expected)
{
	expect_bytes(line, strlen(line), line, expected);
}

/* ---- What is no candidate ---- */

static void test_blank_lines_and_comments(void **state)
{
	static const char *const skipped[] = {"", " ", "\t \r", "#", "# registry/app:1", "  \t# app"};
	static const char *const taken[] = {"a", " a", "{}", "a#b", "\xff", "\"#\""};
	(void)state;
	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
		assert_true(candidate_is_skipped(skipped[i], strlen(skipped[i])));
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		assert_false(candidate_is_skipped(taken[i], strlen(taken[i])));
	assert_false(candidate_is_skipped("\0", 1));
}

/* ---- Bare references ---- */

static void test_references(void **state)
{
	(void)state;
	expect("ubuntu", "docker.io/library/ubuntu:latest");
	expect("quay.example/team/app:1", "quay.example/team/app:1");
	expect("oci:images/public:exact-copy", "oci:images/public:exact-copy");
}

static void test_blanks_around_are_taken_off(void **state)
{
	(void)state;
	expect_bytes(" \tapp:1 \r", 9, "app:1", "docker.io/library/app:1");
}

static void test_lines_that_name_no_image(void **state)
{
	(void)state;
	expect("App", "bad_reference: repository: \"A\" at character 1 is not lower-case");
	expect("app tool", "bad_reference: character 4 is a blank");
	expect("[\"app\"]", "bad_reference: repository: \"[\" may not stand at character 1");
}

/* ---- JSON ---- */

static void test_objects(void **state)
{
	(void)state;
	expect("{\"ref\":\"app:1\"}", "docker.io/library/app:1");
	expect("{\"image\":\"app:2\"}", "docker.io/library/app:2");
	expect("{\"term\":\"acme\",\"ref\":\"app:1\",\"stars\":3,\"nested\":{\"z\":[null,true],\"a\":1."
		   "5}}",
		   "docker.io/library/app:1 {\"term\":\"acme\",\"stars\":3,\"nested\":{\"z\":[null,true],"
		   "\"a\":1.5}}");
}

/* `ref` is taken where both are there, and `image` comes back as it was. */
static void test_ref_before_image(void **state)
{
	(void)state;
	expect("{\"image\":\"app:2\",\"ref\":\"app:1\"}",
		   "docker.io/library/app:1 {\"image\":\"app:2\"}");
}

static void test_objects_that_name_no_image(void **state)
{
	(void)state;
	expect("{}", "bad_reference: candidate: neither \"ref\" nor \"image\" is there");
	expect("{\"name\":\"app\"}",
		   "bad_reference: candidate: neither \"ref\" nor \"image\" is there {\"name\":\"app\"}");
	expect("{\"ref\":7,\"from\":\"hub\"}",
		   "bad_reference: candidate: ref: not a string {\"from\":\"hub\"}");
	expect("{\"image\":null}", "bad_reference: candidate: neither \"ref\" nor \"image\" is there");
	expect("{\"ref\":7}", "bad_reference: candidate: ref: not a string");
	expect("{\"ref\":\"a b\",\"from\":\"hub\"}",
		   "bad_reference: character 2 is a blank {\"from\":\"hub\"}");
}

static void test_broken_objects(void **state)
{
	(void)state;
	expect("{\"ref\":\"app\"",
		   "bad_reference: candidate: line 1 column 12: '}' expected near end of file");
	expect("{\"ref\":\"app\",\"ref\":\"tool\"}",
		   "bad_reference: candidate: line 1 column 18: duplicate object key near '\"ref\"'");
	expect("{\"ref\":\"app\"} {}",
		   "bad_reference: candidate: line 1 column 15: end of file expected near '{'");
}

static void test_an_object_nested_too_deep(void **state)
{
	char line[1024] = "{\"ref\":\"app\",\"deep\":";
	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(line, "[");
	for (int i = 0; i < 200; i++)
		strcat(line, "]");
	strcat(line, "}");
	expect(line, "bad_reference: candidate: JSON nested deeper than 64");
}

/* ---- Bytes ---- */

static void test_a_nul_byte(void **state)
{
	(void)state;
	expect_bytes("app\0:1", 6, "app\xEF\xBF\xBD:1", "bad_reference: a NUL byte is in it");
}

static void test_what_is_not_utf8(void **state)
{
	(void)state;
	expect_bytes("app\xFF\xC3", 5, "app\xEF\xBF\xBD\xEF\xBF\xBD",
				 "bad_reference: character 4 is not ASCII");
	expect_bytes("{\"ref\":\"\xFF\"}", 11, "{\"ref\":\"\xEF\xBF\xBD\"}",
				 "bad_reference: candidate: line 1 column 8: unable to decode byte 0xff near '\"'");
}

static void test_control_characters(void **state)
{
	(void)state;
	expect("app\033[2J", "bad_reference: character 4 is a control character (0x1b)");
	expect("{\"ref\":\"app\\u001b[2J\"}",
		   "bad_reference: character 4 is a control character (0x1b)");
}

static void test_a_line_over_the_limit(void **state)
{
	struct candidate candidate;
	(void)state;
	candidate_parse("app:1", 5, true, &candidate);
	assert_string_equal(candidate.input, "app:1"); /* what of it was kept */
	assert_false(candidate.has_reference);
	assert_int_equal(candidate.error.code, ERROR_BAD_REFERENCE);
	assert_string_equal(candidate.error.text, "longer than 65536 bytes");
	candidate_clear(&candidate);
}

static void test_clearing_twice(void **state)
{
	struct candidate candidate;
	(void)state;
	candidate_parse("{\"ref\":\"app\"}", 13, false, &candidate);
	candidate_clear(&candidate);
	candidate_clear(&candidate);
	assert_null(candidate.input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blank_lines_and_comments),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_blanks_around_are_taken_off),
		cmocka_unit_test(test_lines_that_name_no_image),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_ref_before_image),
		cmocka_unit_test(test_objects_that_name_no_image),
		cmocka_unit_test(test_broken_objects),
		cmocka_unit_test(test_an_object_nested_too_deep),
		cmocka_unit_test(test_a_nul_byte),
		cmocka_unit_test(test_what_is_not_utf8),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_a_line_over_the_limit),
		cmocka_unit_test(test_clearing_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
