#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/chain_id.h"

/* Of the empty tar, and of two and three of them, computed with sha256sum from the formula. */
#define EMPTY_TAR  "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
#define CHAIN_OF_2 "sha256:170b376f64fb30995c140276be3d71dfb256b308d86183ca3b22aa93a79ad548"
#define CHAIN_OF_3 "sha256:7800f80a93336d416612f372faa5f69eb67b353ce6ae9535fa0848f8784c74b1"

/* Of an empty tar, and above it the SHA-512 of no bytes. */
#define EMPTY_SHA512                                                                               \
	"sha512:"                                                                                      \
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"                             \
	"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
#define CHAIN_OF_MIXED "sha256:0343925b371ab629623485e7ae61ea42a2c1b0609d0fe9bd67f6fd4e11943247"

static void check(const char *const *diff_ids, const char *const *expected, size_t count)
{
	struct error err = ERROR_INIT;
	struct digest stack[4] = {{.algorithm = DIGEST_NONE}};
	struct digest chain[4] = {{.algorithm = DIGEST_NONE}};
	for (size_t i = 0; i < count; i++)
		assert_int_equal(digest_parse(diff_ids[i], &stack[i], &err), 0);
	chain_id_compute(stack, count, chain);
	for (size_t i = 0; i < count; i++) {
		char text[DIGEST_TEXT_SIZE];
		assert_string_equal(digest_format(&chain[i], text), expected[i]);
	}
	assert_false(digest_is_set(&chain[count]));
}

static void test_each_layer_hashes_the_chain_below_it(void **state)
{
	(void)state;
	const char *const diff_ids[] = {EMPTY_TAR, EMPTY_TAR, EMPTY_TAR};
	const char *const expected[] = {EMPTY_TAR, CHAIN_OF_2, CHAIN_OF_3};
	check(diff_ids, expected, 3);
}

static void test_the_full_text_of_another_algorithm_is_hashed(void **state)
{
	(void)state;
	const char *const diff_ids[] = {EMPTY_TAR, EMPTY_SHA512};
	const char *const expected[] = {EMPTY_TAR, CHAIN_OF_MIXED};
	check(diff_ids, expected, 2);
}

static void test_no_layers_have_no_chain(void **state)
{
	(void)state;
	check(NULL, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_layer_hashes_the_chain_below_it),
		cmocka_unit_test(test_the_full_text_of_another_algorithm_is_hashed),
		cmocka_unit_test(test_no_layers_have_no_chain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
