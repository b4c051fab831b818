#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/json_writer.h"

static void test_parts_what_stands_side_by_side(void **state)
{
	(void)state;
	struct buffer out = BUFFER_INIT(1000);
	struct error err = ERROR_INIT;
	struct json_writer writer = {.out = &out, .err = &err};
	struct digest digest;
	struct digest unset = {.algorithm = DIGEST_NONE};
	digest_of(DIGEST_SHA256, "", 0, &digest);
	json_writer_begin_object(&writer, NULL);
	json_writer_begin_array(&writer, "none");
	json_writer_end_array(&writer);
	json_writer_begin_array(&writer, "list");
	json_writer_text(&writer, NULL, "a");
	json_writer_text(&writer, NULL, NULL);
	json_writer_begin_object(&writer, NULL);
	json_writer_end_object(&writer);
	json_writer_begin_object(&writer, NULL);
	json_writer_number(&writer, "least", INT64_MIN);
	json_writer_number(&writer, "most", INT64_MAX);
	json_writer_end_object(&writer);
	json_writer_end_array(&writer);
	json_writer_text(&writer, "absent", NULL);
	json_writer_digest(&writer, "absent", NULL);
	json_writer_digest(&writer, "absent", &unset);
	json_writer_value(&writer, "absent", NULL);
	json_writer_digest(&writer, "digest", &digest);
	json_writer_bool(&writer, "yes", true);
	json_writer_bool(&writer, "no", false);
	json_writer_end_object(&writer);
	assert_int_equal(json_writer_end_line(&writer), 0);
	assert_string_equal(out.bytes,
						"{\"none\":[],\"list\":[\"a\",{},{\"least\":-9223372036854775808,"
						"\"most\":9223372036854775807}],\"digest\":\"sha256:"
						"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
						"\"yes\":true,\"no\":false}\n");
	buffer_clear(&out);
}

static void test_a_value_stands_as_it_is(void **state)
{
	(void)state;
	struct buffer out = BUFFER_INIT(1000);
	struct error err = ERROR_INIT;
	struct json_writer writer = {.out = &out, .err = &err};
	json_t *value = json_pack("{s:[i,s],s:n,s:f}", "a", 1, "\xC3\xA9", "b", "c", 1.5);
	json_writer_begin_array(&writer, NULL);
	json_writer_value(&writer, NULL, value);
	json_writer_value(&writer, NULL, value);
	json_writer_end_array(&writer);
	assert_int_equal(json_writer_end_line(&writer), 0);
	assert_string_equal(out.bytes, "[{\"a\":[1,\"\\u00E9\"],\"b\":null,\"c\":1.5},"
								   "{\"a\":[1,\"\\u00E9\"],\"b\":null,\"c\":1.5}]\n");
	json_decref(value);
	buffer_clear(&out);
}

struct text {
	const char *given;
	const char *written;
	const char *printable;
};

static const struct text TEXTS[] = {
	{"", "\"\"", "\"\""},
	{"a/b \x7f", "\"a/b \x7f\"", "\"a/b \\\\x7f\""},
	{"\"\\", "\"\\\"\\\\\"", "\"\\\"\\\\\""},
	{"\n\t\x1b", "\"\\n\\t\\u001B\"", "\"\\\\x0a\\\\x09\\\\x1b\""},
	{"\xC3\xA9\xF0\x9F\x98\x80", "\"\\u00E9\\uD83D\\uDE00\"", "\"\\u00E9\\uD83D\\uDE00\""},
	{"a\xFF", "\"a\\uFFFD\"", "\"a\\\\xff\""},
	{"\xE2\x80\xAE", "\"\\u202E\"", "\"\\\\xe2\\\\x80\\\\xae\""},
};

static void test_escapes_what_is_not_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		struct buffer out = BUFFER_INIT(1000);
		struct buffer expected = BUFFER_INIT(1000);
		struct error err = ERROR_INIT;
		struct json_writer writer = {.out = &out, .err = &err};
		json_writer_begin_array(&writer, NULL);
		json_writer_text(&writer, NULL, TEXTS[i].given);
		json_writer_printable(&writer, NULL, TEXTS[i].given);
		json_writer_end_array(&writer);
		assert_int_equal(json_writer_end_line(&writer), 0);
		buffer_add_format(&expected, &err, "[%s,%s]\n", TEXTS[i].written, TEXTS[i].printable);
		assert_string_equal(out.bytes, expected.bytes);
		buffer_clear(&expected);
		buffer_clear(&out);
	}
}

/* Whatever the piece that no longer fits, the failure is told, and nothing comes behind it. */
static void test_a_full_buffer_fails_the_line(void **state)
{
	(void)state;
	static const char LINE[] = "{\"a\":\"text\",\"b\":[true],\"c\":\"\\u00E9\"}\n";
	for (size_t room = 0; room < sizeof(LINE); room++) {
		struct buffer out = BUFFER_INIT(room);
		struct error err = ERROR_INIT;
		struct json_writer writer = {.out = &out, .err = &err};
		json_writer_begin_object(&writer, NULL);
		json_writer_text(&writer, "a", "text");
		json_writer_begin_array(&writer, "b");
		json_writer_bool(&writer, NULL, true);
		json_writer_end_array(&writer);
		json_writer_text(&writer, "c", "\xC3\xA9");
		json_writer_end_object(&writer);
		bool fits = room == sizeof(LINE) - 1;
		assert_int_equal(json_writer_end_line(&writer), fits ? 0 : -1);
		assert_int_equal(err.code, fits ? ERROR_NONE : ERROR_OVER_LIMIT);
		assert_memory_equal(out.bytes == NULL ? "" : out.bytes, LINE, out.size);
		buffer_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_what_stands_side_by_side),
		cmocka_unit_test(test_a_value_stands_as_it_is),
		cmocka_unit_test(test_escapes_what_is_not_plain),
		cmocka_unit_test(test_a_full_buffer_fails_the_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
