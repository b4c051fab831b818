#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "index/prefix.h"
#include "index/record_image.h"
#include "index_fixture.h"

static void test_a_commit_that_fails_midway_changes_nothing(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index_outcome outcome;
	uint8_t key[RECORD_KEY_MAX];
	struct digest layer = named("ba");
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "a", ORIGIN_OURS, "m", "a");
	size_t size = record_write_key(&layer, key);
	damage(index, DATABASE_DIGESTS, (struct store_bytes){key, size}, "damage", 6);
	char id[INDEX_ID_SIZE];
	strcpy(id, snapshot_id(index));

	struct index_batch *batch = index_batch_new(0);
	add(batch, "b", ORIGIN_OURS, "m2", "a");
	assert_int_equal(index_commit(index, batch, NULL, &outcome, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a digest");
	assert_string_equal(snapshot_id(index), id);
	struct index_statistics stat = statistics(index);
	assert_int_equal(stat.images, 1);
	assert_int_equal(stat.digests, 3);
	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "m2", 0, ORIGIN_UNKNOWN, 0);
	index_snapshot_end(snapshot);

	static const uint8_t MENDED[] = {IDENTITY_LAYER, ORIGIN_OURS | 1 << 2, 0, 0, 0, 0};
	damage(index, DATABASE_DIGESTS, (struct store_bytes){key, size}, MENDED, sizeof(MENDED));
	assert_int_equal(commit(index, batch, NULL).images_new, 1);
	index_close(index);
}

static int ignore_image(void *context, uint32_t number, const struct internal_image *image)
{
	(void)context;
	(void)number;
	(void)image;
	return 0;
}

static int ignore_source(void *context, const struct index_source *source)
{
	(void)context;
	(void)source;
	return 0;
}

static void test_damaged_records_are_named(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index_entry entry;
	struct internal_image image = {.name = NULL};
	struct boundary boundary;
	uint8_t key[RECORD_KEY_MAX];
	uint8_t number[RECORD_NUMBER_SIZE];
	uint32_t holders[4];
	struct index *index = open_index(INDEX_WRITE);
	import(index, "cspm", "file");
	commit_one(index, "r/b", ORIGIN_OURS, "m2", "ab");

	struct digest digest = named("m2");
	size_t size = record_write_key(&digest, key);
	damage(index, DATABASE_DIGESTS, (struct store_bytes){key, size}, "123456789", 9);
	record_write_number(1, number);
	damage(index, DATABASE_IMAGES, (struct store_bytes){number, sizeof(number)}, "xyz", 3);
	damage(index, DATABASE_SOURCES, (struct store_bytes){number, sizeof(number)}, "xyz", 3);
	struct digest bottom = named("da");
	prefix_write_key(PREFIX_DIFF_IDS, &bottom, key);
	damage(index, DATABASE_PREFIXES, (struct store_bytes){key, PREFIX_KEY_SIZE}, "\xff", 1);

	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_find(snapshot, &digest, &entry, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a digest");
	assert_int_equal(index_holders(snapshot, &digest, holders, 4, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a digest");
	assert_int_equal(index_image(snapshot, 1, &image, &err), -1);
	check_error(&err, ERROR_MALFORMED, "image 1: damaged record of an image");
	assert_int_equal(index_each_image(snapshot, ignore_image, NULL, &err), -1);
	check_error(&err, ERROR_MALFORMED, "image 1: damaged record of an image");
	assert_int_equal(index_each_source(snapshot, ignore_source, NULL, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a source");
	assert_int_equal(index_image(snapshot, 0, &image, &err), 1);
	assert_int_equal(index_boundary(snapshot, &image, false, &boundary, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a stack of layers");
	internal_image_clear(&image);
	index_snapshot_end(snapshot);

	damage(index, DATABASE_META, index_text_key("state"), "x", 1);
	assert_null(index_snapshot_begin(index, &err));
	check_error(&err, ERROR_MALFORMED, "damaged record of the state");
	damage(index, DATABASE_META, index_text_key("state"), NULL, 0);
	assert_null(index_snapshot_begin(index, &err));
	check_error(&err, ERROR_MALFORMED, "damaged: the state is missing");
	index_close(index);
}

static void test_an_image_that_is_gone_is_damage(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct internal_image image = {.name = NULL};
	struct boundary boundary;
	uint8_t number[RECORD_NUMBER_SIZE];
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/a", ORIGIN_OURS, "m", "ab");

	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_holder(snapshot, 0, false, &image, &boundary, &err), 0);
	assert_string_equal(image.name, "r/a");
	assert_int_equal(boundary.reason, BOUNDARY_FIRST_LAYER);
	internal_image_clear(&image);
	index_snapshot_end(snapshot);

	record_write_number(0, number);
	damage(index, DATABASE_IMAGES, (struct store_bytes){number, sizeof(number)}, NULL, 0);
	snapshot = begin(index);
	assert_int_equal(index_holder(snapshot, 0, false, &image, &boundary, &err), -1);
	check_error(&err, ERROR_MALFORMED, "image 0 is named by a digest but is not there");
	index_snapshot_end(snapshot);
	index_close(index);
}

/* Every cut of a good record is refused, and every bit of it changed is refused or read. */
static void test_no_damage_to_an_image_record_crashes(void **state)
{
	(void)state;
	static const uint8_t CONTENT[] = "\x2d\x03\x02:1\x00\x01\x05\x01\x02\x02"
									 "\x02"
									 "aaaaaa"
									 "bbbbbb"
									 "cccccc"
									 "dddddd"
									 "eeeeee";
	static const uint8_t MENTIONS[] = "\x02\x00\x07\x00\x01\x09\x0f\x02\x01\x34\x01\x02\x45";
	uint8_t bytes[sizeof(CONTENT) + sizeof(MENTIONS) - 2];
	struct record_image view;
	memcpy(bytes, CONTENT, sizeof(CONTENT) - 1);
	memcpy(bytes + sizeof(CONTENT) - 1, MENTIONS, sizeof(MENTIONS) - 1);
	struct error err = ERROR_INIT;
	assert_int_equal(record_view_image((struct store_bytes){bytes, sizeof(bytes)}, &view, &err), 0);
	assert_int_equal(view.origin, ORIGIN_OURS);
	assert_int_equal(view.content_size, sizeof(CONTENT) - 1);
	assert_int_equal(view.mention_count, 2);
	for (size_t cut = 0; cut < sizeof(bytes); cut++) {
		struct error reason = ERROR_INIT;
		uint8_t *part = memory_alloc(cut + 1, 1);
		memcpy(part, bytes, cut);
		assert_int_equal(record_view_image((struct store_bytes){part, cut}, &view, &reason), -1);
		assert_string_equal(reason.text, "damaged record of an image");
		free(part);
	}
	for (size_t i = 0; i < sizeof(bytes) * 8; i++) {
		uint8_t *changed = memory_alloc(sizeof(bytes), 1);
		memcpy(changed, bytes, sizeof(bytes));
		changed[i / 8] ^= (uint8_t)(1 << i % 8);
		struct error reason = ERROR_INIT;
		if (record_view_image((struct store_bytes){changed, sizeof(bytes)}, &view, &reason) < 0)
			assert_string_equal(reason.text, "damaged record of an image");
		free(changed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_commit_that_fails_midway_changes_nothing),
		EACH(test_damaged_records_are_named),
		EACH(test_an_image_that_is_gone_is_damage),
		EACH(test_no_damage_to_an_image_record_crashes),
	};
	return cmocka_run_group_tests_name("index_damage", tests, NULL, NULL);
}
