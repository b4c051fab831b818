#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"

static json_t *parse(const char *text)
{
	struct error err = ERROR_INIT;
	json_t *value = node_parse(text, strlen(text), "manifest", &err);
	assert_string_equal(err.text, "");
	assert_non_null(value);
	return value;
}

static void assert_error(const struct error *err, enum error_code code, const char *text)
{
	assert_string_equal(err->text, text);
	assert_int_equal(err->code, code);
}

/* ---- node_parse() ---- */

static const char *const TAKEN[] = {
	"{}",
	" [ ] \n",
	"null",
	"true",
	"7",
	"\"text\"",
	"{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
	"[9223372036854775807,-9223372036854775808,1.5e300]",
	"\"\\ud83d\\ude00 \\u00e9 \xF0\x9F\x98\x80\"",
	"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
};

static void test_takes_documents_of_any_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++)
		json_decref(parse(TAKEN[i]));
}

struct refused {
	const char *text;
	const char *why;
};

static const struct refused REFUSED[] = {
	{"", "manifest: line 1 column 0: unexpected token near end of file"},
	{" ", "manifest: line 1 column 1: unexpected token near end of file"},
	{"{", "manifest: line 1 column 1: string or '}' expected near end of file"},
	{"{}{}", "manifest: line 1 column 3: end of file expected near '{'"},
	{"{\"a\":1,\"a\":2}", "manifest: line 1 column 10: duplicate object key near '\"a\"'"},
	{"{\"a\":1,\"\\u0061\":2}",
	 "manifest: line 1 column 15: duplicate object key near '\"\\u0061\"'"},
	{"[\n{\"a\":{\"b\":1,\"b\":1}}]",
	 "manifest: line 2 column 15: duplicate object key near '\"b\"'"},
	{"{\"a\\u0000b\":1}",
	 "manifest: line 1 column 11: NUL byte in object key not supported near '\"a\\u0000b\"'"},
	{"[9223372036854775808]",
	 "manifest: line 1 column 20: too big integer near '9223372036854775808'"},
	{"[-9223372036854775809]",
	 "manifest: line 1 column 21: too big negative integer near '-9223372036854775809'"},
	{"[1e999]", "manifest: line 1 column 6: real number overflow near '1e999'"},
	{"[01]", "manifest: line 1 column 2: invalid token near '0'"},
	{"\"\xFF\"", "manifest: line 1 column 1: unable to decode byte 0xff near '\"'"},
	{"\"\xC0\xAF\"", "manifest: line 1 column 1: unable to decode byte 0xc0 near '\"'"},
	{"\"\xED\xA0\x80\"", "manifest: line 1 column 1: unable to decode byte 0xed near '\"'"},
	{"\"\\ud800\"", "manifest: line 1 column 8: invalid Unicode '\\uD800' near '\"\\ud800\"'"},
	{"\"\\udc00\"", "manifest: line 1 column 8: invalid Unicode '\\uDC00' near '\"\\udc00\"'"},
	{"\"a\nb\"", "manifest: line 1 column 2: unexpected newline near '\"a'"},
	{"\"\x1b\"", "manifest: line 1 column 1: control character 0x1b near '\"'"},
	{"\xEF\xBB\xBF{}", "manifest: line 1 column 1: invalid token near '\xEF\xBB\xBF'"},
	{"\"a\\\xC3\xA9\"",
	 "manifest: line 1 column 4: invalid escape near '\"a\\\xEF\xBF\xBD'"}, /* cut within it */
	{"[1,]", "manifest: line 1 column 4: unexpected token near ']'"},
	{"['a']", "manifest: line 1 column 2: invalid token near '''"},
	{"[NaN]", "manifest: line 1 column 4: invalid token near 'NaN'"},
	{"[1] // why", "manifest: line 1 column 5: end of file expected near '/'"},
};

static void test_refuses_what_is_no_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		assert_null(node_parse(REFUSED[i].text, strlen(REFUSED[i].text), "manifest", &err));
		assert_error(&err, ERROR_MALFORMED, REFUSED[i].why);
	}
}

/* One text with a NUL must not take the document out of sight, only itself. */
static void test_refuses_a_nul_where_it_is_read(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	const char *text = NULL;
	json_t *value = parse("{\"label\":\"a\\u0000b\",\"other\":\"c\"}");
	struct node root = node_root(value, "manifest");
	assert_int_equal(node_member_text(&root, "other", NODE_REQUIRED, &text, &err), 0);
	assert_string_equal(text, "c");
	assert_int_equal(node_member_text(&root, "label", NODE_REQUIRED, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: label: a NUL is in it");
	json_decref(value);
}

static void test_bounds_the_number_of_values(void **state)
{
	(void)state;
	size_t size = 2 * (LIMIT_JSON_VALUES + 1) + 2;
	char *text = memory_alloc(size + 1, 1);
	struct error err = ERROR_INIT;
	text[0] = '[';
	for (size_t i = 0; i <= LIMIT_JSON_VALUES; i++) {
		text[2 * i + 1] = i == 0 ? ' ' : ',';
		text[2 * i + 2] = '1';
	}
	text[size - 1] = ']';
	assert_null(node_parse(text, size, "manifest", &err));
	assert_error(&err, ERROR_OVER_LIMIT, "manifest: JSON of more than 500000 values");
	free(text);
}

static void test_refuses_no_bytes_and_nul_bytes(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_null(node_parse(NULL, 0, "answer", &err));
	assert_error(&err, ERROR_MALFORMED,
				 "answer: line 1 column 0: unexpected token near end of file");
	assert_null(node_parse("{}\0", 3, "answer", &err));
	assert_error(&err, ERROR_MALFORMED,
				 "answer: line 1 column 3: end of file expected near end of file");
	assert_null(node_parse("\"a\0b\"", 5, "answer", &err));
	assert_error(&err, ERROR_MALFORMED,
				 "answer: line 1 column 2: control character 0x0 near '\"a'");
}

/* `depth` brackets, closed again. */
static char *nest(size_t depth, const char *open, const char *inner, const char *close)
{
	size_t room = depth * (strlen(open) + strlen(close)) + strlen(inner) + 1;
	char *text = memory_alloc(room, 1);
	char *end = text;
	for (size_t i = 0; i < depth; i++)
		end = stpcpy(end, open);
	end = stpcpy(end, inner);
	for (size_t i = 0; i < depth; i++)
		end = stpcpy(end, close);
	return text;
}

struct nesting {
	const char *open;
	const char *inner;
	const char *close;
};

/* Brackets in texts, behind escaped quotes and backslashes, do not nest. */
static const struct nesting NESTINGS[] = {
	{"[", "", "]"},
	{"[", "\"[{[{\"", "]"},
	{"[", "\"\\\"[{[{\"", "]"},
	{"[", "\"\\\\\",\"[[[[\\\\\"", "]"},
	{"{\"[\":", "0", "}"},
	{"[\"]]]\",", "0", "]"},
};

static void test_bounds_the_nesting(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(NESTINGS) / sizeof(NESTINGS[0]); i++) {
		const struct nesting *nesting = &NESTINGS[i];
		struct error err = ERROR_INIT;
		CLEANUP(free_at) char *most = nest(64, nesting->open, nesting->inner, nesting->close);
		CLEANUP(free_at) char *more = nest(65, nesting->open, nesting->inner, nesting->close);
		json_decref(parse(most));
		assert_null(node_parse(more, strlen(more), "manifest", &err));
		assert_error(&err, ERROR_OVER_LIMIT, "manifest: JSON nested deeper than 64");
	}
	/* The closed ones do not count, nor does a bracket without its partner. */
	CLEANUP(free_at) char *flat = nest(64, "[", "[],[],{}", "]");
	struct error err = ERROR_INIT;
	assert_null(node_parse(flat, strlen(flat), "manifest", &err));
	json_decref(parse("[[],[],{},[[]]]"));
	assert_null(node_parse("]]]]", 4, "manifest", &err));
	assert_error(&err, ERROR_MALFORMED, "manifest: line 1 column 1: unexpected token near ']'");
}

/* ---- Members ---- */

static void test_members_by_kind(void **state)
{
	(void)state;
	json_t *value = parse(
		"{\"o\":{},\"a\":[1],\"t\":\"text\",\"b\":true,\"n\":9223372036854775807}");
	struct node root = node_root(value, "manifest");
	struct error err = ERROR_INIT;
	struct node member;
	const char *text;
	bool flag;
	int64_t size = 7;
	assert_int_equal(node_expect_object(&root, &err), 0);
	assert_int_equal(node_member_object(&root, "o", NODE_REQUIRED, &member, &err), 0);
	assert_true(node_is_set(&member));
	assert_int_equal(node_member_array(&root, "a", NODE_REQUIRED, &member, &err), 0);
	assert_int_equal(node_count(&member), 1);
	assert_int_equal(node_member_text(&root, "t", NODE_REQUIRED, &text, &err), 0);
	assert_string_equal(text, "text");
	assert_int_equal(node_member_bool(&root, "b", false, &flag, &err), 0);
	assert_true(flag);
	assert_int_equal(node_member_size(&root, "n", NODE_REQUIRED, &size, &err), 0);
	assert_true(size == INT64_MAX);
	assert_int_equal(err.code, ERROR_NONE);
	json_decref(value);
}

/* Of {"x": null} as of {}. */
static void check_absent(const char *document)
{
	json_t *value = parse(document);
	struct node root = node_root(value, "manifest");
	struct error err = ERROR_INIT;
	struct node member;
	const char *text = "before";
	bool flag = false;
	int64_t size = 7;
	assert_int_equal(node_member(&root, "x", NODE_OPTIONAL, &member, &err), 0);
	assert_false(node_is_set(&member));
	assert_int_equal(node_member_object(&root, "x", NODE_OPTIONAL, &member, &err), 0);
	assert_false(node_is_set(&member));
	assert_int_equal(node_member_array(&root, "x", NODE_OPTIONAL, &member, &err), 0);
	assert_false(node_is_set(&member));
	assert_int_equal(node_count(&member), 0);
	assert_int_equal(node_member_text(&root, "x", NODE_OPTIONAL, &text, &err), 0);
	assert_null(text);
	assert_int_equal(node_member_bool(&root, "x", true, &flag, &err), 0);
	assert_true(flag);
	assert_int_equal(node_member_size(&root, "x", NODE_OPTIONAL, &size, &err), 0);
	assert_int_equal(size, 7);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(node_member(&root, "x", NODE_REQUIRED, &member, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: is missing");
	assert_int_equal(node_member_text(&root, "x", NODE_REQUIRED, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: is missing");
	assert_int_equal(node_member_size(&root, "x", NODE_REQUIRED, &size, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: is missing");
	json_decref(value);
}

static void test_null_counts_as_absent(void **state)
{
	(void)state;
	check_absent("{}");
	check_absent("{\"x\":null}");
	check_absent("[]"); /* no object has no members */
	check_absent("null");
}

static const struct refused NO_SIZE[] = {
	{"{\"size\":-1}", "manifest: size: not a whole number of 0 or more"},
	{"{\"size\":1.0}", "manifest: size: not a whole number of 0 or more"},
	{"{\"size\":1e3}", "manifest: size: not a whole number of 0 or more"},
	{"{\"size\":\"1\"}", "manifest: size: not a whole number of 0 or more"},
	{"{\"size\":[]}", "manifest: size: not a whole number of 0 or more"},
	{"{\"size\":true}", "manifest: size: not a whole number of 0 or more"},
};

static void test_sizes_are_whole_and_not_negative(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(NO_SIZE) / sizeof(NO_SIZE[0]); i++) {
		json_t *value = parse(NO_SIZE[i].text);
		struct node root = node_root(value, "manifest");
		struct error err = ERROR_INIT;
		int64_t size = 7;
		assert_int_equal(node_member_size(&root, "size", NODE_OPTIONAL, &size, &err), -1);
		assert_error(&err, ERROR_MALFORMED, NO_SIZE[i].why);
		assert_int_equal(size, 7);
		json_decref(value);
	}
}

static void test_other_kinds_are_refused(void **state)
{
	(void)state;
	json_t *value = parse("{\"x\":1}");
	struct node root = node_root(value, "manifest");
	struct node member;
	struct error err = ERROR_INIT;
	const char *text;
	bool flag;
	assert_int_equal(node_member_object(&root, "x", NODE_OPTIONAL, &member, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: not an object");
	assert_int_equal(node_member_array(&root, "x", NODE_OPTIONAL, &member, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: not an array");
	assert_int_equal(node_member_text(&root, "x", NODE_OPTIONAL, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: not a string");
	assert_int_equal(node_member_bool(&root, "x", true, &flag, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: x: not true or false");
	json_decref(value);
	json_t *list = parse("[]");
	struct node array = node_root(list, "config");
	assert_int_equal(node_expect_object(&array, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "config: not an object");
	json_decref(list);
}

/* ---- Places ---- */

static void test_errors_name_the_place(void **state)
{
	(void)state;
	json_t *value = parse("{\"layers\":[{},{},{\"digest\":7,\"urls\":[[\"a\",8]]}]}");
	struct node root = node_root(value, "manifest");
	struct error err = ERROR_INIT;
	struct node layers;
	struct node urls;
	const char *text;
	assert_int_equal(node_member_array(&root, "layers", NODE_REQUIRED, &layers, &err), 0);
	assert_int_equal(node_count(&layers), 3);
	struct node layer = node_element(&layers, 2);
	assert_int_equal(node_member_text(&layer, "digest", NODE_REQUIRED, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: layers[2].digest: not a string");
	assert_int_equal(node_member_array(&layer, "urls", NODE_REQUIRED, &urls, &err), 0);
	struct node inner = node_element(&urls, 0);
	struct node number = node_element(&inner, 1);
	assert_int_equal(node_text(&number, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: layers[2].urls[0][1]: not a string");
	assert_int_equal(node_error(&layer, &err, "%d of %s", 2, "them"), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest: layers[2]: 2 of them");
	struct node behind = node_element(&layers, 3);
	assert_false(node_is_set(&behind));
	json_decref(value);
}

static void test_elements_of_a_document_that_is_a_list(void **state)
{
	(void)state;
	json_t *value = parse("[null,\"a\"]");
	struct node root = node_root(value, "manifest.json");
	struct error err = ERROR_INIT;
	const char *text;
	struct node first = node_element(&root, 0);
	struct node second = node_element(&root, 1);
	assert_int_equal(node_text(&second, &text, &err), 0);
	assert_string_equal(text, "a");
	assert_int_equal(node_text(&first, &text, &err), -1);
	assert_error(&err, ERROR_MALFORMED, "manifest.json: [0]: not a string");
	json_decref(value);
}

/* A stranger chose this name: it must not push the reason out, nor end inside a character. */
static void test_a_long_name_leaves_room_for_the_reason(void **state)
{
	(void)state;
	char name[1000];
	char document[1100];
	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xC3\xA9", 3);
	snprintf(document, sizeof(document), "{\"%s\":7}", name);
	json_t *value = parse(document);
	struct node root = node_root(value, "config");
	struct error err = ERROR_INIT;
	const char *text;
	assert_int_equal(node_member_text(&root, name, NODE_REQUIRED, &text, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	/* 255 bytes hold "config: " and 123 characters of two. */
	assert_int_equal(strlen(err.text), 8 + 2 * 123 + strlen(": not a string"));
	assert_memory_equal(err.text + 8, name, 2 * (size_t)123);
	assert_string_equal(err.text + 8 + 2 * (size_t)123, ": not a string");
	json_decref(value);
}

static void test_walks_members_null_ones_too(void **state)
{
	(void)state;
	json_t *value = parse("{\"a\":1,\"b\":null,\"c\":\"x\"}");
	struct node root = node_root(value, "labels");
	struct error err = ERROR_INIT;
	struct node member;
	void *position = NULL;
	char seen[8] = "";
	while (node_next_member(&root, &position, &member)) {
		strcat(seen, member.member);
		assert_ptr_equal(member.parent, &root);
		assert_int_equal(node_error(&member, &err, "seen"), -1);
	}
	assert_string_equal(seen, "abc");
	assert_error(&err, ERROR_MALFORMED, "labels: c: seen");
	json_decref(value);
}

static void test_walks_no_members_of_other_kinds(void **state)
{
	static const char *const documents[] = {"{}", "[]", "null", "\"text\""};
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		json_t *value = parse(documents[i]);
		struct node root = node_root(value, "labels");
		struct node member;
		void *position = NULL;
		assert_false(node_next_member(&root, &position, &member));
		json_decref(value);
	}
	struct node absent = {.value = NULL, .member = "labels"};
	struct node member;
	void *position = NULL;
	assert_false(node_next_member(&absent, &position, &member));
}

static void test_leaves_out_one_member(void **state)
{
	(void)state;
	json_t *value = parse("{\"a\":1,\"b\":[2],\"c\":3}");
	struct node root = node_root(value, "event");
	json_t *rest = node_without(&root, "b");
	json_t *same = node_without(&root, "x");
	json_t *one = parse("{\"ref\":1}");
	struct node only = node_root(one, "event");
	assert_null(node_without(&only, "ref"));
	json_decref(one);
	CLEANUP(free_at) char *text = json_dumps(rest, JSON_COMPACT);
	CLEANUP(free_at) char *whole = json_dumps(same, JSON_COMPACT);
	CLEANUP(free_at) char *before = json_dumps(value, JSON_COMPACT);
	assert_string_equal(text, "{\"a\":1,\"c\":3}");
	assert_string_equal(whole, "{\"a\":1,\"b\":[2],\"c\":3}");
	assert_string_equal(before, whole);
	json_decref(rest);
	json_decref(same);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_documents_of_any_kind),
		cmocka_unit_test(test_refuses_what_is_no_json),
		cmocka_unit_test(test_refuses_no_bytes_and_nul_bytes),
		cmocka_unit_test(test_refuses_a_nul_where_it_is_read),
		cmocka_unit_test(test_bounds_the_number_of_values),
		cmocka_unit_test(test_bounds_the_nesting),
		cmocka_unit_test(test_members_by_kind),
		cmocka_unit_test(test_null_counts_as_absent),
		cmocka_unit_test(test_sizes_are_whole_and_not_negative),
		cmocka_unit_test(test_other_kinds_are_refused),
		cmocka_unit_test(test_errors_name_the_place),
		cmocka_unit_test(test_elements_of_a_document_that_is_a_list),
		cmocka_unit_test(test_a_long_name_leaves_room_for_the_reason),
		cmocka_unit_test(test_walks_members_null_ones_too),
		cmocka_unit_test(test_walks_no_members_of_other_kinds),
		cmocka_unit_test(test_leaves_out_one_member),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
