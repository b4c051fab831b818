#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/buffer.h"
#include "layerproof/memory.h"

static void test_starts_without_memory(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(10);
	struct error err = ERROR_INIT;
	assert_null(buffer.bytes);
	assert_int_equal(buffer.size, 0);
	buffer_reset(&buffer);
	assert_null(buffer.bytes);
	assert_int_equal(buffer_add(&buffer, NULL, 0, &err), 0);
	assert_string_equal(buffer.bytes, "");
	assert_int_equal(err.code, ERROR_NONE);
}

static void test_takes_its_maximum_exactly(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(10);
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add(&buffer, "01234", 5, &err), 0);
	assert_int_equal(buffer_add(&buffer, "567890", 6, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "more than 10 bytes");
	assert_string_equal(buffer.bytes, "01234");
	assert_int_equal(buffer_add(&buffer, "56789", 5, &err), 0);
	assert_string_equal(buffer.bytes, "0123456789");
	assert_int_equal(buffer.size, 10);
	assert_int_equal(buffer_add(&buffer, "", 0, &err), 0);
	assert_int_equal(buffer_add(&buffer, "x", 1, &err), -1);
	assert_int_equal(buffer_add(&buffer, "x", SIZE_MAX, &err), -1);
	assert_string_equal(buffer.bytes, "0123456789");
}

static void test_a_maximum_of_nothing_takes_nothing(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(0);
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add(&buffer, "", 0, &err), 0);
	assert_int_equal(buffer_add(&buffer, "x", 1, &err), -1);
	assert_string_equal(err.text, "more than 0 bytes");
}

static void test_never_holds_more_memory_than_its_maximum(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(1000);
	struct error err = ERROR_INIT;
	for (int i = 0; i < 1000; i++) {
		char byte = (char)('a' + i % 26);
		assert_int_equal(buffer_add(&buffer, &byte, 1, &err), 0);
		assert_true(buffer.capacity > buffer.size);
		assert_true(buffer.capacity <= 1001);
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buffer.bytes[i], 'a' + i % 26);
}

static void test_formats_at_the_end(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(12);
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add_format(&buffer, &err, "%s=%d", "layer", 7), 0);
	assert_int_equal(buffer_add_format(&buffer, &err, "&%s", "sizes"), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_string_equal(err.text, "more than 12 bytes");
	assert_string_equal(buffer.bytes, "layer=7");
	assert_int_equal(buffer_add_format(&buffer, &err, "&%s", "size"), 0);
	assert_string_equal(buffer.bytes, "layer=7&size");
}

static void test_reset_keeps_memory_and_clear_frees_it(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(10);
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add(&buffer, "layer", 5, &err), 0);
	const char *memory = buffer.bytes;
	buffer_reset(&buffer);
	assert_int_equal(buffer.size, 0);
	assert_ptr_equal(buffer.bytes, memory);
	assert_string_equal(buffer.bytes, "");
	assert_int_equal(buffer_add(&buffer, "0123456789", 10, &err), 0);
	buffer_clear(&buffer);
	assert_null(buffer.bytes);
	assert_int_equal(buffer.capacity, 0);
	assert_int_equal(buffer.maximum, 10);
	assert_int_equal(buffer_add(&buffer, "again", 5, &err), 0);
	assert_string_equal(buffer.bytes, "again");
}

static void test_steal_hands_on_the_bytes(void **state)
{
	(void)state;
	CLEANUP(buffer_clear) struct buffer buffer = BUFFER_INIT(10);
	struct error err = ERROR_INIT;
	CLEANUP(free_at) char *nothing = buffer_steal(&buffer);
	assert_string_equal(nothing, "");
	assert_int_equal(buffer_add(&buffer, "a\0b", 3, &err), 0);
	CLEANUP(free_at) char *bytes = buffer_steal(&buffer);
	assert_memory_equal(bytes, "a\0b", 4);
	assert_null(buffer.bytes);
	assert_int_equal(buffer.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_without_memory),
		cmocka_unit_test(test_takes_its_maximum_exactly),
		cmocka_unit_test(test_a_maximum_of_nothing_takes_nothing),
		cmocka_unit_test(test_never_holds_more_memory_than_its_maximum),
		cmocka_unit_test(test_formats_at_the_end),
		cmocka_unit_test(test_reset_keeps_memory_and_clear_frees_it),
		cmocka_unit_test(test_steal_hands_on_the_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
