#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index/bytes.h"
#include "index/file_record.h"
#include "index/verify.h"
#include "index_fixture.h"
#include "layerproof/buffer.h"
#include "layerproof/index_files.h"
#include "layerproof/index_forget.h"
#include "layerproof/limits.h"

/* Letters are files, "f" before each. */
static void add_files(struct index_batch *batch, const char *layer, const char *letters)
{
	const struct index_file_layer of = {.digest = named(layer), .has_packages = layer[1] == 'c'};
	for (; *letters; letters++) {
		char text[] = {'f', *letters, '\0'};
		struct digest file = named(text);
		index_batch_add_file(batch, &of, &file);
	}
}

static struct index_file find_one(struct index_snapshot *snapshot, const char *name)
{
	struct error err = ERROR_INIT;
	struct index_file file;
	struct digest digest = named(name);
	int found = index_find_file(snapshot, &digest, &file, &err);
	if (found < 0)
		fail_msg("%s", err.text);
	assert_int_equal(found, file.layer_count > 0);
	return file;
}

static void check_file(struct index *index, const char *name, enum origin origin, size_t layers)
{
	struct index_snapshot *snapshot = begin(index);
	struct index_file file = find_one(snapshot, name);
	assert_int_equal(file.origin, origin);
	assert_int_equal(file.layer_count, layers);
	index_snapshot_end(snapshot);
}

static int keep_damage(void *context, const char *text)
{
	struct error err = ERROR_INIT;
	return buffer_add_format(context, &err, "%s\n", text);
}

static void check_sound(struct index *index, const char *expected)
{
	struct error err = ERROR_INIT;
	struct index_verification found;
	struct buffer texts = BUFFER_INIT(1 << 20);
	const struct verify_listener listener = {.damage = keep_damage, .context = &texts};
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(verify_all(snapshot, &listener, &found, &err), 0);
	index_snapshot_end(snapshot);
	assert_string_equal(texts.size > 0 ? texts.bytes : "", expected);
	buffer_clear(&texts);
}

/* An image of ours with layers a and b on a public one, a; c is only in one of a third party. */
static struct index *make_index(void)
{
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/app:1", ORIGIN_OURS, "m1", "ab");
	add(batch, "r/base:1", ORIGIN_PUBLIC, "m2", "a");
	add(batch, "r/tool:1", ORIGIN_THIRD_PARTY, "m3", "c");
	add_files(batch, "da", "pq");
	add_files(batch, "db", "qrss");
	add_files(batch, "dc", "rt");
	commit(index, batch, NULL);
	return index;
}

static void test_origin_follows_the_layers(void **state)
{
	(void)state;
	struct index *index = make_index();
	check_file(index, "fp", ORIGIN_PUBLIC, 1);
	struct index_snapshot *snapshot = begin(index);
	/* nothing disclaims more than the public layer, in whatever order they are met */
	assert_int_equal(find_one(snapshot, "fq").origin, ORIGIN_PUBLIC);
	index_snapshot_end(snapshot);
	check_file(index, "fr", ORIGIN_THIRD_PARTY, 2);
	check_file(index, "fs", ORIGIN_OURS, 1);
	check_file(index, "ft", ORIGIN_THIRD_PARTY, 1);
	check_file(index, "fu", ORIGIN_UNKNOWN, 0);
	check_sound(index, "");
	index_close(index);
}

static void test_one_layer_of_unknown_origin_disclaims(void **state)
{
	(void)state;
	struct index *index = make_index();
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/else:1", ORIGIN_UNKNOWN, "m4", "e");
	add_files(batch, "de", "s");
	commit(index, batch, NULL);
	check_file(index, "fs", ORIGIN_UNKNOWN, 2);
	index_close(index);
}

static void test_layers_are_named(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = make_index();
	struct index_snapshot *snapshot = begin(index);
	struct index_file file = find_one(snapshot, "fs");
	struct index_file_layer layer;
	struct digest expected = named("db");
	assert_int_equal(index_get_file_layer(snapshot, file.layers[0], &layer, &err), 0);
	assert_true(digest_equal(&layer.digest, &expected));
	assert_false(layer.has_packages);
	file = find_one(snapshot, "ft");
	assert_int_equal(index_get_file_layer(snapshot, file.layers[0], &layer, &err), 0);
	assert_true(layer.has_packages);
	assert_int_equal(index_get_file_layer(snapshot, 99, &layer, &err), -1);
	check_error(&err, ERROR_MALFORMED, "layer 99 is named by a file but is not there");
	struct digest other = {.algorithm = DIGEST_SHA512};
	assert_int_equal(index_find_file(snapshot, &other, &file, &err), 0);
	index_snapshot_end(snapshot);
	index_close(index);
}

static void test_files_are_counted_apart(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct index_snapshot *snapshot = begin(index);
	assert_false(index_knows_files(snapshot));
	index_snapshot_end(snapshot);
	index_close(index);
	index = make_index();
	snapshot = begin(index);
	assert_true(index_knows_files(snapshot));
	index_snapshot_end(snapshot);
	struct index_statistics found = statistics(index);
	assert_int_equal(found.identities[FILE_POSITION], 5);
	assert_int_equal(found.digests, 3 + 2 * 3);
	index_close(index);
}

static void test_files_without_an_image_are_left_out(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/app:1", ORIGIN_OURS, "m1", "a");
	add_files(batch, "da", "p");
	add_files(batch, "dx", "q");
	commit(index, batch, NULL);
	check_file(index, "fp", ORIGIN_OURS, 1);
	check_file(index, "fq", ORIGIN_UNKNOWN, 0);
	check_sound(index, "");
	index_close(index);
}

/* What is there stays; the same again changes nothing. */
static void test_a_layer_is_filed_once(void **state)
{
	(void)state;
	char before[INDEX_ID_SIZE];
	struct index *index = make_index();
	memcpy(before, snapshot_id(index), sizeof(before));
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/app:1", ORIGIN_OURS, "m1", "ab");
	add_files(batch, "db", "qrs");
	commit(index, batch, NULL);
	assert_string_equal(snapshot_id(index), before);
	check_sound(index, "");
	index_close(index);
}

/* Files tell indexes apart, and not the order they came in. */
static void test_the_id_speaks_of_files(void **state)
{
	(void)state;
	char whole[INDEX_ID_SIZE];
	struct index *index = make_index();
	memcpy(whole, snapshot_id(index), sizeof(whole));
	index_close(index);
	start_anew();
	index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/tool:1", ORIGIN_THIRD_PARTY, "m3", "c");
	add_files(batch, "dc", "tr");
	commit(index, batch, NULL);
	batch = index_batch_new(0);
	add(batch, "r/base:1", ORIGIN_PUBLIC, "m2", "a");
	add(batch, "r/app:1", ORIGIN_OURS, "m1", "ab");
	add_files(batch, "db", "srq");
	commit(index, batch, NULL);
	assert_string_not_equal(snapshot_id(index), whole);
	batch = index_batch_new(0);
	add_files(batch, "da", "pq");
	commit(index, batch, NULL);
	assert_string_equal(snapshot_id(index), whole);
	check_sound(index, "");
	index_close(index);
}

/* ---- Walking ---- */

static int keep_file(void *context, const struct index_file_layer *layer, const struct digest *file)
{
	struct error err = ERROR_INIT;
	return buffer_add_format(context, &err, "%02x%02x ", layer->digest.bytes[0], file->bytes[0]);
}

static void test_all_files_by_layer(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"da", "fp"}, {"da", "fq"}, {"db", "fq"}, {"db", "fr"},
										   {"db", "fs"}, {"dc", "fr"}, {"dc", "ft"}};
	struct error err = ERROR_INIT;
	struct buffer seen = BUFFER_INIT(4096);
	struct index *index = make_index();
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_each_file(snapshot, keep_file, &seen, &err), 0);
	index_snapshot_end(snapshot);
	assert_int_equal(seen.size, 7 * 5);
	for (size_t i = 0; i < 7; i++) {
		char text[8];
		snprintf(text, sizeof(text), "%02x%02x ", named(pairs[i][0]).bytes[0],
				 named(pairs[i][1]).bytes[0]);
		assert_non_null(strstr(seen.bytes, text));
	}
	for (size_t i = 1; i < 7; i++)
		assert_true(memcmp((char *)seen.bytes + 5 * (i - 1), (char *)seen.bytes + 5 * i, 4) < 0);
	buffer_clear(&seen);
	index_close(index);
}

/* ---- Forgetting ---- */

static void forget_named(struct index *index, const char *name)
{
	struct error err = ERROR_INIT;
	struct index_forgotten out;
	struct index_selection selection = {.image = name};
	if (index_forget(index, &selection, false, &out, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.images, 1);
}

static void test_files_go_with_the_last_image_of_their_layer(void **state)
{
	(void)state;
	struct index *index = make_index();
	forget_named(index, "r/app:1");
	check_file(index, "fs", ORIGIN_UNKNOWN, 0);
	check_file(index, "fq", ORIGIN_PUBLIC, 1);
	check_file(index, "fr", ORIGIN_THIRD_PARTY, 1);
	assert_int_equal(statistics(index).identities[FILE_POSITION], 4);
	check_sound(index, "");
	forget_named(index, "r/base:1");
	forget_named(index, "r/tool:1");
	assert_int_equal(statistics(index).identities[FILE_POSITION], 0);
	assert_string_equal(snapshot_id(index), "00000000000000000000000000000000");
	check_sound(index, "");
	index_close(index);
}

static void test_a_disclaimer_goes_with_its_image(void **state)
{
	(void)state;
	struct index *index = make_index();
	forget_named(index, "r/tool:1");
	check_file(index, "fr", ORIGIN_OURS, 1);
	index_close(index);
}

/* ---- Damage ---- */

static uint8_t key_bytes[RECORD_KEY_MAX];

static struct store_bytes layer_key(const char *name)
{
	struct digest digest = named(name);
	return (struct store_bytes){key_bytes, record_write_key(&digest, key_bytes)};
}

static uint32_t number_of(struct index *index, const char *file)
{
	struct index_snapshot *snapshot = begin(index);
	uint32_t number = find_one(snapshot, file).layers[0];
	index_snapshot_end(snapshot);
	return number;
}

static void test_a_file_too_few_is_seen(void **state)
{
	(void)state;
	struct index *index = make_index();
	struct digest file = named("fs");
	uint32_t number = number_of(index, "fs");
	char expected[256];
	snprintf(expected, sizeof(expected),
			 "layer %u: 3 files counted, and there are 2\n"
			 "state: 5 digests of file counted, and there are 4\n",
			 number);
	damage(index, DATABASE_FILES, (struct store_bytes){file.bytes, FILE_KEY_SIZE}, NULL, 0);
	check_sound(index, expected);
	index_close(index);
}

static void test_another_file_is_seen(void **state)
{
	(void)state;
	struct index *index = make_index();
	struct digest file = named("fs"), other = named("other");
	uint8_t number[RECORD_NUMBER_SIZE];
	char expected[256];
	uint32_t layer = number_of(index, "fs");
	record_write_number(layer, number);
	snprintf(expected, sizeof(expected), "layer %u: its sum is not that of its files\n", layer);
	damage(index, DATABASE_FILES, (struct store_bytes){file.bytes, FILE_KEY_SIZE}, NULL, 0);
	damage(index, DATABASE_FILES, (struct store_bytes){other.bytes, FILE_KEY_SIZE}, number,
		   sizeof(number));
	check_sound(index, expected);
	index_close(index);
}

static void test_a_layer_that_is_gone_is_seen(void **state)
{
	(void)state;
	struct index *index = make_index();
	char expected[512];
	uint32_t layer = number_of(index, "fs");
	snprintf(expected, sizeof(expected),
			 "layer %u: the layer it names has another number\n"
			 "layer %u: has files, and is not there\n",
			 layer, layer);
	damage(index, DATABASE_FILE_LAYERS, layer_key("db"), NULL, 0);
	check_sound(index, expected);
	index_close(index);
}

static void test_damaged_records_are_refused(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index_file file;
	struct digest digest = named("fs");
	struct index *index = make_index();
	struct index_snapshot *snapshot;
	uint8_t number[RECORD_NUMBER_SIZE];
	record_write_number(number_of(index, "fs"), number);
	damage(index, DATABASE_FILE_LAYER_KEYS, (struct store_bytes){number, sizeof(number)}, "x", 1);
	snapshot = begin(index);
	assert_int_equal(index_find_file(snapshot, &digest, &file, &err), -1);
	check_error(&err, ERROR_MALFORMED, "damaged record of a layer's number");
	index_snapshot_end(snapshot);
	index_close(index);
}

/* ---- Many ---- */

/* A file in more layers than are looked at is nobody's; in as many, it is ours. */
static void test_a_file_of_too_many_layers(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	struct internal_image image = {.name = memory_copy_text("r/app:1"),
								   .source = memory_copy_text("add"),
								   .origin = ORIGIN_OURS};
	struct digest some = named("some"), common = named("common");
	for (int i = 0; i <= LIMIT_FILE_LAYERS; i++) {
		char text[32];
		snprintf(text, sizeof(text), "layer %d", i);
		struct index_file_layer layer = {.digest = named(text)};
		internal_image_add_diff_id(&image, &layer.digest);
		index_batch_add_file(batch, &layer, &common);
		if (i > 0)
			index_batch_add_file(batch, &layer, &some);
	}
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	commit(index, batch, NULL);
	struct index_snapshot *snapshot = begin(index);
	struct index_file file;
	assert_int_equal(index_find_file(snapshot, &some, &file, &err), 1);
	assert_int_equal(file.origin, ORIGIN_OURS);
	assert_int_equal(file.layer_count, INDEX_FILE_LAYERS);
	assert_int_equal(index_find_file(snapshot, &common, &file, &err), 1);
	assert_int_equal(file.origin, ORIGIN_UNKNOWN);
	index_snapshot_end(snapshot);
	check_sound(index, "");
	index_close(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_origin_follows_the_layers),
		EACH(test_one_layer_of_unknown_origin_disclaims),
		EACH(test_layers_are_named),
		EACH(test_files_are_counted_apart),
		EACH(test_files_without_an_image_are_left_out),
		EACH(test_a_layer_is_filed_once),
		EACH(test_the_id_speaks_of_files),
		EACH(test_all_files_by_layer),
		EACH(test_files_go_with_the_last_image_of_their_layer),
		EACH(test_a_disclaimer_goes_with_its_image),
		EACH(test_a_file_too_few_is_seen),
		EACH(test_another_file_is_seen),
		EACH(test_a_layer_that_is_gone_is_seen),
		EACH(test_damaged_records_are_refused),
		EACH(test_a_file_of_too_many_layers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
