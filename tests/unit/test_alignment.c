#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "facts_maker.h"
#include "layerproof/alignment.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* A letter is a layer, a capital the same one compressed otherwise, a dot a well-known empty and a
 * colon one that only its reader knows as empty. */
static struct alignment_layer layer_of(char letter)
{
	bool is_capital = letter >= 'A' && letter <= 'Z';
	return (struct alignment_layer){
		.blob = blob_of(letter),
		.tar = tar_of(is_capital ? (char)(letter - 'A' + 'a') : letter),
		.is_empty = letter == ':',
	};
}

static void take_layers(const char *letters, struct alignment_layer *out)
{
	for (size_t i = 0; letters[i] != '\0'; i++)
		out[i] = layer_of(letters[i]);
}

static void write_line(const struct alignment_line *line, char *out, size_t size)
{
	char here[24] = "-";
	char there[24] = "-";
	if (line->here != SIZE_MAX)
		snprintf(here, sizeof(here), "%zu", line->here);
	if (line->there != SIZE_MAX)
		snprintf(there, sizeof(there), "%zu", line->there);
	snprintf(out + strlen(out), size - strlen(out), "%s%s %s %s", *out == '\0' ? "" : ", ", here,
			 there, alignment_relation_name(line->relation));
}

static void expect_of(const struct alignment_layer *here, size_t here_count,
					  const struct alignment_layer *there, size_t there_count, size_t content,
					  const char *expected)
{
	struct alignment alignment;
	char text[1024] = "";
	alignment_make(here, here_count, there, there_count, &alignment);
	for (size_t i = 0; i < alignment.count; i++)
		write_line(&alignment.lines[i], text, sizeof(text));
	assert_string_equal(text, expected);
	assert_int_equal(alignment.there_count, content);
	alignment_clear(&alignment);
	assert_null(alignment.lines);
}

/* `content`: how many layers there are more than nothing. */
static void expect_lines(const char *here, const char *there, size_t content, const char *expected)
{
	struct alignment_layer left[32];
	struct alignment_layer right[32];
	take_layers(here, left);
	take_layers(there, right);
	expect_of(left, strlen(here), right, strlen(there), content, expected);
}

static void test_equal_images(void **state)
{
	(void)state;
	expect_lines("abc", "abc", 3, "0 0 same, 1 1 same, 2 2 same");
	expect_lines("", "", 0, "");
}

static void test_nothing_in_common(void **state)
{
	(void)state;
	expect_lines("xy", "abc", 3, "- 0 missing, - 1 missing, - 2 missing, 0 - new, 1 - new");
	expect_lines("x", "", 0, "0 - new");
	expect_lines("", "a", 1, "- 0 missing");
}

static void test_a_layer_added_on_top(void **state)
{
	(void)state;
	expect_lines("abx", "ab", 2, "0 0 same, 1 1 same, 2 - new");
}

static void test_the_top_removed(void **state)
{
	(void)state;
	expect_lines("ab", "abc", 3, "0 0 same, 1 1 same, - 2 missing");
}

static void test_a_rebase(void **state)
{
	(void)state;
	expect_lines("xybc", "abc", 3, "- 0 missing, 0 - new, 1 - new, 2 1 same, 3 2 same");
}

static void test_a_graft(void **state)
{
	(void)state;
	expect_lines("xby", "abc", 3, "- 0 missing, 0 - new, 1 1 same, - 2 missing, 2 - new");
}

static void test_a_layer_replaced_in_the_middle(void **state)
{
	(void)state;
	expect_lines("axc", "abc", 3, "0 0 same, - 1 missing, 1 - new, 2 2 same");
}

static void test_recompressed(void **state)
{
	(void)state;
	expect_lines("aB", "ab", 2, "0 0 same, 1 1 recompressed");
	expect_lines("AxB", "ab", 2, "0 0 recompressed, 1 - new, 2 1 recompressed");
}

static void test_empties_stand_apart(void **state)
{
	(void)state;
	expect_lines("a.b", "ab..", 2, "0 0 same, 1 - empty, 2 1 same");
	expect_lines("a:b", "a:b", 2, "0 0 same, 1 - empty, 2 2 same");
	expect_lines("...", "..", 0, "0 - empty, 1 - empty, 2 - empty");
}

static void test_another_order(void **state)
{
	(void)state;
	expect_lines("bca", "abc", 3, "0 1 same, 1 2 same, 2 0 moved");
	expect_lines("ba", "ab", 2, "0 1 same, 1 0 moved");
	expect_lines("Ba", "ab", 2, "0 1 recompressed, 1 0 moved");
}

static void test_a_layer_repeated(void **state)
{
	(void)state;
	expect_lines("aab", "ab", 2, "0 0 same, 1 - new, 2 1 same");
	expect_lines("ab", "aab", 3, "0 0 same, - 1 missing, 1 2 same");
	expect_lines("cac", "ac", 2, "0 - new, 1 0 same, 2 1 same");
}

/* The longest common subsequence, not the first that comes along. */
static void test_the_longest_is_taken(void **state)
{
	(void)state;
	expect_lines("dabc", "abcd", 4, "0 3 moved, 1 0 same, 2 1 same, 3 2 same");
	expect_lines("abcbdab", "bdcaba", 6,
				 "0 3 moved, 1 0 same, 2 2 same, 3 4 same, 4 1 moved, 5 5 same, 6 - new");
}

/* An export that lists diff_ids as layers, an archive without blobs, a blob that is not compressed:
 * one layer, and nobody can say how it was compressed. */
static void test_names_of_another_kind(void **state)
{
	struct alignment_layer here = layer_of('a');
	struct alignment_layer there = {.blob = tar_of('a')};
	(void)state;
	expect_of(&here, 1, &there, 1, 1, "0 0 same");
	there = (struct alignment_layer){.tar = tar_of('a')};
	expect_of(&here, 1, &there, 1, 1, "0 0 same");
	here.blob = (struct digest){.algorithm = DIGEST_NONE};
	there = layer_of('a');
	expect_of(&here, 1, &there, 1, 1, "0 0 same");
	here = (struct alignment_layer){.blob = tar_of('a')};
	expect_of(&here, 1, &there, 1, 1, "0 0 recompressed");
	here = (struct alignment_layer){.is_empty = false};
	there = here;
	expect_of(&here, 1, &there, 1, 1, "- 0 missing, 0 - new");
}

static void test_as_many_as_there_may_be(void **state)
{
	struct alignment_layer *here = memory_alloc(LIMIT_LAYERS, sizeof(*here));
	struct alignment_layer *there = memory_alloc(LIMIT_LAYERS, sizeof(*there));
	struct alignment alignment;
	(void)state;
	for (size_t i = 0; i < LIMIT_LAYERS; i++) {
		here[i] = (struct alignment_layer){
			.tar = digest_of_text((char[]){(char)('a' + i % 26), (char)('a' + i / 26 % 26),
										   (char)('a' + i / 676), '\0'})};
		there[LIMIT_LAYERS - 1 - i] = here[i];
	}
	alignment_make(here, LIMIT_LAYERS, here, LIMIT_LAYERS, &alignment);
	assert_int_equal(alignment.count, LIMIT_LAYERS);
	for (size_t i = 0; i < LIMIT_LAYERS; i++)
		assert_int_equal(alignment.lines[i].relation, ALIGNMENT_SAME);
	alignment_clear(&alignment);
	alignment_make(here, LIMIT_LAYERS, there, LIMIT_LAYERS, &alignment);
	assert_int_equal(alignment.count, LIMIT_LAYERS);
	size_t in_order = 0;
	for (size_t i = 0; i < LIMIT_LAYERS; i++)
		in_order += alignment.lines[i].relation == ALIGNMENT_SAME;
	assert_int_equal(in_order, 1);
	alignment_clear(&alignment);
	free(here);
	free(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_images),
		cmocka_unit_test(test_nothing_in_common),
		cmocka_unit_test(test_a_layer_added_on_top),
		cmocka_unit_test(test_the_top_removed),
		cmocka_unit_test(test_a_rebase),
		cmocka_unit_test(test_a_graft),
		cmocka_unit_test(test_a_layer_replaced_in_the_middle),
		cmocka_unit_test(test_recompressed),
		cmocka_unit_test(test_empties_stand_apart),
		cmocka_unit_test(test_another_order),
		cmocka_unit_test(test_a_layer_repeated),
		cmocka_unit_test(test_the_longest_is_taken),
		cmocka_unit_test(test_names_of_another_kind),
		cmocka_unit_test(test_as_many_as_there_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
