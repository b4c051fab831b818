#include "import_recorder.h"

#include "layerproof/limits.h"

static void takes_rows(void **state)
{
	static const struct import_case cases[] = {
		{"name,digest\napp:1,$1\napp:2,$2\n", "1 \"app:1\" image=1\n2 \"app:2\" image=2\n", {0}},
		/* no line end at the end, CRLF, CR, blank lines */
		{"digest\n$1", "1 \"\" image=1\n", {0}},
		{"digest\r\n$1\r\n\r\n$2\r\n", "1 \"\" image=1\n2 \"\" image=2\n", {0}},
		{"digest\r$1\r$2", "1 \"\" image=1\n2 \"\" image=2\n", {0}},
		{"\n\n  \ndigest\n\n$1\n", "1 \"\" image=1\n", {0}},
		{"\xEF\xBB\xBF"
		 "digest\n$1\n",
		 "1 \"\" image=1\n",
		 {0}},
		{"digest\n", "", {0}},
		/* all fields, headers in any case, columns in any order, unknown columns */
		{"Platform,x,DIFF_IDS,Layers,Config,Digest,Name,Origin\n"
		 "linux/amd64,?,$5,$4,$3,$2,app,third_party\n",
		 "1 \"app\" config=3 image=2 layers=4 diff_ids=5 platform=linux/amd64 "
		 "origin=third_party\n",
		 {0}},
		/* the digest of the name, alone, beside another, and the same again */
		{"name\nr.corp/app@$1\n",
		 "1 \"r.corp/app@sha256:1111111111111111111111111111111111111111111"
		 "111111111111111111111\" image=1\n",
		 {0}},
		{"name,digest\na@$1,$2\n",
		 "1 \"a@sha256:111111111111111111111111111111111111111111111111111"
		 "1111111111111\" image=1 image=2\n",
		 {0}},
		{"name,digest\na@$1,$1\n",
		 "1 \"a@sha256:111111111111111111111111111111111111111111111111111"
		 "1111111111111\" image=1\n",
		 {0}},
		/* a digest in the stead of a name */
		{"name\n$1\nsha256:abc@$2\n",
		 "1 \"\" image=1\n"
		 "2 \"sha256:abc@sha256:2222222222222222222222222222222222222222222222222222222222222222\" "
		 "image=2\n",
		 {0}},
		/* digests as spreadsheets and people write them */
		{"digest\n%1\n", "1 \"\" image=1\n", {0}},
		{"digest\n%A\n", "1 \"\" image=a\n", {0}},
		{"digest\nSHA256:%B\n", "1 \"\" image=b\n", {0}},
		{"digest\n'%1\n", "1 \"\" image=1\n", {0}},
		{"digest\n\"  $1 \"\n", "1 \"\" image=1\n", {0}},
		/* an empty digest is none, if there is another */
		{"digest,config\n,$1\n", "1 \"\" config=1\n", {0}},
		/* lists */
		{"layers\n$1 $2\n", "1 \"\" layers=1,2\n", {0}},
		{"layers\n\"$1, $2;$3\n%4\"\n", "1 \"\" layers=1,2,3,4\n", {0}},
		{"layers\n\"[\"\"$1\"\", \"\"$2\"\"]\"\n", "1 \"\" layers=1,2\n", {0}},
		{"digest,layers\n$1,[]\n", "1 \"\" image=1\n", {0}},
		{"layers\n$1 $1\n", "1 \"\" layers=1,1\n", {0}},
		{"layers,diff_ids\n$1 $2,$3 $4\n", "1 \"\" layers=1,2 diff_ids=3,4\n", {0}},
		/* quotes */
		{"name,digest\n\"a,\"\"b\"\"\",$1\n", "1 \"a,\"b\"\" image=1\n", {0}},
		/* short rows, and commas behind the last column */
		{"digest,name,config\n$1\n", "1 \"\" image=1\n", {0}},
		{"digest,name\n$1,a,,\n", "1 \"a\" image=1\n", {0}},
		/* the first of two columns of one name; --map takes exactly that header */
		{"digest,Digest\n$1,$2\n", "1 \"\" image=1\n", {0}},
		{"digest,Digest\n$1,$2\n", "1 \"\" image=2\n", {"digest=Digest"}},
		{"Image ID,Image Name\n$1,app\n",
		 "1 \"app\" config=1\n",
		 {"config=Image ID", "name=Image Name"}},
		{"x\n$1\n", "1 \"\" config=1 image=1\n", {"config=x", "digest=x"}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_import_case(&cases[i]);
	}
}

static void takes_other_delimiters(void **state)
{
	static const struct import_case cases[] = {
		{"name;digest\na,b;$1\n\"a;b\";$2\n", "1 \"a,b\" image=1\n2 \"a;b\" image=2\n", {0}},
		{"name\tdigest\na;b\t$1\n\t$2\n", "1 \"a;b\" image=1\n2 \"\" image=2\n", {0}},
		/* of several the comma, then the semicolon, but not inside quotes, and of the header alone
		 */
		{"x;y\tz,digest\n1;2\t3,$1\n", "1 \"\" image=1\n", {0}},
		{"x\ty;digest\n1\t2;$1\n", "1 \"\" image=1\n", {0}},
		{"\"x,\ny\";digest\n1;$1\n", "1 \"\" image=1\n", {0}},
		{"\n \n\r\nname;digest\r\na;$1\r\n", "1 \"a\" image=1\n", {0}},
		/* a list in one column needs none of them */
		{"layers\n$1;$2,$3\n", "1 refused: line 2: 2 cells, but the header has 1\n", {0}},
		{"layers\n$1;$2\n", "1 \"\" layers=1,2\n", {0}},
		{"digest;layers\n$1;\"$2;$3\"\n", "1 \"\" image=1 layers=2,3\n", {0}},
		{"Image ID;Image Name\n$1;app\n",
		 "1 \"app\" config=1\n",
		 {"config=Image ID", "name=Image Name"}},
		{"a;b\n1;2\n",
		 "malformed: export: line 1: no column name, digest, config, layers or diff_ids; --map "
		 "FIELD=COLUMN says which it is of \"a\", \"b\"\n",
		 {0}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_import_case(&cases[i]);
	}
}

static void takes_percent_encoded_digests(void **state)
{
	CLEANUP(free_at) char *input = memory_format("digest\nsha256%%3A%064d\n", 7);
	(void)state;
	CLEANUP(free_at) char *expected = memory_format("1 \"\" image=sha256:%064d\n", 7);
	assert_import(input, strlen(input), NULL, expected);
}

static void refuses_rows(void **state)
{
	static const struct import_case cases[] = {
		{"name,digest\na,\nb,$1\n", "1 refused: line 2: no digest\n2 \"b\" image=1\n", {0}},
		{"name,digest\n,\n", "1 refused: line 2: no digest\n", {0}},
		{"name,digest\na,1.2E+63\n",
		 "1 refused: line 2: digest: 1.2E+63 is a number that a spreadsheet made of a digest; "
		 "export the column as text\n",
		 {0}},
		{"ID\n\"1,2E+63\"\n",
		 "1 refused: line 2: ID: 1,2E+63 is a number that a spreadsheet made of a digest; export "
		 "the column as text\n",
		 {"digest=ID"}},
		{"digest\n########\n",
		 "1 refused: line 2: digest: an error value of a spreadsheet, not a digest\n",
		 {0}},
		{"digest\n0123456789ab\nsha256:0123456789ab\n",
		 "1 refused: line 2: digest: 12 of 64 hexadecimal digits: a short or cut digest "
		 "cannot be matched\n"
		 "2 refused: line 3: digest: 12 of 64 hexadecimal digits: a short or cut digest "
		 "cannot be matched\n",
		 {0}},
		/* one bad digest refuses the row, whatever else is good in it */
		{"digest,layers\n$1,\"$2 x\"\n",
		 "1 refused: line 2: layers: element 2: a sha256 digest has 64 hexadecimal digits, not 1\n",
		 {0}},
		{"digest,layers\n$1,\"[\"\"$2\"\", 3]\"\n",
		 "1 refused: line 2: layers: list: [1]: not a string\n",
		 {0}},
		{"digest,layers\n$1,\"[\"\"$2\"\", \"\"\"\"]\"\n",
		 "1 refused: line 2: layers: element 2: empty\n",
		 {0}},
		{"digest,layers\n$1,[1\n",
		 "1 refused: line 2: layers: list: line 1 column 2: ']' expected near end of file\n",
		 {0}},
		{"layers,diff_ids\n$1 $2,$3\n", "1 refused: line 2: 2 layers but 1 diff_ids\n", {0}},
		{"digest,origin\n$1,mine\n",
		 "1 refused: line 2: origin: none of ours, third_party, public, unknown\n",
		 {0}},
		{"digest,name\n$1,\x1B[31m\n", "1 refused: line 2: name: not printable UTF-8 text\n", {0}},
		{"digest,name\n$1,\xFF\n", "1 refused: line 2: name: not printable UTF-8 text\n", {0}},
		{"digest,platform\n$1,\"a\nb\"\n",
		 "1 refused: line 2: platform: not printable UTF-8 text\n",
		 {0}},
		/* a comma too many shifts the columns */
		{"name,layers\na,$1,$2\nb,$3\n",
		 "1 refused: line 2: 3 cells, but the header has 2\n2 \"b\" layers=3\n",
		 {0}},
		/* lines are those of the file, however they end and whatever the rows hold */
		{"\rdigest\nx\rx\r\nx",
		 "1 refused: line 3: digest: a sha256 digest has 64 hexadecimal digits, not 1\n"
		 "2 refused: line 4: digest: a sha256 digest has 64 hexadecimal digits, not 1\n"
		 "3 refused: line 5: digest: a sha256 digest has 64 hexadecimal digits, not 1\n",
		 {0}},
		{"\nname,digest\n\"a\nb\nc\",$1\n\nd,x\n\"e\r\nf\",\r\ng,x",
		 "1 refused: line 3: name: not printable UTF-8 text\n"
		 "2 refused: line 7: digest: a sha256 digest has 64 hexadecimal digits, not 1\n"
		 "3 refused: line 8: name: not printable UTF-8 text\n"
		 "4 refused: line 10: digest: a sha256 digest has 64 hexadecimal digits, not 1\n",
		 {0}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_import_case(&cases[i]);
	}
}

static void stops_at_broken_tables(void **state)
{
	static const struct import_case cases[] = {
		{"Resource,Severity\na,b\n",
		 "malformed: export: line 1: no column name, digest, config, layers or diff_ids; --map "
		 "FIELD=COLUMN says which it is of \"Resource\", \"Severity\"\n",
		 {0}},
		{"name|digest\na|$1\n",
		 "malformed: export: line 1: no column name, digest, config, layers or diff_ids; --map "
		 "FIELD=COLUMN says which it is of \"name|digest\"\n",
		 {0}},
		{"platform,origin\n",
		 "malformed: export: line 1: no column name, digest, config, layers or diff_ids; --map "
		 "FIELD=COLUMN says which it is of \"platform\", \"origin\"\n",
		 {0}},
		{"name,digest\n",
		 "malformed: export: line 1: no column \"ID\" for --map digest; the headers are \"name\", "
		 "\"digest\"\n",
		 {"digest=ID"}},
		{"\nType,Type\n$1,$2\n",
		 "malformed: export: line 2: --map digest=Type is ambiguous: several columns have this "
		 "header\n",
		 {"digest=Type"}},
		{"digest\n$1\n\"$2\n$3\n",
		 "1 \"\" image=1\n"
		 "malformed: export: line 3: the file ends inside quotes, in the row that begins here\n",
		 {0}},
		{"digest\n\"$1\nx\"$2\n",
		 "malformed: export: line 3: a quote out of place, in the row that begins on line 2\n",
		 {0}},
		{"digest,name\n$1,6\" disk\n",
		 "malformed: export: line 2: a quote out of place, in the row that begins on line 2\n",
		 {0}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_import_case(&cases[i]);
	}
}

static void refuses_nul_bytes(void **state)
{
	static const char text[] = "digest,name\nx\0,a\n,b\0c\n";
	(void)state;
	assert_import(text, sizeof(text) - 1, NULL,
				  "1 refused: line 2: digest: a NUL byte in a digest\n"
				  "2 refused: line 3: name: not printable UTF-8 text\n");
}

static void refuses_too_many_layers(void **state)
{
	struct buffer text = BUFFER_INIT(RECORDED_MAX);
	(void)state;
	recorder_add(&text, "layers\n");
	for (int i = 0; i <= LIMIT_LAYERS; i++) {
		recorder_add(&text, "%064d ", 1);
	}
	CLEANUP(free_at) char *actual = recorder_import(text.bytes, text.size, 4096, NULL, NULL);
	assert_string_equal(actual, "1 refused: line 2: layers: more than 1000 layers\n");
	buffer_clear(&text);
}

/* An array in a cell is parsed whole, so its size is bounded before. */
static void bounds_lists(void **state)
{
	enum { SIZE = 300000 };
	CLEANUP(free_at) char *text = memory_alloc(SIZE + 1, 1);
	(void)state;
	memset(text, ' ', SIZE);
	memcpy(text, "layers\n[", 8);
	text[SIZE - 1] = ']';
	CLEANUP(free_at) char *actual = recorder_import(text, SIZE, 4096, NULL, NULL);
	assert_string_equal(actual, "1 refused: line 2: layers: 299993 bytes, 272000 at most\n");
}

static void bounds_text(void **state)
{
	char text[2048] = "name,digest\n";
	(void)state;
	memset(text + strlen(text), 'a', 1025);
	CLEANUP(free_at) char *input = memory_format("%s,%064d\n", text, 1);
	CLEANUP(free_at) char *long_name = recorder_import(input, strlen(input), 4096, NULL, NULL);
	assert_string_equal(long_name, "1 refused: line 2: name: 1025 bytes, 1024 at most\n");
	text[strlen(text) - 1] = '\0';
	CLEANUP(free_at) char *shorter = memory_format("%s,%064d\n", text, 1);
	CLEANUP(free_at) char *longest = recorder_import(shorter, strlen(shorter), 4096, NULL, NULL);
	CLEANUP(free_at) char *expected = memory_format("1 \"%s\" image=sha256:%064d\n", text + 12, 1);
	assert_string_equal(longest, expected);
}

static void bounds_rows(void **state)
{
	size_t size = (size_t)LIMIT_IMPORT_RECORD + 100;
	CLEANUP(free_at) char *text = memory_alloc(size, 1);
	(void)state;
	memset(text, 'a', size);
	memcpy(text, "digest\n\"", 8);
	CLEANUP(free_at) char *quoted = recorder_import(text, size, 4096, NULL, NULL);
	assert_string_equal(quoted, "over_limit: export: line 2: a row larger than 16 MiB\n");
	memset(text, ',', size);
	CLEANUP(free_at) char *commas = recorder_import(text, size, 4096, "csv", NULL);
	assert_string_equal(commas, "over_limit: export: line 1: a row larger than 16 MiB\n");
	text[20000] = '\n';
	CLEANUP(free_at) char *wide = recorder_import(text, size, 4096, "csv", NULL);
	assert_string_equal(wide, "over_limit: export: line 1: more than 16384 columns\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_rows),
		cmocka_unit_test(takes_other_delimiters),
		cmocka_unit_test(takes_percent_encoded_digests),
		cmocka_unit_test(refuses_rows),
		cmocka_unit_test(stops_at_broken_tables),
		cmocka_unit_test(refuses_nul_bytes),
		cmocka_unit_test(refuses_too_many_layers),
		cmocka_unit_test(bounds_lists),
		cmocka_unit_test(bounds_text),
		cmocka_unit_test(bounds_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
