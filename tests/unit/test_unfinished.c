/*
 * The first import of an index, in several transactions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "index_fixture.h"
#include "layerproof/index_forget.h"
#include "layerproof/index_verify.h"

enum { IMAGES = 4000, DIGESTS = IMAGES - 100 + 2 + 3 * IMAGES, LITTLE_MEMORY = 1 << 20 };

static int count_damage(void *context, const char *text)
{
	(void)text;
	++*(int *)context;
	return 0;
}

static void check_sound(void)
{
	struct error err = ERROR_INIT;
	struct index_verification found;
	int damages = 0;
	assert_int_equal(index_verify(directory, count_damage, &damages, &found, &err), 0);
	assert_int_equal(damages, 0);
}

static int count_source(void *context, const struct index_source *source)
{
	(void)source;
	++*(int *)context;
	return 0;
}

static int count_image(void *context, uint32_t number, const struct internal_image *image)
{
	(void)number;
	(void)image;
	++*(int *)context;
	return 0;
}

static int put_state(struct store_txn *txn, void *context, struct error *err)
{
	uint8_t bytes[RECORD_STATE_SIZE];
	struct record_state nothing = {.images = 0};
	(void)context;
	record_write_state(&nothing, bytes);
	return store_put(txn, DATABASE_META, index_text_key("state"),
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

/* As a first import that was killed behind a step leaves it: records, the mark, and the state of
 * before. */
static void leave_unfinished(struct index *index)
{
	struct error err = ERROR_INIT;
	import(index, "killed", "its file");
	assert_int_equal(store_update(index->store, put_state, NULL, &err), 0);
	damage(index, DATABASE_META, index_text_key("unfinished"), "1", 1);
}

static void test_readers_see_an_empty_index(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct internal_image image;
	struct boundary boundary;
	uint32_t holders[2];
	struct digest digest = named("m");
	int seen = 0;
	struct index *index = open_index(INDEX_WRITE);
	leave_unfinished(index);

	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "m", 0, ORIGIN_UNKNOWN, 0);
	check_found(snapshot, "da", 0, ORIGIN_UNKNOWN, 0);
	assert_int_equal(index_holders(snapshot, &digest, holders, 2, &err), 0);
	assert_int_equal(index_image(snapshot, 0, &image, &err), 0);
	assert_int_equal(index_knows_algorithm(snapshot, DIGEST_SHA256, &err), 0);
	assert_int_equal(index_each_source(snapshot, count_source, &seen, &err), 0);
	assert_int_equal(index_each_image(snapshot, count_image, &seen, &err), 0);
	assert_int_equal(seen, 0);
	struct internal_image other = make_image("other", ORIGIN_OURS, "m3", "ab");
	assert_int_equal(index_boundary(snapshot, &other, false, &boundary, &err), 0);
	assert_int_equal(boundary.reason, BOUNDARY_FIRST_LAYER);
	internal_image_clear(&other);
	index_snapshot_end(snapshot);
	struct index_statistics stat = statistics(index);
	assert_int_equal(stat.images + stat.digests, 0);
	index_close(index);
	check_sound();
}

static void test_the_next_import_clears_it(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	leave_unfinished(index);
	struct index_batch *batch = index_batch_new(0);
	struct index_source source = make_source("cspm", "file");
	add(batch, "r/app:2", ORIGIN_OURS, "m2", "cd");
	struct index_outcome outcome = commit(index, batch, &source);
	index_source_clear(&source);
	assert_int_equal(outcome.images_new, 1);
	assert_int_equal(outcome.digests_new, 5);

	int sources = 0;
	struct error err = ERROR_INIT;
	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "m", 0, ORIGIN_UNKNOWN, 0);
	check_found(snapshot, "m2", IDENTITY_MANIFEST, ORIGIN_OURS, 1);
	assert_int_equal(index_each_source(snapshot, count_source, &sources, &err), 0);
	assert_int_equal(sources, 1);
	index_snapshot_end(snapshot);
	index_close(index);
	check_sound();
}

static void test_there_is_nothing_to_forget(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index_forgotten out;
	struct index_selection selection = {.image = "r/app:1"};
	struct index *index = open_index(INDEX_WRITE);
	leave_unfinished(index);
	assert_int_equal(index_forget(index, &selection, false, &out, &err), 0);
	assert_int_equal(out.images, 0);
	index_close(index);
	check_sound();
}

static void add_many(struct index_batch *batch)
{
	char name[32], manifest[32];
	for (int i = 0; i < IMAGES; i++) {
		snprintf(name, sizeof(name), "r/app%d:%d", i % 97, i);
		snprintf(manifest, sizeof(manifest), "m%d", i % (IMAGES - 100)); /* some are held by two */
		struct internal_image image = make_image(name, ORIGIN_OURS, manifest, "");
		for (int layer = 0; layer < 5; layer++) {
			char text[64];
			snprintf(text, sizeof(text), "layer %d of %d", layer, layer < 2 ? 0 : i);
			struct digest digest = named(text);
			internal_image_add_layer(&image, &digest);
		}
		index_batch_add(batch, &image);
		internal_image_clear(&image);
	}
}

static size_t transactions(struct index *index)
{
	MDB_envinfo info;
	mdb_env_info(index->store->env, &info);
	return info.me_last_txnid;
}

/* What `memory` makes of the import: its id, and how many transactions it took. */
static size_t import_many(uint64_t memory, char id[static INDEX_ID_SIZE])
{
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(memory);
	add_many(batch);
	size_t before = transactions(index);
	struct index_outcome outcome = commit(index, batch, NULL);
	assert_int_equal(outcome.images_new, IMAGES);
	assert_int_equal(outcome.digests_new, DIGESTS);
	assert_int_equal(outcome.digests, DIGESTS);
	size_t taken = transactions(index) - before;
	assert_int_equal(statistics(index).images, IMAGES);
	assert_int_equal(statistics(index).digests, outcome.digests_new);
	strcpy(id, snapshot_id(index));
	index_close(index);
	check_sound();
	return taken;
}

static void test_little_memory_makes_steps_of_the_first_import_alone(void **state)
{
	(void)state;
	char whole[INDEX_ID_SIZE], in_steps[INDEX_ID_SIZE];
	assert_int_equal(import_many(0, whole), 1);
	start_anew();
	assert_true(import_many(LITTLE_MEMORY, in_steps) > 2);
	assert_string_equal(in_steps, whole);

	start_anew();
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app", ORIGIN_OURS, "m1", "");
	struct index_batch *batch = index_batch_new(LITTLE_MEMORY);
	add_many(batch);
	size_t before = transactions(index);
	struct index_outcome outcome = commit(index, batch, NULL);
	assert_int_equal(outcome.images_new, IMAGES);
	assert_int_equal(outcome.digests_new, DIGESTS - 1);
	assert_int_equal(outcome.digests, DIGESTS);
	assert_int_equal(transactions(index) - before, 1);
	index_close(index);
	check_sound();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_readers_see_an_empty_index),
		EACH(test_the_next_import_clears_it),
		EACH(test_there_is_nothing_to_forget),
		EACH(test_little_memory_makes_steps_of_the_first_import_alone),
	};
	return cmocka_run_group_tests_name("unfinished", tests, NULL, NULL);
}
