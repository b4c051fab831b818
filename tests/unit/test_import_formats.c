/*
 * What formats stand on: compressed files, inner records, nested lists, filters, folding and what
 * is passed over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/import/import_fold.h"
#include "../../src/import/import_scan.h"
#include "../../src/import/json_filter.h"
#include "../../src/import/json_paths.h"
#include "layerproof/memory.h"

/* ---- Paths ---- */

static char *paths_of(const char *text, size_t size)
{
	struct json_paths paths = {0};
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	json_paths_collect(&paths, text, size);
	for (size_t at = 0; at < paths.size; at += strlen(paths.text + at) + 1)
		assert_int_equal(buffer_add_format(&out, &err, "%s%s", at == 0 ? "" : " ", paths.text + at),
						 0);
	json_paths_clear(&paths);
	return buffer_steal(&out);
}

static void test_paths_of_a_file(void **state)
{
	static const struct {
		const char *text;
		const char *paths;
	} cases[] = {
		{"", ""},
		{"[]", ""},
		{"{\"a\":1}", "a"},
		{"[{\"a\":{\"b\":1},\"c\":[{\"d\":2},{\"d\":3,\"e\":4}]}]", "a a.b c c.d c.e"},
		{"{\"a\":\"b\",\"c\":\"d\\\"e\"}", "a c"},
		{"{\"a\":[\"x\",\"y\"],\"b\":{\"c\":[]}}", "a b b.c"},
		{"{\"a\":1}{\"b\":2}\n{\"a\":3}", "a b"},
		{"{\"a.b\":{\"c\":1}}", "a.b a.b.c"},
		{"{\"a\":{\"b\":1", "a a.b"},
		{"{\"a\":{\"b", "a"},
		{"{\"a\":\"\\", "a"},
		{"]}{\"a\":1}", ""},
		{"{\"a\":1}]{\"b\":1}", "a"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_at) char *paths = paths_of(cases[i].text, strlen(cases[i].text));
		assert_string_equal(paths, cases[i].paths);
	}
}

static void test_paths_are_found_behind_a_prefix(void **state)
{
	(void)state;
	const char *text = "{\"list\":[{\"id\":1}],\"lists\":2}";
	struct json_paths paths = {0};
	json_paths_collect(&paths, text, strlen(text));
	assert_true(json_paths_has(&paths, "list", "id"));
	assert_true(json_paths_has(&paths, "", "list.id"));
	assert_true(json_paths_has(&paths, "", "lists"));
	assert_false(json_paths_has(&paths, "list", "s"));
	assert_false(json_paths_has(&paths, "lis", "t.id"));
	assert_false(json_paths_has(&paths, "", "id"));
	json_paths_clear(&paths);
}

/* ---- Filter ---- */

/* What is left of a record, fed in steps of every size; the error, when there is one. */
static char *filtered(const struct json_wanted *wanted, const char *text, size_t step)
{
	struct json_filter filter = {.wanted = wanted};
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	size_t size = strlen(text);
	for (size_t at = 0; at < size; at += step) {
		size_t part = size - at < step ? size - at : step;
		CLEANUP(free_at) char *copy = memory_copy_span(text + at, part);
		if (json_filter_add(&filter, (const uint8_t *)copy, part, &out, &err) != 0) {
			buffer_clear(&out);
			return memory_copy_text(err.text);
		}
	}
	return buffer_steal(&out);
}

static void assert_filtered(const char *paths, const char *text, const char *expected)
{
	struct json_wanted wanted = {0};
	CLEANUP(free_at) char *copy = memory_copy_text(paths);
	char *rest = copy;
	for (char *path = strtok_r(copy, " ", &rest); path; path = strtok_r(NULL, " ", &rest)) {
		wanted.paths = memory_resize(wanted.paths, wanted.count + 1, sizeof(char *));
		wanted.paths[wanted.count++] = memory_copy_text(path);
	}
	for (size_t step = 1; step < 40; step += step < 4 ? 1 : 11) {
		CLEANUP(free_at) char *actual = filtered(&wanted, text, step);
		assert_string_equal(actual, expected);
	}
	json_wanted_clear(&wanted);
}

static void test_filter_keeps_what_is_wanted(void **state)
{
	(void)state;
	assert_filtered("a", "{\"a\":1,\"b\":2}", "{\"a\":1}");
	assert_filtered("b", "{\"a\":1,\"b\":2}", "{\"b\":2}");
	assert_filtered("a c", "{\"a\": 1, \"b\": {\"c\": 3}, \"c\": [1, 2]}",
					"{\"a\": 1,\"c\": [1, 2]}");
	assert_filtered("x", "{\"a\":1,\"b\":2}", "{}");
	assert_filtered("x", "{}", "{}");
	assert_filtered("a.b", "{\"a\":{\"b\":{\"q\":1},\"c\":2},\"b\":3}",
					"{\"a\":{\"b\":{\"q\":1}}}");
	assert_filtered("a.b", "{\"a\":[{\"c\":0},{\"b\":1,\"c\":2},{\"b\":3}]}",
					"{\"a\":[{},{\"b\":1},{\"b\":3}]}");
	assert_filtered("a.b", "{\"a\":[[{\"b\":1,\"c\":2}]],\"d\":[]}", "{\"a\":[[{\"b\":1}]]}");
	assert_filtered("a.b.c", "{\"a.b\":{\"c\":1,\"d\":2},\"a\":{\"b.c\":4}}",
					"{\"a.b\":{\"c\":1},\"a\":{\"b.c\":4}}");
	assert_filtered("a", "{\"ab\":1,\"a\":\"x,}\\\"]\",\"b\":\"\\\\\"}", "{\"a\":\"x,}\\\"]\"}");
	assert_filtered("a", "{\"b\":[1,{\"a\":2},\"}\"],\"c\":true,\"a\":null}", "{\"a\":null}");
	assert_filtered("a", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}");
}

/* What is left out must not swallow what is wanted, however broken it is. */
static void test_filter_refuses_what_may_hide_a_member(void **state)
{
	(void)state;
	const char *two = "two values without a comma between them";
	assert_filtered("a", "{\"b\":1 \"a\":2}", two);
	assert_filtered("a", "{\"b\":\"x\" \"a\":2}", two);
	assert_filtered("a", "{\"b\":{} \"a\":2}", two);
	assert_filtered("a", "{\"b\":true false,\"a\":2}", two);
	assert_filtered("a", "{\"b\",\"a\":2}", "a member without a value");
	assert_filtered("a", "{\"b\"}", "a member without a value");
	assert_filtered("a", "{\"\\u0061\":2}", "a member whose name is escaped or very long");
}

/* ---- Scan ---- */

static void test_scan_finds_whole_digests(void **state)
{
	(void)state;
	char hex[65];
	memset(hex, 'a', 64);
	hex[64] = '\0';
	static const struct {
		const char *before;
		const char *behind;
		bool found;
	} cases[] = {
		{"sha256:", "", true},
		{"repo@sha256:", "?x", true},
		{"{\"d\":\"sha256:", "\"}", true},
		{"a%3Asha256%3A", "", false},
		{"x/sha256%3A", "/y", true},
		{"/sha256-", ".sig", true},
		{"SHA256:", "", true},
		{"", "", false},
		{"sha256:", "a", false},
		{"sha256:", "z", false},
		{"xsha256:", "", false},
		{"sha256:a", "", false},
		{"sha512:", "", false},
		{"sha256", "", false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_at)
		char *text = memory_format("%s%s%s", cases[i].before, hex, cases[i].behind);
		struct digest digest;
		size_t at = 0;
		assert_int_equal(import_scan(text, strlen(text), &at, &digest), cases[i].found);
		if (cases[i].found) {
			assert_int_equal(digest.bytes[31], 0xAA);
			assert_false(import_scan(text, strlen(text), &at, &digest));
		}
	}
	CLEANUP(free_at) char *both = memory_format("sha256:%s sha256:%s", hex, hex);
	struct digest digest;
	size_t at = 0;
	assert_true(import_scan(both, strlen(both), &at, &digest));
	assert_true(import_scan(both, strlen(both), &at, &digest));
	assert_false(import_scan(both, strlen(both), &at, &digest));
	assert_int_equal(at, strlen(both));
}

/* ---- Fold ---- */

static struct digest digest_of_text(const char *text)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, text, strlen(text), &digest);
	return digest;
}

static struct internal_image row_of(const char *name, const char *top, const char *layer,
									enum severity severity)
{
	struct internal_image image = {.name = memory_copy_text(name)};
	struct digest digest = digest_of_text(top);
	struct digest loose = digest_of_text(layer);
	struct severities severities = {.os = severity};
	internal_image_add_top(&image, IDENTITY_MANIFEST, &digest);
	internal_image_add_top(&image, IDENTITY_LAYER, &loose);
	internal_image_raise_layer(&image, &loose, &severities);
	image.severities = severities;
	return image;
}

static int print_image(void *context, const struct internal_image *image, bool has_origin,
					   struct error *err)
{
	(void)has_origin;
	return buffer_add_format(context, err, "%s:%zu:%s:%zu:%s\n", image->name, image->top_count,
							 severity_name(image->severities.os), image->layer_severity_count,
							 severity_name(image->layer_severities[0].greatest.os));
}

static void test_rows_of_one_image_fold(void **state)
{
	(void)state;
	static const struct {
		const char *name, *top, *layer;
		enum severity severity;
	} rows[] = {
		{"a", "1", "x", SEVERITY_LOW},    {"b", "1", "x", SEVERITY_HIGH},
		{"a", "1", "x", SEVERITY_MEDIUM}, {"a", "2", "x", SEVERITY_LOW},
		{"a", "1", "y", SEVERITY_HIGH},   {"a", "1", "x", SEVERITY_NEGLIGIBLE},
	};
	struct import_fold *fold = import_fold_new();
	struct buffer out = BUFFER_INIT(4096);
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct internal_image image = row_of(rows[i].name, rows[i].top, rows[i].layer,
											 rows[i].severity);
		import_fold_add(fold, &image, false);
		assert_null(image.name);
	}
	assert_int_equal(import_fold_each(fold, print_image, &out, &err), 0);
	assert_string_equal(out.bytes, "a:3:high:2:medium\nb:2:high:1:high\na:2:low:1:low\n");
	buffer_clear(&out);
	import_fold_free(fold);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_of_a_file),
		cmocka_unit_test(test_paths_are_found_behind_a_prefix),
		cmocka_unit_test(test_filter_keeps_what_is_wanted),
		cmocka_unit_test(test_filter_refuses_what_may_hide_a_member),
		cmocka_unit_test(test_scan_finds_whole_digests),
		cmocka_unit_test(test_rows_of_one_image_fold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
