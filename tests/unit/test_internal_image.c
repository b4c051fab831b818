#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layerproof/internal_image.h"
#include "layerproof/memory.h"

static struct digest digest_of_text(const char *text)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, text, strlen(text), &digest);
	return digest;
}

static void test_origins_have_names_that_parse_back(void **state)
{
	(void)state;
	static const char *const names[] = {"unknown", "ours", "third_party", "public"};
	for (int i = ORIGIN_UNKNOWN; i <= ORIGIN_PUBLIC; i++) {
		enum origin parsed = ORIGIN_UNKNOWN;
		assert_string_equal(origin_name((enum origin)i), names[i]);
		assert_int_equal(origin_parse(names[i], &parsed), 0);
		assert_int_equal(parsed, i);
	}
}

static void test_unknown_names_are_no_origin(void **state)
{
	(void)state;
	enum origin parsed = ORIGIN_PUBLIC;
	assert_int_equal(origin_parse("Ours", &parsed), -1);
	assert_int_equal(origin_parse("", &parsed), -1);
	assert_int_equal(parsed, ORIGIN_PUBLIC);
	assert_string_equal(origin_name((enum origin)77), "unknown");
}

static void test_identities_have_names(void **state)
{
	(void)state;
	static const char *const names[IDENTITY_COUNT] = {"index",   "manifest", "config", "layer",
													  "diff_id", "chain_id", "file",   "image"};
	for (int i = 0; i < IDENTITY_COUNT; i++)
		assert_string_equal(identity_name((enum identity)(1 << i)), names[i]);
	assert_string_equal(identity_name((enum identity)(IDENTITY_LAYER | IDENTITY_FILE)), "unknown");
	assert_string_equal(identity_name((enum identity)0), "unknown");
}

static void test_a_top_is_added_once_for_each_identity(void **state)
{
	(void)state;
	struct internal_image image CLEANUP(internal_image_clear) = {.name = NULL};
	struct digest a = digest_of_text("a");
	struct digest b = digest_of_text("b");
	internal_image_add_top(&image, IDENTITY_MANIFEST, &a);
	internal_image_add_top(&image, IDENTITY_MANIFEST, &a);
	internal_image_add_top(&image, IDENTITY_IMAGE, &a);
	internal_image_add_top(&image, IDENTITY_MANIFEST, &b);
	assert_int_equal(image.top_count, 3);
	assert_int_equal(image.tops[1].identity, IDENTITY_IMAGE);
	assert_true(digest_equal(&image.tops[2].digest, &b));
}

static void test_layers_keep_their_places(void **state)
{
	(void)state;
	struct internal_image image CLEANUP(internal_image_clear) = {.name = NULL};
	struct digest a = digest_of_text("a");
	struct digest b = digest_of_text("b");
	internal_image_add_layer(&image, &a);
	internal_image_add_layer(&image, &b);
	internal_image_add_layer(&image, &a);
	internal_image_add_diff_id(&image, &b);
	assert_int_equal(image.layer_count, 3);
	assert_true(digest_equal(&image.layers[2], &a));
	assert_int_equal(image.diff_id_count, 1);
	assert_true(digest_equal(&image.diff_ids[0], &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origins_have_names_that_parse_back),
		cmocka_unit_test(test_unknown_names_are_no_origin),
		cmocka_unit_test(test_identities_have_names),
		cmocka_unit_test(test_a_top_is_added_once_for_each_identity),
		cmocka_unit_test(test_layers_keep_their_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
