#include "import_recorder.h"

#include "layerproof/text.h"

#include <stdlib.h>

/* --map */

static void map_takes_field_and_column(void **state)
{
	struct import_map map = {0};
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(import_map_parse("diff_ids=RootFS.Layers=x", &map, &err), 0);
	assert_string_equal(map.field, "diff_ids");
	assert_string_equal(map.column, "RootFS.Layers=x");
	import_map_clear(&map);
	assert_null(map.field);
	assert_null(map.column);
}

static void map_refuses(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{"", "\"\": not FIELD=COLUMN"},
		{"digest", "\"digest\": not FIELD=COLUMN"},
		{"digest=", "\"digest=\": not FIELD=COLUMN"},
		{"=ID", "\"=ID\": not FIELD=COLUMN"},
		{"Digest=ID",
		 "\"Digest=ID\": no field \"Digest\"; there are name, registry, repository, tag, "
		 "digest, index, manifest, config, media_type, layers, diff_ids, layer, diff_id, "
		 "platform, os, architecture, severity, severity_class, severity_layer, "
		 "severity_counts, base, boundary, origin"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct import_map map = {0};
		struct error err = ERROR_INIT;
		assert_int_equal(import_map_parse(cases[i].text, &map, &err), -1);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_string_equal(err.text, cases[i].reason);
		assert_null(map.field);
	}
}

static void refuses_a_field_mapped_twice(void **state)
{
	static const char *const maps[] = {"digest=A", "digest=B", NULL};
	(void)state;
	assert_import("A,B\n", 4, maps,
				  "usage: the field digest is mapped twice, to \"A\" and \"B\"\n");
}

/* Formats */

static void tells_the_format(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *expected;
	} cases[] = {
		{"", 0, "malformed: export: empty, or blank for its first 64 KiB: no export\n"},
		{" \n\t\r\n", 5, "malformed: export: empty, or blank for its first 64 KiB: no export\n"},
		{"\xEF\xBB\xBF", 3, "malformed: export: empty, or blank for its first 64 KiB: no export\n"},
		{"\x1F\x8B\x08\0\0", 5, "malformed: export: gzip member 1: ends early\n"},
		{"\x28\xB5\x2F\xFD\0", 5, "malformed: export: zstd frame 1: ends early\n"},
		{"PK\x03\x04\0", 5,
		 "unsupported: export: a ZIP archive or an Excel workbook: export it as CSV\n"},
		{"\xFF\xFEn\0", 4, "unsupported: export: UTF-16 text: export it as UTF-8\n"},
		{"\xFE\xFF\0n", 4, "unsupported: export: UTF-16 text: export it as UTF-8\n"},
		{"\n\n[]", 4, ""},
		{"digest", 6, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_import(cases[i].bytes, cases[i].size, NULL, cases[i].expected);
	}
}

static void obeys_the_format_asked_for(void **state)
{
	(void)state;
	CLEANUP(free_at) char *json = recorder_import("digest", 6, 4096, "json", NULL);
	CLEANUP(free_at) char *csv = recorder_import("[digest", 7, 4096, "csv", NULL);
	CLEANUP(free_at) char *none = recorder_import("digest", 6, 4096, "xml", NULL);
	assert_string_equal(json, "malformed: export: line 1: expected an object or an array of "
							  "objects, not 'd'\n");
	assert_string_equal(csv, "malformed: export: line 1: no column name, digest, config, layers or "
							 "diff_ids; --map FIELD=COLUMN says which it is of \"[digest\"\n");
	assert_true(text_starts_with(none, "usage: no format \"xml\"; there are: "));
	assert_true(text_ends_with(none, " json csv\n"));
}

/* Blanks in front may fill the bytes that tell the format, all but one. */
static void passes_over_blanks_in_front(void **state)
{
	(void)state;
	for (size_t blanks = 65525; blanks < 65536; blanks++) {
		char text[70000];
		memset(text, '\n', blanks);
		strcpy(text + blanks, "[1]");
		CLEANUP(free_at) char *actual = recorder_import(text, strlen(text), 1000, NULL, NULL);
		CLEANUP(free_at)
		char *expected = memory_format("1 refused: line %zu: record: not an object\n", blanks + 1);
		assert_string_equal(actual, expected);
	}
	char blank[65537];
	memset(blank, '\n', sizeof(blank));
	assert_import(blank, sizeof(blank), NULL,
				  "malformed: export: empty, or blank for its first 64 KiB: no export\n");
}

/* The summary, and what ends a reading */

struct counter {
	uint64_t images;
	uint64_t refusals;
	uint64_t stop_at;
};

static int count_image(void *context, const struct internal_image *image, bool has_origin,
					   struct error *err)
{
	struct counter *counter = context;
	(void)has_origin;
	counter->images++;
	return image->row == counter->stop_at ? error_set(err, ERROR_SYSTEM, "the index is full") : 0;
}

static int count_refusal(void *context, const struct import_refusal *refusal, struct error *err)
{
	struct counter *counter = context;
	counter->refusals++;
	return refusal->row == counter->stop_at ? error_set(err, ERROR_MALFORMED, "strict") : 0;
}

static int read_text(const char *text, const char *file, struct counter *counter,
					 struct import_summary *summary, struct error *err)
{
	CLEANUP(free_at) char *input = recorder_expand(text);
	struct reader *reader = reader_from_bytes(input, strlen(input));
	struct import_options options = {.file = file};
	const struct import_sink sink = {
		.image = count_image, .refusal = count_refusal, .context = counter};
	int status = import_read(reader, &options, &sink, summary, err);
	reader_close(reader);
	return status;
}

static void sums_up(void **state)
{
	struct counter counter = {0};
	struct import_summary summary = {0};
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(read_text("digest\n$1\nx\n$2\n", "-", &counter, &summary, &err), 0);
	assert_string_equal(summary.format, "csv");
	assert_int_equal(summary.rows, 3);
	assert_int_equal(summary.refused, 1);
	assert_int_equal(counter.images, 2);
	assert_int_equal(counter.refusals, 1);
	counter = (struct counter){0};
	assert_int_equal(read_text("[{\"digest\":\"$1\"}]", "-", &counter, &summary, &err), 0);
	assert_string_equal(summary.format, "json");
	assert_int_equal(summary.rows, 1);
}

static void ends_when_the_sink_says_so(void **state)
{
	static const char *const texts[] = {
		"digest\n$1\nx\n$2\n$3\n", "{\"digest\":\"$1\"}{}{\"digest\":\"$2\"}{\"digest\":\"$3\"}"};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct counter counter = {.stop_at = 3};
		struct import_summary summary = {.rows = 77};
		struct error err = ERROR_INIT;
		assert_int_equal(read_text(texts[i], "f", &counter, &summary, &err), -1);
		assert_string_equal(err.text, "the index is full");
		assert_int_equal(counter.images, 2);
		assert_int_equal(summary.rows, 77);
		counter = (struct counter){.stop_at = 2};
		assert_int_equal(read_text(texts[i], "f", &counter, &summary, &err), -1);
		assert_string_equal(err.text, "strict");
		assert_int_equal(counter.images, 1);
	}
}

static void names_standard_input(void **state)
{
	struct counter counter = {0};
	struct import_summary summary = {0};
	struct error err = ERROR_INIT;
	(void)state;
	assert_int_equal(read_text("", "-", &counter, &summary, &err), -1);
	assert_string_equal(err.text,
						"standard input: empty, or blank for its first 64 KiB: no export");
}

/* Fails after some bytes. */
struct failing_reader {
	struct reader reader;
	size_t size;
};

static int failing_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	static const char text[] = "digest\nx";
	struct failing_reader *reader = (struct failing_reader *)self;
	if (reader->size == 0) {
		return error_set(err, ERROR_SYSTEM, "f: disk gone");
	}
	*bytes = (const uint8_t *)text;
	*size = reader->size;
	reader->size = 0;
	return 0;
}

static void hands_on_read_errors(void **state)
{
	(void)state;
	for (size_t size = 0; size < 9; size++) {
		struct failing_reader reader = {.reader.next = failing_next, .size = size};
		struct import_options options = {.file = "f"};
		struct counter counter = {0};
		const struct import_sink sink = {
			.image = count_image, .refusal = count_refusal, .context = &counter};
		struct import_summary summary;
		struct error err = ERROR_INIT;
		assert_int_equal(import_read(&reader.reader, &options, &sink, &summary, &err), -1);
		assert_int_equal(err.code, ERROR_SYSTEM);
		assert_string_equal(err.text, "f: disk gone");
	}
}

/* Fixtures */

static char *read_fixture(const char *path, size_t *size)
{
	struct error err = ERROR_INIT;
	struct buffer text = BUFFER_INIT(RECORDED_MAX);
	struct reader *reader = reader_open(path, &err);
	assert_non_null(reader);
	assert_int_equal(reader_read_all(reader, &text, &err), 0);
	reader_close(reader);
	*size = text.size;
	return buffer_steal(&text);
}

/* One line of damaged.tsv, as the recorder would begin its line. */
static void assert_outcome(const char *expected, const char *recorded)
{
	char line[16];
	char row[16];
	char outcome[16];
	char column[16];
	char beginning[80];
	assert_int_equal(sscanf(expected, "%15s %15s %15s %15s", line, row, outcome, column), 4);
	if (strcmp(outcome, "taken") == 0) {
		snprintf(beginning, sizeof(beginning), "%s \"", row);
	} else {
		snprintf(beginning, sizeof(beginning), "%s refused: line %s: %s%s", row, line,
				 strcmp(column, "-") == 0 ? "" : column, strcmp(column, "-") == 0 ? "" : ": ");
	}
	if (strncmp(recorded, beginning, strlen(beginning)) != 0) {
		fail_msg("\"%s\" does not begin \"%s\"", recorded, beginning);
	}
}

static void damaged_export_gives_what_is_listed(void **state)
{
	size_t size;
	size_t list_size;
	char *expected_at;
	char *actual_at;
	(void)state;
	CLEANUP(free_at) char *input = read_fixture("fixtures/exports/damaged.csv", &size);
	CLEANUP(free_at) char *list = read_fixture("fixtures/exports/damaged.tsv", &list_size);
	CLEANUP(free_at) char *actual = recorder_import(input, size, 4096, NULL, NULL);
	assert_import(input, size, NULL, actual);
	char *recorded = strtok_r(actual, "\n", &actual_at);
	char *expected = strtok_r(list, "\n", &expected_at);
	while ((expected = strtok_r(NULL, "\n", &expected_at)) != NULL) {
		assert_non_null(recorded);
		assert_outcome(expected, recorded);
		recorded = strtok_r(NULL, "\n", &actual_at);
	}
	assert_null(recorded);
}

static void broken_exports_say_where(void **state)
{
	size_t size;
	(void)state;
	CLEANUP(free_at) char *quote = read_fixture("fixtures/exports/damaged-quote.csv", &size);
	CLEANUP(free_at) char *lost_quote = recorder_import(quote, size, 4096, NULL, NULL);
	assert_non_null(strstr(lost_quote, "malformed: export: line 3: the file ends inside quotes, in "
									   "the row that begins here\n"));
	CLEANUP(free_at) char *json = read_fixture("fixtures/exports/damaged.json", &size);
	CLEANUP(free_at) char *cut = recorder_import(json, size, 4096, NULL, NULL);
	assert_non_null(strstr(cut, "malformed: export: line 14: the file ends inside the value that "
								"begins here\n"));
}

/* The same images, whatever the form of the export. */
static void forms_of_one_export_agree(void **state)
{
	static const char *const paths[] = {
		"fixtures/exports/images.csv",
		"fixtures/exports/images-spreadsheet.csv",
		"fixtures/exports/images.json",
		"fixtures/exports/images.ndjson",
	};
	size_t size;
	(void)state;
	CLEANUP(free_at) char *first = read_fixture(paths[0], &size);
	CLEANUP(free_at) char *expected = recorder_import(first, size, 4096, NULL, NULL);
	assert_null(strstr(expected, "refused"));
	assert_non_null(strstr(expected, "registry.acme.example/payments/api:1.4.2"));
	for (size_t i = 1; i < sizeof(paths) / sizeof(paths[0]); i++) {
		CLEANUP(free_at) char *other = read_fixture(paths[i], &size);
		assert_import(other, size, NULL, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_takes_field_and_column),
		cmocka_unit_test(map_refuses),
		cmocka_unit_test(refuses_a_field_mapped_twice),
		cmocka_unit_test(tells_the_format),
		cmocka_unit_test(obeys_the_format_asked_for),
		cmocka_unit_test(passes_over_blanks_in_front),
		cmocka_unit_test(sums_up),
		cmocka_unit_test(ends_when_the_sink_says_so),
		cmocka_unit_test(names_standard_input),
		cmocka_unit_test(hands_on_read_errors),
		cmocka_unit_test(damaged_export_gives_what_is_listed),
		cmocka_unit_test(broken_exports_say_where),
		cmocka_unit_test(forms_of_one_export_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
