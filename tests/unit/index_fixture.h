/*
 * An index in a directory of its own for each test, and the small steps that tests of the index
 * share. Included behind cmocka.h.
 */
#ifndef LAYERPROOF_TESTS_INDEX_FIXTURE_H
#define LAYERPROOF_TESTS_INDEX_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/index_private.h"
#include "layerproof/index.h"
#include "layerproof/memory.h"
#include "store/store_private.h"

/* ---- A directory for each test ---- */

static char directory[64];

static inline int set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/layerproof-test-index-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
							   struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int tear_down(void **state)
{
	(void)state;
	return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void start_anew(void)
{
	assert_int_equal(tear_down(NULL), 0);
	assert_int_equal(set_up(NULL), 0);
}

/* ---- Small steps ---- */

/* The digest that `name` stands for in these tests. */
static inline struct digest named(const char *name)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, name, strlen(name), &digest);
	return digest;
}

static inline struct index *open_index(enum index_mode mode)
{
	struct error err = ERROR_INIT;
	struct index *index = index_open(directory, mode, &err);
	if (!index)
		fail_msg("%s", err.text);
	return index;
}

static inline struct index_snapshot *begin(struct index *index)
{
	struct error err = ERROR_INIT;
	struct index_snapshot *snapshot = index_snapshot_begin(index, &err);
	if (!snapshot)
		fail_msg("%s", err.text);
	return snapshot;
}

/* An image with one manifest, and `layers` letters as its layers and diff_ids. */
static inline struct internal_image make_image(const char *name, enum origin origin,
											   const char *manifest, const char *layers)
{
	struct internal_image image = {
		.name = memory_copy_text(name),
		.source = memory_copy_text("export.csv"),
		.row = 7,
		.origin = origin,
	};
	struct digest digest = named(manifest);
	internal_image_add_top(&image, IDENTITY_MANIFEST, &digest);
	for (const char *letter = layers; *letter; letter++) {
		char text[] = {'b', *letter, '\0'};
		digest = named(text);
		internal_image_add_layer(&image, &digest);
		text[0] = 'd';
		digest = named(text);
		internal_image_add_diff_id(&image, &digest);
	}
	return image;
}

static inline void add(struct index_batch *batch, const char *name, enum origin origin,
					   const char *manifest, const char *layers)
{
	struct internal_image image = make_image(name, origin, manifest, layers);
	index_batch_add(batch, &image);
	internal_image_clear(&image);
}

static inline struct index_outcome commit(struct index *index, struct index_batch *batch,
										  const struct index_source *source)
{
	struct error err = ERROR_INIT;
	struct index_outcome outcome;
	if (index_commit(index, batch, source, &outcome, &err) < 0)
		fail_msg("%s", err.text);
	index_batch_free(batch);
	return outcome;
}

static inline struct index_outcome commit_one(struct index *index, const char *name,
											  enum origin origin, const char *manifest,
											  const char *layers)
{
	struct index_batch *batch = index_batch_new(0);
	add(batch, name, origin, manifest, layers);
	return commit(index, batch, NULL);
}

static inline struct index_entry find(struct index_snapshot *snapshot, const char *name)
{
	struct error err = ERROR_INIT;
	struct index_entry entry = {.identities = 0};
	struct digest digest = named(name);
	if (index_find(snapshot, &digest, &entry, &err) < 0)
		fail_msg("%s", err.text);
	return entry;
}

static inline void check_found(struct index_snapshot *snapshot, const char *name,
							   unsigned identities, enum origin origin, uint32_t images)
{
	struct index_entry entry = find(snapshot, name);
	assert_int_equal(entry.identities, identities);
	assert_int_equal(entry.origin, origin);
	assert_int_equal(entry.images, images);
}

static inline const char *snapshot_id(struct index *index)
{
	static char id[INDEX_ID_SIZE];
	int64_t updated_at;
	struct index_snapshot *snapshot = begin(index);
	index_snapshot_id(snapshot, id, &updated_at);
	index_snapshot_end(snapshot);
	return id;
}

static inline struct index_statistics statistics(struct index *index)
{
	struct error err = ERROR_INIT;
	struct index_statistics out;
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_statistics(snapshot, &out, &err), 0);
	index_snapshot_end(snapshot);
	return out;
}

/* Puts `size` bytes under a key of a closed index, as damage would; with none, takes the key away.
 */
struct damage {
	size_t database;
	struct store_bytes key;
	struct store_bytes value;
};

/* The program removes nothing from an index, so the store has no word for it: LMDB is asked. */
static inline int remove_key(struct store_txn *txn, size_t database, struct store_bytes key)
{
	MDB_val at = {.mv_size = key.size, .mv_data = (void *)(uintptr_t)key.bytes};
	return mdb_del(txn->txn, txn->store->handles[database], &at, NULL);
}

static inline int put_damage(struct store_txn *txn, void *context, struct error *err)
{
	const struct damage *damage = context;
	if (damage->value.size == 0)
		return remove_key(txn, damage->database, damage->key);
	return store_put(txn, damage->database, damage->key, damage->value, err);
}

static inline void damage(struct index *index, size_t database, struct store_bytes key,
						  const void *bytes, size_t size)
{
	struct error err = ERROR_INIT;
	struct damage what = {database, key, {bytes, size}};
	assert_int_equal(store_update(index->store, put_damage, &what, &err), 0);
}

static inline void check_error(const struct error *err, enum error_code code, const char *text)
{
	char expected[ERROR_TEXT_SIZE];
	snprintf(expected, sizeof(expected), "index %s: %s", directory, text);
	assert_string_equal(err->text, expected);
	assert_int_equal(err->code, code);
}

static inline void check_open_fails(enum index_mode mode, enum error_code code, const char *text)
{
	struct error err = ERROR_INIT;
	assert_null(index_open(directory, mode, &err));
	check_error(&err, code, text);
}

static inline struct index_source make_source(const char *name, const char *bytes)
{
	return (struct index_source){
		.name = memory_copy_text(name),
		.file = memory_copy_text("exports/images.csv"),
		.sha256 = named(bytes),
		.imported_at = 1700000000,
		.rows = 12,
		.refused = 3,
	};
}

static inline struct index_outcome import(struct index *index, const char *name, const char *bytes)
{
	CLEANUP(index_source_clear) struct index_source source = make_source(name, bytes);
	struct index_batch *batch = index_batch_new(0);
	add(batch, "r/app:1", ORIGIN_OURS, "m", "ab");
	return commit(index, batch, &source);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
