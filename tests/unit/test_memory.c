#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "layerproof/memory.h"

static void test_allocates_zeroed_memory_even_for_nothing(void **state)
{
	static const size_t sizes[][2] = {{4, 16}, {1, 1}, {0, 16}, {16, 0}, {0, 0}};
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CLEANUP(free_at) char *memory = memory_alloc(sizes[i][0], sizes[i][1]);
		assert_non_null(memory);
		for (size_t at = 0; at < sizes[i][0] * sizes[i][1]; at++)
			assert_int_equal(memory[at], 0);
	}
}

static void test_pages_begin_with_a_page(void **state)
{
	static const size_t sizes[] = {1, 4096, 262144};
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CLEANUP(free_at) char *pages = memory_alloc_pages(sizes[i]);
		assert_int_equal((uintptr_t)pages % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
		memset(pages, 1, sizes[i]);
	}
}

static void test_resizes_down_to_nothing(void **state)
{
	(void)state;
	char *memory = memory_resize(NULL, 4, 1);
	memcpy(memory, "abc", 4);
	memory = memory_resize(memory, 4096, 2);
	assert_string_equal(memory, "abc");
	memory = memory_resize(memory, 0, 1);
	assert_non_null(memory);
	memory = memory_resize(memory, 1, 0);
	assert_non_null(memory);
	free(memory);
}

static void test_grows_by_doubling(void **state)
{
	(void)state;
	CLEANUP(free_at) uint32_t *array = NULL;
	size_t capacity = 0;
	for (uint32_t used = 0; used < 1000; used++) {
		const uint32_t *before = array;
		size_t room = capacity;
		array = memory_grow(array, used, &capacity, sizeof(*array));
		if (used < room)
			assert_ptr_equal(array, before);
		array[used] = used;
	}
	assert_int_equal(capacity, 1024);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
}

static void test_copies_texts(void **state)
{
	(void)state;
	assert_null(memory_copy_text(NULL));
	CLEANUP(free_at) char *text = memory_copy_text("layer");
	CLEANUP(free_at) char *empty = memory_copy_text("");
	CLEANUP(free_at) char *span = memory_copy_span("layer\0proof", 11);
	CLEANUP(free_at) char *nothing = memory_copy_span(NULL, 0);
	assert_string_equal(text, "layer");
	assert_string_equal(empty, "");
	assert_memory_equal(span, "layer\0proof", 12);
	assert_string_equal(nothing, "");
}

static void test_formats_text_of_any_length(void **state)
{
	(void)state;
	CLEANUP(free_at) char *text = memory_format("%s: %d", "line", 3);
	CLEANUP(free_at) char *wide = memory_format("%5000d", 7);
	assert_string_equal(text, "line: 3");
	assert_int_equal(strlen(wide), 5000);
}

static void test_steal_leaves_null(void **state)
{
	(void)state;
	char *held = memory_copy_text("layer");
	CLEANUP(free_at) char *taken = STEAL(held);
	assert_null(held);
	assert_string_equal(taken, "layer");
}

static int released;

static void count_release(int *held)
{
	released += *held;
}

static void test_cleanup_runs_at_the_end_of_the_scope(void **state)
{
	(void)state;
	{
		CLEANUP(count_release) int held = 41;
		held++;
		assert_int_equal(released, 0);
	}
	assert_int_equal(released, 42);
}

/* Sanitizers themselves end a program that asks their allocator for too much. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ALLOCATOR_REFUSES
#endif

#ifdef ALLOCATOR_REFUSES
static void ask_for_too_much(bool grown)
{
	free(grown ? memory_resize(NULL, SIZE_MAX / 2, 4) : memory_alloc(SIZE_MAX / 2, 4));
}

static void test_ends_the_process_where_there_is_no_memory(void **state)
{
	(void)state;
	for (int grown = 0; grown < 2; grown++) {
		int ends[2];
		int status = 0;
		char text[64] = "";
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			dup2(ends[1], STDERR_FILENO);
			ask_for_too_much(grown != 0);
			_exit(0);
		}
		close(ends[1]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 2);
		assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
		assert_string_equal(text, "layerproof: out of memory\n");
		close(ends[0]);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocates_zeroed_memory_even_for_nothing),
		cmocka_unit_test(test_pages_begin_with_a_page),
		cmocka_unit_test(test_resizes_down_to_nothing),
		cmocka_unit_test(test_grows_by_doubling),
		cmocka_unit_test(test_copies_texts),
		cmocka_unit_test(test_formats_text_of_any_length),
		cmocka_unit_test(test_steal_leaves_null),
		cmocka_unit_test(test_cleanup_runs_at_the_end_of_the_scope),
#ifdef ALLOCATOR_REFUSES
		cmocka_unit_test(test_ends_the_process_where_there_is_no_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
