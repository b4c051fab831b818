#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/image_index.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CHILD                                                                                      \
	"{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:" HEX64     \
	"\",\"size\":7,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}"

/* An index of as many equal children. */
static char *index_of(size_t children)
{
	static const char head[] = "{\"manifests\":[";
	size_t room = sizeof(head) + children * sizeof(CHILD) + 2;
	char *text = memory_alloc(room, 1);
	char *end = stpcpy(text, head);
	for (size_t i = 0; i < children; i++) {
		if (i > 0)
			end = stpcpy(end, ",");
		end = stpcpy(end, CHILD);
	}
	strcpy(end, "]}");
	return text;
}

static int parse_children(size_t children, struct image_index *out, struct error *err)
{
	char *text CLEANUP(free_at) = index_of(children);
	return image_index_parse(text, strlen(text), out, err);
}

static void test_reads_the_children_in_order(void **state)
{
	(void)state;
	static const char text[] = "{\"manifests\":[" CHILD
							   ",{\"mediaType\":\"x/y\",\"digest\":\"blake3:00\",\"size\":0}]}";
	struct error err = ERROR_INIT;
	struct image_index read CLEANUP(image_index_clear);
	assert_int_equal(image_index_parse(text, strlen(text), &read, &err), 0);
	assert_int_equal(read.count, 2);
	assert_string_equal(read.children[0].platform, "linux/amd64");
	assert_string_equal(read.children[1].media_type, "x/y");
	assert_string_equal(read.children[1].digest_text, "blake3:00");
}

static void test_may_be_empty_and_have_1000_children(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct image_index read CLEANUP(image_index_clear);
	assert_int_equal(parse_children(0, &read, &err), 0);
	assert_int_equal(read.count, 0);
	image_index_clear(&read);
	assert_int_equal(parse_children(LIMIT_INDEX_CHILDREN, &read, &err), 0);
	assert_int_equal(read.count, LIMIT_INDEX_CHILDREN);
}

static void test_refuses_1001_children(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct image_index read = {.count = 99};
	assert_int_equal(parse_children(LIMIT_INDEX_CHILDREN + 1, &read, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "index: 1001 manifests are more than 1000");
	assert_int_equal(read.count, 99);
}

struct refused_case {
	const char *text;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{"[]", "index: not an object"},
	{"{}", "index: manifests: is missing"},
	{"{\"manifests\":{}}", "index: manifests: not an array"},
	{"{\"manifests\":[7]}", "index: manifests[0]: not an object"},
	{"{\"manifests\":[" CHILD ",{}]}", "index: manifests[1].mediaType: is missing"},
	{"{\"manifests\":[],\"Manifests\":[]}",
	 "index: \"manifests\" is there more than once, in upper and lower case"},
};

static void test_refuses_with_the_member_that_offends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct error err = ERROR_INIT;
		struct image_index read = {.count = 99};
		assert_int_equal(image_index_parse(REFUSED[i].text, strlen(REFUSED[i].text), &read, &err),
						 -1);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_int_equal(read.count, 99);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_the_children_in_order),
		cmocka_unit_test(test_may_be_empty_and_have_1000_children),
		cmocka_unit_test(test_refuses_1001_children),
		cmocka_unit_test(test_refuses_with_the_member_that_offends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
