#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "layerproof/memory.h"
#include "net/table.h"

static int released;

static void release(void *value)
{
	released++;
	free(value);
}

static void test_walks_all_values(void **state)
{
	(void)state;
	struct table *table = table_new(2, free);
	size_t place = 0;
	const char *name = NULL;
	assert_null(table_next(table, &place, &name));
	table_set(table, "a", memory_copy_text("1"));
	table_set(table, "b", memory_copy_text("2"));
	table_set(table, "c", memory_copy_text("3"));
	table_remove(table, "b");
	place = 0;
	assert_string_equal(table_next(table, &place, &name), "3");
	assert_string_equal(name, "c");
	assert_null(table_next(table, &place, &name));
	table_free(table);
}

static void test_values_by_name(void **state)
{
	(void)state;
	released = 0;
	struct table *table = table_new(4, release);
	assert_null(table_get(table, "a"));
	table_set(table, "a", memory_copy_text("1"));
	table_set(table, "b", memory_copy_text("2"));
	table_set(table, "a", memory_copy_text("3"));
	assert_int_equal(released, 1);
	assert_string_equal(table_get(table, "a"), "3");
	assert_string_equal(table_get(table, "b"), "2");
	table_remove(table, "a");
	table_remove(table, "never there");
	assert_null(table_get(table, "a"));
	assert_int_equal(released, 2);
	table_free(table);
	assert_int_equal(released, 3);
}

static void test_the_oldest_makes_room(void **state)
{
	(void)state;
	released = 0;
	struct table *table = table_new(8, release);
	char name[32];
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "name %d", i);
		table_set(table, name, memory_copy_text(name));
	}
	assert_int_equal(released, 92);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "name %d", i);
		if (i < 92)
			assert_null(table_get(table, name));
		else
			assert_string_equal(table_get(table, name), name);
	}
	table_free(table);
	assert_int_equal(released, 100);
}

static void test_no_table(void **state)
{
	(void)state;
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks_all_values),
		cmocka_unit_test(test_values_by_name),
		cmocka_unit_test(test_the_oldest_makes_room),
		cmocka_unit_test(test_no_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
