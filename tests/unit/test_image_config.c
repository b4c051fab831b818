#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/image_config.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ROOTFS                                                                                     \
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX_A "\",\"sha256:" HEX_B "\"]}"

static int parse(const char *text, struct image_config *out, struct error *err)
{
	return image_config_parse(text, strlen(text), out, err);
}

static void parse_legal(const char *text, struct image_config *out)
{
	struct error err = ERROR_INIT;
	if (parse(text, out, &err) != 0)
		fail_msg("%s: %s", text, err.text);
}

static void test_reads_what_an_image_declares(void **state)
{
	(void)state;
	struct image_config read CLEANUP(image_config_clear);
	parse_legal(
		"{\"created\":\"2026-01-02T03:04:05Z\",\"os\":\"linux\",\"architecture\":\"arm64\","
		"\"variant\":\"v8\"," ROOTFS ",\"config\":{\"Labels\":{\"b\":\"2\",\"a\":\"1\"}},"
		"\"history\":[{\"created_by\":\"ADD\"},{\"created_by\":\"ENV\",\"empty_layer\":true},"
		"{\"created_by\":\"COPY\",\"empty_layer\":false}]}",
		&read);
	assert_string_equal(read.created, "2026-01-02T03:04:05Z");
	assert_string_equal(read.platform, "linux/arm64/v8");
	assert_int_equal(read.diff_id_count, 2);
	assert_int_equal(read.diff_ids[0].bytes[0], 0xaa);
	assert_int_equal(read.diff_ids[1].bytes[31], 0xbb);
	assert_int_equal(read.label_count, 2);
	assert_string_equal(read.labels[0].name, "b");
	assert_string_equal(read.labels[0].value, "2");
	assert_string_equal(read.labels[1].name, "a");
	assert_int_equal(read.history_count, 3);
	assert_true(read.history[1].empty_layer);
	assert_string_equal(image_config_layer_history(&read, 0)->created_by, "ADD");
	assert_string_equal(image_config_layer_history(&read, 1)->created_by, "COPY");
	assert_null(image_config_layer_history(&read, 2));
}

static void test_rootfs_alone_is_enough(void **state)
{
	(void)state;
	struct image_config read CLEANUP(image_config_clear);
	parse_legal("{" ROOTFS "}", &read);
	assert_null(read.platform);
	assert_null(read.created);
	assert_int_equal(read.label_count, 0);
	assert_int_equal(read.history_count, 0);
	assert_null(image_config_layer_history(&read, 0));
}

static void test_history_that_does_not_line_up_belongs_to_no_layer(void **state)
{
	(void)state;
	struct image_config shorter CLEANUP(image_config_clear);
	parse_legal("{" ROOTFS ",\"history\":[{\"created_by\":\"ADD\"}]}", &shorter);
	assert_int_equal(shorter.history_count, 1);
	assert_null(image_config_layer_history(&shorter, 0));
	struct image_config longer CLEANUP(image_config_clear);
	parse_legal("{" ROOTFS ",\"history\":[{},{},{}]}", &longer);
	assert_null(image_config_layer_history(&longer, 0));
}

/* What of the odd kinds is left: the number of history entries and of labels. */
struct odd_case {
	const char *members;
	size_t history;
	size_t labels;
};

static const struct odd_case ODD[] = {
	{"\"history\":{}", 0, 0},
	{"\"history\":[7]", 0, 0},
	{"\"history\":[{},{\"empty_layer\":\"yes\"}]", 0, 0},
	{"\"history\":[{\"created_by\":7},{}]", 2, 0},
	{"\"history\":null", 0, 0},
	{"\"config\":7", 0, 0},
	{"\"config\":null", 0, 0},
	{"\"config\":{\"Labels\":[]}", 0, 0},
	{"\"config\":{\"Labels\":null}", 0, 0},
	{"\"config\":{\"Labels\":{\"a\":1,\"b\":\"2\",\"c\":null}}", 0, 1},
	{"\"created\":7", 0, 0},
};

static void test_odd_history_and_labels_are_no_reason_to_refuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ODD) / sizeof(ODD[0]); i++) {
		char *text CLEANUP(free_at) = memory_format("{" ROOTFS ",%s}", ODD[i].members);
		struct image_config read CLEANUP(image_config_clear);
		parse_legal(text, &read);
		assert_int_equal(read.diff_id_count, 2);
		assert_int_equal(read.history_count, ODD[i].history);
		assert_int_equal(read.label_count, ODD[i].labels);
		assert_null(read.created);
	}
}

struct refused_case {
	const char *text;
	enum error_code code;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{"[]", ERROR_MALFORMED, "config: not an object"},
	{"{}", ERROR_MALFORMED, "config: rootfs: is missing"},
	{"{\"rootfs\":[]}", ERROR_MALFORMED, "config: rootfs: not an object"},
	{"{\"rootfs\":{\"diff_ids\":[]}}", ERROR_MALFORMED, "config: rootfs.type: is missing"},
	{"{\"rootfs\":{\"type\":\"windows\",\"diff_ids\":[]}}", ERROR_MALFORMED,
	 "config: rootfs: type is not \"layers\""},
	{"{\"rootfs\":{\"type\":\"layers\"}}", ERROR_MALFORMED, "config: rootfs.diff_ids: is missing"},
	{"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[7]}}", ERROR_MALFORMED,
	 "config: rootfs.diff_ids[0]: not a string"},
	{"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX_A "\",\"sha256:AA\"]}}",
	 ERROR_MALFORMED,
	 "config: rootfs.diff_ids[1]: a sha256 digest has 64 hexadecimal digits, not 2"},
	{"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"blake3:" HEX_A "\"]}}", ERROR_UNSUPPORTED,
	 "config: rootfs.diff_ids[0]: a blake3 digest cannot be verified here"},
	{"{" ROOTFS ",\"RootFS\":{}}", ERROR_MALFORMED,
	 "config: \"rootfs\" is there more than once, in upper and lower case"},
	{"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[],\"Diff_IDs\":[]}}", ERROR_MALFORMED,
	 "config: rootfs: \"diff_ids\" is there more than once, in upper and lower case"},
	{"{" ROOTFS ",\"config\":{\"Labels\":{},\"labels\":{}}}", ERROR_MALFORMED,
	 "config: config: \"Labels\" is there more than once, in upper and lower case"},
	{"{" ROOTFS ",\"os\":7}", ERROR_MALFORMED, "config: os: not a string"},
};

static void test_refuses_with_the_member_that_offends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		struct image_config read = {.diff_id_count = 99};
		assert_int_equal(parse(REFUSED[i].text, &read, &err), -1);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, REFUSED[i].code);
		assert_int_equal(read.diff_id_count, 99);
	}
}

/* `{HEAD}[ITEM,ITEM...]{TAIL}` */
static char *repeat(const char *head, const char *item, size_t count, const char *tail)
{
	char *text = memory_alloc(strlen(head) + count * (strlen(item) + 1) + strlen(tail) + 3, 1);
	char *end = stpcpy(stpcpy(text, head), "[");
	for (size_t i = 0; i < count; i++)
		end = stpcpy(stpcpy(end, i == 0 ? "" : ","), item);
	stpcpy(stpcpy(end, "]"), tail);
	return text;
}

static int parse_diff_ids(size_t count, struct image_config *out, struct error *err)
{
	char *text CLEANUP(free_at) = repeat(
		"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":", "\"sha256:" HEX_A "\"", count, "}}");
	return parse(text, out, err);
}

static void test_at_most_1000_diff_ids(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct image_config read CLEANUP(image_config_clear);
	assert_int_equal(parse_diff_ids(LIMIT_LAYERS, &read, &err), 0);
	assert_int_equal(read.diff_id_count, LIMIT_LAYERS);
	assert_int_equal(parse_diff_ids(LIMIT_LAYERS + 1, &read, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "config: 1001 diff_ids are more than 1000");
}

static size_t history_left_of(size_t count)
{
	char *text CLEANUP(free_at) = repeat("{" ROOTFS ",\"history\":", "{}", count, "}");
	struct image_config read CLEANUP(image_config_clear);
	parse_legal(text, &read);
	return read.history_count;
}

static void test_a_longer_history_is_left_unread(void **state)
{
	(void)state;
	assert_int_equal(history_left_of(LIMIT_HISTORY), LIMIT_HISTORY);
	assert_int_equal(history_left_of(LIMIT_HISTORY + 1), 0);
}

static void test_a_short_list_of_diff_ids_is_refused(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct image_config read CLEANUP(image_config_clear);
	parse_legal("{" ROOTFS "}", &read);
	assert_int_equal(image_config_check_layers(&read, 2, &err), 0);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(image_config_check_layers(&read, 3, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_string_equal(err.text, "config: 2 diff_ids for 3 layers");
	assert_int_equal(image_config_check_layers(&read, 1, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_an_image_declares),
		cmocka_unit_test(test_rootfs_alone_is_enough),
		cmocka_unit_test(test_history_that_does_not_line_up_belongs_to_no_layer),
		cmocka_unit_test(test_odd_history_and_labels_are_no_reason_to_refuse),
		cmocka_unit_test(test_refuses_with_the_member_that_offends),
		cmocka_unit_test(test_at_most_1000_diff_ids),
		cmocka_unit_test(test_a_longer_history_is_left_unread),
		cmocka_unit_test(test_a_short_list_of_diff_ids_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
