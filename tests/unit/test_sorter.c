/*
 * Records come back in the order of their bytes, whether all are held or most wait on disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/index/sorter.h"
#include "../../src/index/spill.h"

enum { RECORD_SIZE = 12 };

/* Few different values, so that there are equal ones, some alike in their first bytes. */
static void write_record(uint8_t *at, uint32_t *state)
{
	for (size_t i = 0; i < RECORD_SIZE; i++) {
		*state = *state * 1664525 + 1013904223;
		at[i] = (uint8_t)(i < 4 ? 0 : *state >> 24 & 3);
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, RECORD_SIZE);
}

static void assert_sorts(size_t count, size_t memory)
{
	CLEANUP(sorter_free_at) struct sorter *sorter = sorter_new(RECORD_SIZE, memory);
	uint8_t *expected = memory_alloc(count + 1, RECORD_SIZE);
	uint32_t state = 7;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < count; i++) {
		write_record(expected + i * RECORD_SIZE, &state);
		memcpy(sorter_add(sorter), expected + i * RECORD_SIZE, RECORD_SIZE);
	}
	qsort(expected, count, RECORD_SIZE, compare);
	for (int turn = 0; turn < 2; turn++) {
		sorter_rewind(sorter);
		for (size_t i = 0; i < count; i++) {
			const uint8_t *record = sorter_next(sorter);
			assert_non_null(record);
			assert_memory_equal(record, expected + i * RECORD_SIZE, RECORD_SIZE);
		}
		assert_null(sorter_next(sorter));
		assert_null(sorter_next(sorter));
		assert_int_equal(sorter_check(sorter, &err), 0);
	}
	free(expected);
}

static void test_records_are_sorted(void **state)
{
	(void)state;
	static const size_t counts[] = {0, 1, 2, 24, 25, 1000, 20000};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_sorts(counts[i], 0);
		assert_sorts(counts[i], 1);
		assert_sorts(counts[i], 12345);
		assert_sorts(counts[i], 1 << 20);
	}
}

/* A file larger than may be written is the disk's failure too. */
static void test_a_failing_disk_is_told(void **state)
{
	(void)state;
	const char *before = getenv("TMPDIR");
	CLEANUP(free_at) char *held = before ? memory_copy_text(before) : NULL;
	CLEANUP(sorter_free_at) struct sorter *sorter = sorter_new(RECORD_SIZE, 1);
	struct error err = ERROR_INIT;

	setenv("TMPDIR", "/no/such/directory", 1);
	for (int i = 0; i < 100; i++)
		memset(sorter_add(sorter), i, RECORD_SIZE);
	sorter_rewind(sorter);
	assert_null(sorter_next(sorter));
	assert_int_equal(sorter_check(sorter, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text,
						"a temporary file in /no/such/directory: No such file or directory");
	if (held)
		setenv("TMPDIR", held, 1);
	else
		unsetenv("TMPDIR");
}

static void test_a_spill_gives_back_what_was_written(void **state)
{
	(void)state;
	struct spill spill = {.file = 0};
	struct error err = ERROR_INIT;
	char text[8] = "";

	assert_int_equal(spill_read(&spill, 0, text, sizeof(text)), 0);
	spill_write(&spill, "abc", 3);
	spill_write(&spill, "defg", 4);
	assert_int_equal(spill.size, 7);
	assert_int_equal(spill_read(&spill, 2, text, 3), 3);
	assert_memory_equal(text, "cde", 3);
	assert_int_equal(spill_read(&spill, 5, text, 8), 2);
	assert_memory_equal(text, "fg", 2);
	assert_int_equal(spill_read(&spill, 7, text, 8), 0);
	assert_int_equal(spill_check(&spill, &err), 0);
	spill_close(&spill);
	assert_int_equal(spill.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_are_sorted),
		cmocka_unit_test(test_a_failing_disk_is_told),
		cmocka_unit_test(test_a_spill_gives_back_what_was_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
