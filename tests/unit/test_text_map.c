#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/text_map.h"

enum { MANY = 20000 };

static size_t name_of(uint32_t number, char out[static 32])
{
	return (size_t)snprintf(out, 32, "corp.example/app%u", number);
}

static void finds_each_of_many(void **state)
{
	CLEANUP(text_map_free_at) struct text_map *map = text_map_new(1 << 20);
	char name[32];
	uint32_t number;
	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		size_t size = name_of(i, name);
		assert_false(text_map_get(map, name, size, &number));
		text_map_put(map, name, size, i);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		size_t size = name_of(i, name);
		assert_true(text_map_get(map, name, size, &number));
		assert_int_equal(number, i);
		assert_false(text_map_get(map, name, size - 12, &number));
	}
}

static void tells_texts_by_their_size(void **state)
{
	CLEANUP(text_map_free_at) struct text_map *map = text_map_new(1 << 20);
	static const char zeros[8];
	uint32_t number;
	(void)state;
	for (uint32_t size = 0; size <= sizeof(zeros); size++)
		text_map_put(map, zeros, size, size);
	for (uint32_t size = 0; size <= sizeof(zeros); size++) {
		assert_true(text_map_get(map, zeros, size, &number));
		assert_int_equal(number, size);
	}
}

static void forgets_all_for_one_too_many(void **state)
{
	CLEANUP(text_map_free_at) struct text_map *map = text_map_new(10);
	uint32_t number;
	(void)state;
	text_map_put(map, "first", 5, 1);
	text_map_put(map, "other", 5, 2);
	assert_true(text_map_get(map, "first", 5, &number));
	text_map_put(map, "x", 1, 3);
	assert_false(text_map_get(map, "first", 5, &number));
	assert_false(text_map_get(map, "other", 5, &number));
	assert_true(text_map_get(map, "x", 1, &number));
	assert_int_equal(number, 3);
}

static void does_not_keep_what_is_too_long(void **state)
{
	CLEANUP(text_map_free_at) struct text_map *map = text_map_new(1 << 20);
	static char text[1 << 16];
	uint32_t number;
	(void)state;
	text_map_put(map, text, sizeof(text), 1);
	assert_false(text_map_get(map, text, sizeof(text), &number));
	text_map_put(map, text, sizeof(text) - 1, 2);
	assert_true(text_map_get(map, text, sizeof(text) - 1, &number));
	assert_int_equal(number, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_of_many),
		cmocka_unit_test(tells_texts_by_their_size),
		cmocka_unit_test(forgets_all_for_one_too_many),
		cmocka_unit_test(does_not_keep_what_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
