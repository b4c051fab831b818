#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

/* RFC 3629 section 3, written out once more: the bytes of a code point. */
static size_t encode(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned firsts[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3F));
		point >>= 6;
	}
	out[0] = (char)(firsts[length] | point);
	return length;
}

static void test_decodes_every_character(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10FFFF; point++) {
		char text[4];
		size_t length = encode(point, text);
		uint32_t decoded = 0xFFFFFFFF;
		bool surrogate = point >= 0xD800 && point <= 0xDFFF;
		size_t taken = utf8_decode(text, length, &decoded);
		if (taken != (surrogate ? 0 : length) || decoded != (surrogate ? 0xFFFFFFFF : point))
			fail_msg("U+%04X: %zu bytes, U+%04X", (unsigned)point, taken, (unsigned)decoded);
		if (length > 1 && utf8_decode(text, length - 1, &decoded) != 0)
			fail_msg("U+%04X: taken without its last byte", (unsigned)point);
	}
}

/* Markus Kuhn's and RFC 3629's examples of what is no UTF-8. */
static const char *const ILLEGAL[] = {
	"\x80",             /* a continuation alone */
	"\xBF",             /* another */
	"\xC0\x80",         /* NUL in two bytes */
	"\xC0\xAF",         /* '/' in two */
	"\xC1\xBF",         /* DEL in two */
	"\xE0\x80\xAF",     /* '/' in three */
	"\xE0\x9F\xBF",     /* U+07FF in three */
	"\xF0\x80\x80\xAF", /* '/' in four */
	"\xF0\x8F\xBF\xBF", /* U+FFFF in four */
	"\xED\xA0\x80",     /* U+D800 */
	"\xED\xBF\xBF",     /* U+DFFF */
	"\xF4\x90\x80\x80", /* U+110000 */
	"\xF5\x80\x80\x80", /* more */
	"\xF8\x88\x80\x80\x80",
	"\xFC\x84\x80\x80\x80\x80",
	"\xFE",
	"\xFF",
	"\xC3(",
	"\xE2\x82(",
	"\xE2(\xAC",
	"\xF0\x9F\x98(",
};

static void test_refuses_what_is_no_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ILLEGAL) / sizeof(ILLEGAL[0]); i++) {
		uint32_t point = 7;
		assert_int_equal(utf8_decode(ILLEGAL[i], strlen(ILLEGAL[i]), &point), 0);
		assert_int_equal(point, 7);
	}
}

struct whole {
	const char *text;
	size_t size;
};

static const struct whole WHOLES[] = {
	{"", 0},
	{"a", 1},
	{"a\xC3\xA9", 3},
	{"a\xC3", 1},
	{"\xE2\x82\xAC", 3},
	{"\xE2\x82", 0},
	{"\xE2", 0},
	{"b\xF0\x9F\x98\x80", 5},
	{"b\xF0\x9F\x98", 1},
	{"b\xF0\x9F", 1},
	{"b\xF0", 1},
	{"\x80", 1}, /* no UTF-8, so nothing that is cut short */
	{"\xFF", 1},
	{"a\x80\x80\x80\x80\x80", 6},
	{"\xC3\xA9\x80", 3},
};

static void test_leaves_out_a_character_cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(WHOLES) / sizeof(WHOLES[0]); i++)
		assert_int_equal(utf8_whole_size(WHOLES[i].text, strlen(WHOLES[i].text)), WHOLES[i].size);
}

struct room {
	const char *text;
	size_t room;
	const char *out;
};

static const struct room ROOMS[] = {
	{"abc", 3, "abc"},           {"abc", 2, "ab"},    {"abc", 0, ""},
	{"a\n", 5, "a\\x0a"},        {"a\n", 4, "a"}, /* an escape is whole or not there */
	{"\xC3\xA9", 2, "\xC3\xA9"}, {"\xC3\xA9", 1, ""}, {"\xE2\x80\xAE", 12, "\\xe2\\x80\\xae"},
	{"\xE2\x80\xAE", 11, ""},
};

static void test_writes_what_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROOMS) / sizeof(ROOMS[0]); i++) {
		char out[16];
		memset(out, '~', sizeof(out));
		size_t used = utf8_write_printable(ROOMS[i].text, strlen(ROOMS[i].text), out,
										   ROOMS[i].room);
		assert_int_equal(used, strlen(ROOMS[i].out));
		assert_memory_equal(out, ROOMS[i].out, used);
		assert_int_equal(out[used], '~');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decodes_every_character),
		cmocka_unit_test(test_refuses_what_is_no_utf8),
		cmocka_unit_test(test_leaves_out_a_character_cut_short),
		cmocka_unit_test(test_writes_what_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
