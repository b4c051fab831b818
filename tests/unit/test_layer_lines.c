#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/layer_lines.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

static void assert_lines(const struct layer_line *lines, size_t count, size_t columns, size_t most,
						 const char *expected)
{
	CLEANUP(free_at) char *text = layer_lines_format(lines, count, columns, most);
	assert_string_equal(text, expected);
}

static struct layer_line line_of(const char *content, int64_t read, int64_t size, uint64_t rate)
{
	struct layer_line line = {.read = read, .size = size, .per_second = rate};
	digest_of(DIGEST_SHA256, content, strlen(content), &line.digest);
	return line;
}

static void test_one_layer(void **state)
{
	(void)state;
	struct layer_line line = line_of("a", LIMIT_MIB(312), LIMIT_MIB(1248), 47500000);
	assert_lines(&line, 1, 100, 5, "sha256:ca978112ca1b  312.0 MiB of 1.2 GiB, 25%, 45.3 MiB/s");
	line = line_of("a", 0, LIMIT_MIB(8), 0);
	assert_lines(&line, 1, 100, 5, "sha256:ca978112ca1b  0 B of 8.0 MiB, 0%, 0 B/s");
	line = line_of("a", LIMIT_MIB(9), LIMIT_MIB(8), 1); /* more than was declared */
	assert_lines(&line, 1, 100, 5, "sha256:ca978112ca1b  9.0 MiB of 8.0 MiB, 100%, 1 B/s");
	line = line_of("a", LIMIT_MIB(9), -1, 1536);
	assert_lines(&line, 1, 100, 5, "sha256:ca978112ca1b  9.0 MiB, 1.5 KiB/s");
	line = line_of("a", LIMIT_GIB(1LL << 31), INT64_MAX, 0);
	assert_lines(&line, 1, 33, 5, "sha256:ca978112ca1b  2097152.0 Ti");
	digest_of(DIGEST_SHA512, "a", 1, &line.digest);
	assert_lines(&line, 1, 19, 5, "sha512:1f40fc92da24");
	line = (struct layer_line){.read = LIMIT_MIB(9), .size = LIMIT_MIB(18)};
	assert_lines(&line, 1, 100, 5, "9.0 MiB of 18.0 MiB, 50%, 0 B/s");
	line.size = -1;
	assert_lines(&line, 1, 100, 5, "9.0 MiB, 0 B/s");
}

static void test_many_layers(void **state)
{
	const struct layer_line lines[] = {line_of("a", 1, 2, 3), line_of("b", 2, 4, 5),
									   line_of("c", 3, 3, 7)};
	(void)state;
	assert_lines(lines, 0, 80, 5, "");
	assert_lines(lines, 3, 80, 3,
				 "sha256:ca978112ca1b  1 B of 2 B, 50%, 3 B/s\n"
				 "sha256:3e23e8160039  2 B of 4 B, 50%, 5 B/s\n"
				 "sha256:2e7d2c03a950  3 B of 3 B, 100%, 7 B/s");
	assert_lines(lines, 3, 80, 2, "sha256:ca978112ca1b  1 B of 2 B, 50%, 3 B/s\nand 2 more");
	assert_lines(lines, 3, 5, 1, "and 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_layer),
		cmocka_unit_test(test_many_layers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
