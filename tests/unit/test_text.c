#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

static void test_compares_starts_and_ends(void **state)
{
	(void)state;
	assert_true(text_starts_with("sha256:00", "sha256:"));
	assert_true(text_starts_with("sha256:", ""));
	assert_false(text_starts_with("sha", "sha256:"));
	assert_false(text_starts_with("SHA256:", "sha256:"));
	assert_true(text_ends_with("layer.tar", ".tar"));
	assert_true(text_ends_with(".tar", ".tar"));
	assert_true(text_ends_with("", ""));
	assert_false(text_ends_with("tar", ".tar"));
	assert_false(text_ends_with("layer.tar.gz", ".tar"));
}

static void check_trim(const char *text, size_t size, const char *expected)
{
	text_trim(&text, &size);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(text, expected, size);
}

static void test_trims_outer_blanks(void **state)
{
	(void)state;
	check_trim("", 0, "");
	check_trim("a", 1, "a");
	check_trim(" \t\n\v\f\r", 6, "");
	check_trim(" \r\n\ta\n b\t\r\n", 11, "a\n b");
	check_trim(" a  ", 2, "a");                            /* never looks behind the span */
	check_trim("\x08\x0e\xC2\xA0", 4, "\x08\x0e\xC2\xA0"); /* no other */
}

static void test_compares_without_case(void **state)
{
	(void)state;
	assert_true(text_equal_fold("Bearer", "bEARER"));
	assert_true(text_equal_fold("", ""));
	assert_false(text_equal_fold("Bearer", "Bearer "));
	assert_false(text_equal_fold("\xC3\x89", "\xC3\xA9")); /* ASCII alone */
}

struct example {
	const char *text;
	const char *expected;
};

static const struct example PRINTABLE[] = {
	{"", ""},
	{"plain text", "plain text"},
	{"na\xC3\xAFve \xE6\x97\xA5 \xF0\x9F\x98\x80", "na\xC3\xAFve \xE6\x97\xA5 \xF0\x9F\x98\x80"},
	{"\x1b[31mred", "\\x1b[31mred"},
	{"a\r\nb\tc", "a\\x0d\\x0ab\\x09c"},
	{"\x01\x1f\x20\x7e\x7f", "\\x01\\x1f ~\\x7f"},
	{"\xC2\x80 \xC2\x9B \xC2\x9F \xC2\xA0", "\\xc2\\x80 \\xc2\\x9b \\xc2\\x9f \xC2\xA0"}, /* C1 */
	{"\x9B"
	 "31m",
	 "\\x9b31m"}, /* CSI in one byte */
	{"a\xE2\x80\xAE"
	 "b\xE2\x80\xAC",
	 "a\\xe2\\x80\\xaeb\\xe2\\x80\\xac"},                           /* RLO, PDF */
	{"\xE2\x80\x8E\xE2\x80\x8F", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f"}, /* LRM, RLM */
	{"\xE2\x81\xA6\xE2\x81\xA9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"}, /* LRI, PDI */
	{"\xD8\x9C", "\\xd8\\x9c"},                                     /* ALM */
	{"\xE2\x80\xA8\xE2\x80\xA9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"}, /* line, paragraph */
	{"\xEF\xBB\xBFx", "\\xef\\xbb\\xbfx"},                          /* byte order mark */
	{"\xC0\xAF", "\\xc0\\xaf"},                                     /* overlong */
	{"\xED\xA0\x80", "\\xed\\xa0\\x80"},                            /* a surrogate */
	{"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},                   /* above U+10FFFF */
	{"\xE2\x82", "\\xe2\\x82"},                                     /* cut short */
	{"\xE2\x82z", "\\xe2\\x82z"},
	{"\xFF\xFE", "\\xff\\xfe"},
};

static void test_shows_nothing_that_steers_a_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(PRINTABLE) / sizeof(PRINTABLE[0]); i++) {
		CLEANUP(free_at) char *shown = text_printable(PRINTABLE[i].text);
		assert_string_equal(shown, PRINTABLE[i].expected);
	}
}

#define REPLACED "\xEF\xBF\xBD"

static const struct example VALID[] = {
	{"", ""},
	{"\x1b\xC2\x9B\xE2\x80\xAE", "\x1b\xC2\x9B\xE2\x80\xAE"}, /* valid, so kept */
	{"na\xC3\xAFve", "na\xC3\xAFve"},
	{"a\xFFz", "a" REPLACED "z"},
	{"\xC0\xAF", REPLACED REPLACED},
	{"\xED\xA0\x80", REPLACED REPLACED REPLACED},
	{"\xE2\x82", REPLACED REPLACED},
	{"\xEF\xBF\xBF", "\xEF\xBF\xBF"}, /* U+FFFF is no character, but UTF-8 */
};

static void test_makes_valid_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(VALID) / sizeof(VALID[0]); i++) {
		CLEANUP(free_at) char *valid = text_utf8(VALID[i].text, strlen(VALID[i].text));
		assert_string_equal(valid, VALID[i].expected);
	}
	CLEANUP(free_at) char *with_nul = text_utf8("a\0b\0", 4);
	assert_string_equal(with_nul, "a" REPLACED "b" REPLACED);
	CLEANUP(free_at) char *cut = text_utf8("\xC3\xA9", 1);
	assert_string_equal(cut, REPLACED);
}

struct width {
	const char *text;
	size_t columns;
};

static const struct width WIDTHS[] = {
	{"", 0},
	{"layer", 5},
	{"na\xC3\xAFve", 5},
	{"\xE6\x97\xA5\xE6\x9C\xAC", 4}, /* wide */
	{"e\xCC\x81", 1},                /* an accent of its own takes no column */
	{"\xF0\x9F\x98\x80", 2},
	{"\x1b", 1}, /* no width is known: one */
	{"\xFF\xFE", 2},
};

static void test_counts_columns(void **state)
{
	(void)state;
	text_use_utf8();
	for (size_t i = 0; i < sizeof(WIDTHS) / sizeof(WIDTHS[0]); i++)
		assert_int_equal(text_width(WIDTHS[i].text), WIDTHS[i].columns);
}

struct size {
	long long bytes;
	const char *text;
};

static const struct size SIZES[] = {
	{0, "0 B"},
	{1, "1 B"},
	{1023, "1023 B"},
	{1024, "1.0 KiB"},
	{1536, "1.5 KiB"},
	{1048524, "1023.9 KiB"},
	{1048525, "1.0 MiB"}, /* 1023.95 KiB */
	{1048575, "1.0 MiB"},
	{1048576, "1.0 MiB"},
	{17179869184, "16.0 GiB"},
	{1099511627776, "1.0 TiB"},
	{1125899906842624, "1024.0 TiB"}, /* there is no larger unit */
	{-5, "-5 B"},
};

struct cut {
	const char *text;
	size_t columns;
	const char *rest;
};

static const struct cut CUTS[] = {
	{"", 0, ""},
	{"abc", 0, ""},
	{"abc", 2, "ab"},
	{"abc", 3, "abc"},
	{"abc", 9, "abc"},
	{"\xc3\xbc\xc3\xbc", 1, "\xc3\xbc"},
	{"\xe6\xbc\xa2\xe5\xad\x97", 3, "\xe6\xbc\xa2"}, /* each takes two columns */
	{"\xe6\xbc\xa2", 1, ""},
	{"e\xcc\x81x", 1, "e\xcc\x81"}, /* an accent takes none */
};

static void test_cuts_behind_a_whole_character(void **state)
{
	(void)state;
	text_use_utf8();
	for (size_t i = 0; i < sizeof(CUTS) / sizeof(CUTS[0]); i++) {
		char text[32];
		snprintf(text, sizeof(text), "%s", CUTS[i].text);
		text_cut(text, CUTS[i].columns);
		assert_string_equal(text, CUTS[i].rest);
	}
}

static void test_formats_sizes_for_people(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		char text[32];
		assert_ptr_equal(text_format_size(SIZES[i].bytes, text, sizeof(text)), text);
		assert_string_equal(text, SIZES[i].text);
	}
	char small[4];
	assert_string_equal(text_format_size(1536, small, sizeof(small)), "1.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compares_starts_and_ends),
		cmocka_unit_test(test_trims_outer_blanks),
		cmocka_unit_test(test_compares_without_case),
		cmocka_unit_test(test_shows_nothing_that_steers_a_terminal),
		cmocka_unit_test(test_makes_valid_utf8),
		cmocka_unit_test(test_counts_columns),
		cmocka_unit_test(test_cuts_behind_a_whole_character),
		cmocka_unit_test(test_formats_sizes_for_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
