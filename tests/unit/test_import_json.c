#include "import_recorder.h"

#include "layerproof/limits.h"

static void tries(const struct import_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_import_case(&cases[i]);
	}
}

#define TRY(cases) tries(cases, sizeof(cases) / sizeof((cases)[0]))

static void takes_each_shape(void **state)
{
	static const struct import_case cases[] = {
		/* an array */
		{"[]", "", {0}},
		{" [ {\"digest\":\"$1\"} ,\n{\"digest\":\"$2\"} ] \n",
		 "1 \"\" image=1\n2 \"\" image=2\n",
		 {0}},
		{"[{\"digest\":\"$1\"}]\n[{\"digest\":\"$2\"}]", "1 \"\" image=1\n2 \"\" image=2\n", {0}},
		/* objects, one a line or not */
		{"{\"digest\":\"$1\"}", "1 \"\" image=1\n", {0}},
		{"{\"digest\":\"$1\"}\r\n{\"digest\":\"$2\"}\n", "1 \"\" image=1\n2 \"\" image=2\n", {0}},
		{"{\n \"digest\": \"$1\"\n}{\"digest\":\"$2\"}", "1 \"\" image=1\n2 \"\" image=2\n", {0}},
		{"{\"digest\":\"$1\",\"tags\":[{\"a\":1}]}\n", "1 \"\" image=1\n", {0}},
		{"{\"tags\":[{\"a\":1}],\"layers\":[\"$1\"]}\n", "1 \"\" layers=1\n", {0}},
		{"{\"tags\":[{\"a\":1}],\"name\":\"a@$1\"}\n",
		 "1 \"a@sha256:1111111111111111111111111111111111111111111111111111111111111111\" "
		 "image=1\n",
		 {0}},
		{"{\"tags\":[{\"a\":1}],\"i\":{\"d\":\"$1\"}}\n", "1 \"\" image=1\n", {"digest=i.d"}},
		{"\xEF\xBB\xBF{\"digest\":\"$1\"}", "1 \"\" image=1\n", {0}},
		/* one list in an object, and pages of it */
		{"{\"images\":[]}", "", {0}},
		{"{\"count\":2,\"images\":[{\"digest\":\"$1\"},{\"digest\":\"$2\"}],\"next\":null}",
		 "1 \"\" image=1\n2 \"\" image=2\n",
		 {0}},
		{"{\"name\":\"weekly\",\"images\":[{\"digest\":\"$1\"}],\"errors\":[]}",
		 "1 \"\" image=1\n",
		 {0}},
		{"{\"images\":[{\"digest\":\"$1\"}]}{\"a\":{\"b\":[1,{}]},\"images\":[{\"digest\":\"$2\"}],"
		 "\"b\":-1.5e3}{\"images\":[]}",
		 "1 \"\" image=1\n2 \"\" image=2\n",
		 {0}},
	};
	(void)state;
	TRY(cases);
}

static void takes_fields(void **state)
{
	static const struct import_case cases[] = {
		{"[{\"name\":\"a:1\",\"digest\":\"$1\",\"config\":\"%2\",\"layers\":[\"$3\",\"%4\"],"
		 "\"diff_ids\":[\"$5\",\"$6\"],\"platform\":\"linux/arm64\",\"origin\":\"ours\",\"x\":[{}]}"
		 "]",
		 "1 \"a:1\" image=1 config=2 layers=3,4 diff_ids=5,6 platform=linux/arm64 origin=ours\n",
		 {0}},
		{"[{\"Name\":\"a\",\"Digest\":\"$1\",\"DIFF_IDS\":\"$2 $3\"}]",
		 "1 \"a\" image=1 diff_ids=2,3\n",
		 {0}},
		/* null and "" are none; an object of a field's name is something else */
		{"[{\"name\":null,\"digest\":\"\",\"config\":{},\"Config\":\"$1\",\"layers\":[]}]",
		 "1 \"\" config=1\n",
		 {0}},
		/* escapes */
		{"[{\"name\":\"\\u0061\\\"]}\",\"digest\":\"$1\"}]", "1 \"a\"]}\" image=1\n", {0}},
		/* paths: members, lists on the way, names with dots */
		{"[{\"repoTag\":{\"digest\":\"$1\"},\"RootFS\":{\"Layers\":[\"$2\",\"$3\"]}}]",
		 "1 \"\" image=1 diff_ids=2,3\n",
		 {"digest=repoTag.digest", "diff_ids=RootFS.Layers"}},
		{"[{\"m\":{\"layers\":[{\"digest\":\"$2\",\"size\":1},{\"digest\":\"$3\"}]}}]",
		 "1 \"\" layers=2,3\n",
		 {"layers=m.layers.digest"}},
		{"[{\"image.digest\":\"$1\"}]", "1 \"\" image=1\n", {"digest=image.digest"}},
		{"[{\"a\":{\"b.c\":\"$1\"}}]", "1 \"\" image=1\n", {"digest=a.b.c"}},
		{"[{\"Id\":\"$4\",\"RepoDigests\":[\"a@$1\",\"b@$2\"]}]",
		 "1 \"a@sha256:1111111111111111111111111111111111111111111111111111111111111111\" "
		 "image=1 image=2 config=4\n",
		 {"name=RepoDigests", "config=Id"}},
		{"[{\"tags\":[{\"digest\":\"$1\"},{\"digest\":\"$1\"},{}]}]",
		 "1 \"\" image=1\n",
		 {"digest=tags.digest"}},
	};
	(void)state;
	TRY(cases);
}

static void refuses_records(void **state)
{
	static const struct import_case cases[] = {
		{"[{},\n{\"digest\":\"\"},\n\n1, \"x\", null, [], {\"digest\":\"$1\"}]",
		 "1 refused: line 1: no digest\n"
		 "2 refused: line 2: no digest\n"
		 "3 refused: line 4: record: not an object\n"
		 "4 refused: line 4: record: not an object\n"
		 "5 refused: line 4: record: not an object\n"
		 "6 refused: line 4: record: not an object\n"
		 "7 \"\" image=1\n",
		 {0}},
		{"{\"x\":1}\n{\"name\":\"a\"}\n",
		 "1 refused: line 1: no digest\n2 refused: line 2: no digest\n",
		 {0}},
		{"{\"a\":[{}],\"b\":[{}]}", "1 refused: line 1: no digest\n", {0}},
		{"[{\"digest\":1}]", "1 refused: line 1: digest: record: digest: not a string\n", {0}},
		{"[{\"i\":{\"d\":{}}}]",
		 "1 refused: line 1: i.d: record: i.d: not a string\n",
		 {"digest=i.d"}},
		{"[{\"digest\":\"$1\",\"layers\":[\"$2\",null]}]",
		 "1 refused: line 1: layers: record: layers[1]: not a string\n",
		 {0}},
		{"[{\"digest\":\"$1\",\"layers\":[\"$2\",\"1.5E+63\"]}]",
		 "1 refused: line 1: layers: element 2: 1.5E+63 is a number that a spreadsheet made of a "
		 "digest; export the column as text\n",
		 {0}},
		{"[{\"l\":[{\"digest\":\"$1\"},{\"size\":1}]}]",
		 "1 refused: line 1: l.digest: record: l[1].digest: is missing\n",
		 {"layers=l.digest"}},
		{"[{\"l\":[{\"digest\":\"$1\"},{\"digest\":\"x\"}]}]",
		 "1 refused: line 1: l.digest: element 2: a sha256 digest has 64 hexadecimal digits, not "
		 "1\n",
		 {"layers=l.digest"}},
		{"[{\"layers\":[\"$1\"],\"diff_ids\":[\"$1\",\"$2\"]}]",
		 "1 refused: line 1: 1 layers but 2 diff_ids\n",
		 {0}},
		{"[{\"digest\":\"$1\",\"platform\":[\"a\",\"b\"]}]",
		 "1 refused: line 1: platform: more than one value\n",
		 {0}},
		{"[{\"digest\":\"$1\",\"origin\":[\"ours\",\"ours\"]}]",
		 "1 refused: line 1: origin: more than one value\n",
		 {0}},
		{"[{\"digest\":\"$1\",\"name\":\"a\\u001b[0m\"}]",
		 "1 refused: line 1: name: not printable UTF-8 text\n",
		 {0}},
		/* what is broken inside its brackets takes only itself */
		{"{\"digest\":\"$1\",\"digest\":\"$2\"}\n{\"digest\":\"$3\"}\n",
		 "1 refused: line 1: record: line 1 column 92: duplicate object key near '\"digest\"'\n"
		 "2 \"\" image=3\n",
		 {0}},
		{"[\n{\"digest\" \"$1\"},\n{\"digest\":\"$3\"}]",
		 "1 refused: line 2: record: line 1 column 83: ':' expected\n"
		 "2 \"\" image=3\n",
		 {0}},
	};
	(void)state;
	TRY(cases);
}

static void stops_at_broken_documents(void **state)
{
	static const struct import_case cases[] = {
		{"[{\"digest\":\"$1\"},\n\n{\"digest\":\n",
		 "1 \"\" image=1\n"
		 "malformed: export: line 3: the file ends inside the value that begins here\n",
		 {0}},
		{"[{\"digest\":\"$1\"},\n",
		 "1 \"\" image=1\nmalformed: export: line 2: the file ends before its list does\n",
		 {0}},
		{"{\"images\":[{\"digest\":\"$1\"}]",
		 "malformed: export: line 1: the file ends inside the value that begins here\n",
		 {0}},
		{"[{}} ]",
		 "1 refused: line 1: no digest\n"
		 "malformed: export: line 1: expected a comma or ], not '}'\n",
		 {0}},
		{"[{},]",
		 "1 refused: line 1: no digest\n"
		 "malformed: export: line 1: expected a record, not ']'\n",
		 {0}},
		{"[\n{]]",
		 "malformed: export: line 2: in the value that begins here: \"]\" closes nothing\n",
		 {0}},
		{"{}\n{\"a\":\"b\"c\"}\n{\"digest\":\"$1\"}\n",
		 "1 refused: line 1: no digest\n"
		 "malformed: export: line 2: in the value that begins here: a control character inside a "
		 "string\n",
		 {0}},
		{"{}\n,",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected an object or an "
		 "array of objects, not ','\n",
		 {0}},
		{"[]\x01",
		 "malformed: export: line 1: expected an object or an array of objects, not byte "
		 "0x01\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"other\":[{}]}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: a second list of objects beside "
		 "\"images\": which holds the images?\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"other\":1}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: an object without the list "
		 "\"images\"\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"images\":{}}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected the list of records, "
		 "not '{'\n",
		 {0}},
		{"{\"images\":[{}]}\n{1:2}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected a member's name, not "
		 "'1'\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"a\" 1}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected a colon, not '1'\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"a\":,}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected a value, not ','\n",
		 {0}},
		{"{\"images\":[{}]}\n{\"a\":1 2}",
		 "1 refused: line 1: no digest\nmalformed: export: line 2: expected a comma or }, not "
		 "'2'\n",
		 {0}},
	};
	(void)state;
	TRY(cases);
}

static void handles_nul_bytes(void **state)
{
	static const char between[] = "[{}\0]";
	static const char in_text[] = "[{\"name\":\"a\0b\"}]";
	static const char escaped[] = "[{\"name\":\"a\\u0000b\"}]";
	(void)state;
	assert_import(between, sizeof(between) - 1, NULL,
				  "1 refused: line 1: no digest\n"
				  "malformed: export: line 1: expected a comma or ], not byte 0x00\n");
	assert_import(in_text, sizeof(in_text) - 1, NULL,
				  "malformed: export: line 1: in the value that begins here: a control character "
				  "inside a string\n");
	assert_import(escaped, sizeof(escaped) - 1, NULL,
				  "1 refused: line 1: name: record: name: a NUL is in it\n");
}

/* `depth` arrays inside each other in a record. Owned. */
static char *nest(size_t depth)
{
	struct buffer text = BUFFER_INIT(RECORDED_MAX);
	recorder_add(&text, "[{\"x\":");
	for (size_t i = 0; i < depth; i++) {
		recorder_add(&text, "[");
	}
	for (size_t i = 0; i < depth; i++) {
		recorder_add(&text, "]");
	}
	recorder_add(&text, "}]");
	return buffer_steal(&text);
}

static void bounds_nesting(void **state)
{
	CLEANUP(free_at) char *deepest = nest(LIMIT_JSON_DEPTH - 1);
	CLEANUP(free_at) char *deeper = nest(LIMIT_JSON_DEPTH);
	CLEANUP(free_at) char *abyss = nest(100000);
	(void)state;
	assert_import(deepest, strlen(deepest), NULL, "1 refused: line 1: no digest\n");
	assert_import(deeper, strlen(deeper), NULL,
				  "1 refused: line 1: record: JSON nested deeper than 64\n");
	assert_import(abyss, strlen(abyss), NULL,
				  "over_limit: export: line 1: in the value that begins here: nested deeper than "
				  "66\n");
}

/* `before`, then text up to `size` bytes, then `after`. Owned. */
static char *stretch(const char *before, const char *after, size_t size)
{
	char *text = memory_alloc(size + 1, 1);
	memset(text, 'a', size);
	memcpy(text, before, strlen(before));
	memcpy(text + size - strlen(after), after, strlen(after));
	return text;
}

static void bounds_records(void **state)
{
	size_t size = (size_t)LIMIT_IMPORT_RECORD;
	CLEANUP(free_at) char *largest = stretch("[\n{\"x\":\"", "\"}]", size + 3);
	CLEANUP(free_at) char *larger = stretch("[\n{\"x\":\"", "\"}]", size + 4);
	CLEANUP(free_at) char *first = stretch("{\"x\":\"", "\"}", size + 1);
	(void)state;
	CLEANUP(free_at) char *taken = recorder_import(largest, strlen(largest), 4096, NULL, NULL);
	CLEANUP(free_at) char *refused = recorder_import(larger, strlen(larger), 4096, NULL, NULL);
	CLEANUP(free_at) char *lone = recorder_import(first, strlen(first), 4096, NULL, NULL);
	assert_string_equal(taken, "1 refused: line 2: no digest\n");
	assert_string_equal(refused, "over_limit: export: line 2: a record larger than 16 MiB\n");
	assert_string_equal(lone, "over_limit: export: line 1: a record larger than 16 MiB\n");
}

/* `count` values in a record, the outer two included. Owned. */
static char *crowd(size_t count)
{
	struct buffer text = BUFFER_INIT(4 * LIMIT_JSON_VALUES);
	recorder_add(&text, "[{\"x\":[0");
	for (size_t i = 2; i < count; i++) {
		recorder_add(&text, ",0");
	}
	recorder_add(&text, "]}]");
	return buffer_steal(&text);
}

static void bounds_values(void **state)
{
	CLEANUP(free_at) char *most = crowd(LIMIT_JSON_VALUES);
	CLEANUP(free_at) char *more = crowd(LIMIT_JSON_VALUES + 1);
	(void)state;
	CLEANUP(free_at) char *taken = recorder_import(most, strlen(most), 4096, NULL, NULL);
	CLEANUP(free_at) char *refused = recorder_import(more, strlen(more), 4096, NULL, NULL);
	assert_string_equal(taken, "1 refused: line 1: no digest\n");
	assert_string_equal(refused, "1 refused: line 1: more than 500000 values\n");
}

/* A list in an object larger than a record may be is told by its beginning. */
static void streams_large_lists(void **state)
{
	size_t size = (size_t)LIMIT_IMPORT_RECORD + 5000;
	CLEANUP(free_at) char *text = stretch("{\"images\":[\n{\"x\":\"", "]}", size);
	char *tail = text + size - 200;
	char last[] =
		"\"},\n{\"digest\":\"                                                                "
		"\"},{\"x\":1}";
	(void)state;
	memcpy(text + 9000000, "\"},\n{\"x\":\"", 10);
	memset(strchr(last, ' '), '7', 64);
	memset(tail, ' ', 198);
	memcpy(tail, last, strlen(last));
	static const size_t steps[] = {4096, 1000, 4095};
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(free_at) char *actual = recorder_import(text, size, steps[i], NULL, NULL);
		assert_string_equal(actual, "1 refused: line 2: no digest\n2 refused: line 3: no digest\n"
									"3 \"\" image=7\n4 refused: line 4: no digest\n");
	}
}

/* More than one thread's work: every record comes out, in its order, the refused ones too, and what
 * comes behind a break is told of after them. */
static void keeps_the_order_of_many_records(void **state)
{
	enum { RECORDS = 20000 };
	(void)state;
	struct buffer input = BUFFER_INIT(16 << 20);
	struct buffer expected = BUFFER_INIT(16 << 20);
	struct error err = ERROR_INIT;
	for (int i = 1; i <= RECORDS; i++) {
		char hex[65];
		memset(hex, "123456789abcdef"[i % 15], 64);
		hex[i % 7 == 0 ? 63 : 64] = '\0';
		assert_int_equal(buffer_add_format(&input, &err,
										   "{\"name\":\"app:%d\",\"digest\":\"sha256:%s\"}\n", i,
										   hex),
						 0);
		assert_int_equal(
			i % 7 == 0
				? buffer_add_format(&expected, &err,
									"%d refused: line %d: digest: 63 of 64 hexadecimal digits: a "
									"short or cut digest cannot be matched\n",
									i, i)
				: buffer_add_format(&expected, &err, "%d \"app:%d\" image=%c\n", i, i, hex[0]),
			0);
	}
	assert_int_equal(buffer_add(&input, "]", 1, &err), 0);
	assert_int_equal(buffer_add_format(&expected, &err,
									   "malformed: export: line %d: expected an object or an array "
									   "of objects, not ']'\n",
									   RECORDS + 1),
					 0);
	CLEANUP(free_at) char *actual = recorder_import(input.bytes, input.size, 4096, NULL, NULL);
	assert_string_equal(actual, expected.bytes);
	buffer_clear(&input);
	buffer_clear(&expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_each_shape),    cmocka_unit_test(takes_fields),
		cmocka_unit_test(refuses_records),     cmocka_unit_test(stops_at_broken_documents),
		cmocka_unit_test(handles_nul_bytes),   cmocka_unit_test(bounds_nesting),
		cmocka_unit_test(bounds_records),      cmocka_unit_test(bounds_values),
		cmocka_unit_test(streams_large_lists), cmocka_unit_test(keeps_the_order_of_many_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
