#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/base64.h"

struct example {
	const char *bytes;
	const char *standard;
	const char *url;
};

/* RFC 4648 section 10, and the two letters that differ between the alphabets. */
static const struct example EXAMPLES[] = {
	{"", "", ""},
	{"f", "Zg==", "Zg"},
	{"fo", "Zm8=", "Zm8"},
	{"foo", "Zm9v", "Zm9v"},
	{"foob", "Zm9vYg==", "Zm9vYg"},
	{"fooba", "Zm9vYmE=", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	{"\xfb\xff\xbe", "+/++", "-_--"},
	{"{}", "e30=", "e30"},
};

enum { EXAMPLE_COUNT = sizeof(EXAMPLES) / sizeof(EXAMPLES[0]) };

static void check_encode(enum base64_alphabet alphabet, const char *bytes, const char *expected)
{
	char text[BASE64_ENCODED_ROOM(16)];
	assert_int_equal(base64_encode(alphabet, bytes, strlen(bytes), text), strlen(expected));
	assert_string_equal(text, expected);
}

static void check_decode(enum base64_alphabet alphabet, const char *text, const char *expected)
{
	uint8_t bytes[BASE64_DECODED_ROOM(32)];
	size_t size = 99;
	assert_int_equal(base64_decode(alphabet, text, strlen(text), bytes, &size), 0);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(bytes, expected, size);
}

static void test_examples_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
		check_encode(BASE64_STANDARD, EXAMPLES[i].bytes, EXAMPLES[i].standard);
		check_encode(BASE64_URL, EXAMPLES[i].bytes, EXAMPLES[i].url);
		check_decode(BASE64_STANDARD, EXAMPLES[i].standard, EXAMPLES[i].bytes);
		check_decode(BASE64_URL, EXAMPLES[i].url, EXAMPLES[i].bytes);
	}
}

static void test_every_byte_comes_back(void **state)
{
	(void)state;
	uint8_t bytes[256];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		char text[BASE64_ENCODED_ROOM(sizeof(bytes))];
		uint8_t back[BASE64_DECODED_ROOM(BASE64_ENCODED_ROOM(sizeof(bytes)))];
		for (int alphabet = BASE64_STANDARD; alphabet <= BASE64_URL; alphabet++) {
			size_t back_size = 0;
			size_t text_size = base64_encode((enum base64_alphabet)alphabet, bytes, size, text);
			assert_int_equal(text_size, strlen(text));
			assert_int_equal(
				base64_decode((enum base64_alphabet)alphabet, text, text_size, back, &back_size),
				0);
			assert_int_equal(back_size, size);
			assert_memory_equal(back, bytes, size);
		}
	}
}

struct refused {
	enum base64_alphabet alphabet;
	const char *text;
};

static const struct refused REFUSED[] = {
	{BASE64_STANDARD, "Zg"},       /* padding missing */
	{BASE64_STANDARD, "Zg="},      /* half of it */
	{BASE64_STANDARD, "Z==="},     /* no byte has six bits */
	{BASE64_STANDARD, "===="},     /* padding alone */
	{BASE64_STANDARD, "=="},       /* the same, short */
	{BASE64_STANDARD, "Zg==Zg=="}, /* padding in the middle */
	{BASE64_STANDARD, "Zm9v="},    /* padding too much */
	{BASE64_STANDARD, "Zh=="},     /* bits left over: 'f' is Zg== */
	{BASE64_STANDARD, "Zm9="},     /* bits left over: 'fo' is Zm8= */
	{BASE64_STANDARD, "Zm9v\n"},   /* line end */
	{BASE64_STANDARD, "Zm 9v==="}, /* blank */
	{BASE64_STANDARD, "-_--"},     /* the other alphabet */
	{BASE64_STANDARD, "Zm9\xc3"},  /* not ASCII */
	{BASE64_URL, "Z"},             /* no byte has six bits */
	{BASE64_URL, "Zg=="},          /* padding, which JOSE leaves out */
	{BASE64_URL, "Zh"},            /* bits left over */
	{BASE64_URL, "+/++"},          /* the other alphabet */
};

static void test_refuses_all_but_one_text_for_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		uint8_t bytes[BASE64_DECODED_ROOM(16)];
		size_t size = 99;
		const char *text = REFUSED[i].text;
		assert_int_equal(base64_decode(REFUSED[i].alphabet, text, strlen(text), bytes, &size), -1);
		assert_int_equal(size, 99);
	}
}

static void test_refuses_a_nul_inside(void **state)
{
	(void)state;
	uint8_t bytes[BASE64_DECODED_ROOM(4)];
	size_t size = 99;
	assert_int_equal(base64_decode(BASE64_STANDARD, "Zm\0v", 4, bytes, &size), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_both_ways),
		cmocka_unit_test(test_every_byte_comes_back),
		cmocka_unit_test(test_refuses_all_but_one_text_for_the_same_bytes),
		cmocka_unit_test(test_refuses_a_nul_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
