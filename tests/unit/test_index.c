#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "index_fixture.h"
#include "layerproof/chain_id.h"

/* ---- Opening ---- */

#define NONE_YET                                                                                   \
	"there is none yet: run `layerproof import` or `layerproof add`, or name one with --index"

static void test_a_missing_index_says_what_to_do(void **state)
{
	(void)state;
	check_open_fails(INDEX_READ, ERROR_NOT_FOUND, NONE_YET);
	assert_int_equal(rmdir(directory), 0); /* nothing was left in it */
	check_open_fails(INDEX_READ, ERROR_NOT_FOUND, NONE_YET);
	index_close(open_index(INDEX_WRITE));
	index_close(open_index(INDEX_READ));
	index_close(NULL);
}

static void test_another_version_is_left_untouched(void **state)
{
	(void)state;
	static const char expected[] =
		"written by version 1 of the format; this layerproof reads version 2: import the exports "
		"again into a new directory";
	const uint8_t version[] = {1, 0, 0, 0};
	struct index *index = open_index(INDEX_WRITE);
	damage(index, DATABASE_META, index_text_key("version"), version, sizeof(version));
	index_close(index);
	check_open_fails(INDEX_READ, ERROR_UNSUPPORTED, expected);
	check_open_fails(INDEX_WRITE, ERROR_UNSUPPORTED, expected);
}

static void test_a_damaged_version(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	damage(index, DATABASE_META, index_text_key("version"), "x", 1);
	index_close(index);
	check_open_fails(INDEX_READ, ERROR_MALFORMED, "damaged record of the version");
	check_open_fails(INDEX_WRITE, ERROR_MALFORMED, "damaged record of the version");
}

static void test_a_file_that_is_no_index(void **state)
{
	(void)state;
	char path[128];
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 10000; i++)
		fputc('x', file);
	fclose(file);
	check_open_fails(INDEX_READ, ERROR_MALFORMED,
					 "cannot be opened: damaged: MDB_INVALID: File is not an LMDB file");
}

static void test_a_new_index_is_empty(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct index_statistics stat = statistics(index);
	assert_int_equal(stat.version, 2);
	assert_int_equal(stat.images, 0);
	assert_int_equal(stat.digests, 0);
	assert_true(stat.bytes > 0);
	assert_string_equal(snapshot_id(index), "00000000000000000000000000000000");
	index_close(index);
}

/* ---- Looking up ---- */

static void test_every_identity_is_found(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = open_index(INDEX_WRITE);
	struct index_outcome outcome = commit_one(index, "r/app:1", ORIGIN_OURS, "m", "ab");
	assert_int_equal(outcome.images_new, 1);
	assert_int_equal(outcome.digests_new, 5);
	assert_false(outcome.already_imported);

	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "m", IDENTITY_MANIFEST, ORIGIN_OURS, 1);
	check_found(snapshot, "ba", IDENTITY_LAYER, ORIGIN_OURS, 1);
	check_found(snapshot, "db", IDENTITY_DIFF_ID, ORIGIN_OURS, 1);
	check_found(snapshot, "nothing", 0, ORIGIN_UNKNOWN, 0);

	struct digest diff_ids[] = {named("da"), named("db")};
	struct digest chain[2];
	struct index_entry entry;
	uint32_t holder;
	chain_id_compute(diff_ids, 2, chain);
	assert_int_equal(index_find(snapshot, &chain[1], &entry, &err), 1);
	assert_int_equal(entry.identities, IDENTITY_CHAIN_ID);
	assert_int_equal(entry.origin, ORIGIN_OURS);
	assert_int_equal(entry.images, 1);
	assert_int_equal(entry.first, 0);
	assert_int_equal(index_holders(snapshot, &chain[1], &holder, 1, &err), 1);
	assert_int_equal(holder, 0);

	struct digest blobs[] = {named("ba"), named("bb")}; /* a stack of blobs has no ChainID */
	chain_id_compute(blobs, 2, chain);
	assert_int_equal(index_find(snapshot, &chain[1], &entry, &err), 0);
	index_snapshot_end(snapshot);
	index_close(index);
}

static void test_one_digest_may_be_several_things(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "same", "");
	struct digest same = named("same");
	internal_image_add_top(&image, IDENTITY_CONFIG, &same);
	internal_image_add_layer(&image, &same);
	internal_image_add_layer(&image, &same);
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	assert_int_equal(commit(index, batch, NULL).digests_new, 1);

	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "same", IDENTITY_MANIFEST | IDENTITY_CONFIG | IDENTITY_LAYER, ORIGIN_OURS,
				1);
	index_snapshot_end(snapshot);
	struct index_statistics stat = statistics(index);
	assert_int_equal(stat.digests, 1);
	assert_int_equal(stat.identities[1], 1); /* manifest */
	assert_int_equal(stat.identities[2], 1); /* config */
	assert_int_equal(stat.identities[3], 1); /* layer */
	assert_int_equal(stat.identities[4], 0); /* diff_id */
	index_close(index);
}

static void test_the_strongest_origin_counts(void **state)
{
	(void)state;
	static const enum origin ORIGINS[] = {ORIGIN_OURS, ORIGIN_UNKNOWN, ORIGIN_PUBLIC,
										  ORIGIN_THIRD_PARTY};
	static const enum origin EXPECTED[] = {ORIGIN_OURS, ORIGIN_OURS, ORIGIN_PUBLIC, ORIGIN_PUBLIC};
	struct index *index = open_index(INDEX_WRITE);
	for (uint32_t i = 0; i < 4; i++) {
		char name[16];
		snprintf(name, sizeof(name), "r/app%u", i);
		commit_one(index, name, ORIGINS[i], "m", "a");
		struct index_snapshot *snapshot = begin(index);
		check_found(snapshot, "m", IDENTITY_MANIFEST, EXPECTED[i], i + 1);
		check_found(snapshot, "da", IDENTITY_DIFF_ID, EXPECTED[i], i + 1);
		index_snapshot_end(snapshot);
	}
	struct index_statistics stat = statistics(index);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(stat.origins[i], 1);
	index_close(index);
}

static void test_holders_come_upward_and_bounded(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = open_index(INDEX_WRITE);
	for (int round = 0; round < 3; round++) {
		struct index_batch *batch = index_batch_new(0);
		for (int i = 0; i < 100; i++) {
			char name[32];
			snprintf(name, sizeof(name), "r/app:%d-%d", round, i);
			add(batch, name, ORIGIN_OURS, name, "a");
		}
		commit(index, batch, NULL);
	}
	struct index_snapshot *snapshot = begin(index);
	struct digest shared = named("ba");
	struct digest one = named("r/app:1-50");
	uint32_t numbers[400];
	assert_int_equal(index_holders(snapshot, &shared, numbers, 400, &err), 300);
	for (uint32_t i = 0; i < 300; i++)
		assert_int_equal(numbers[i], i);
	assert_int_equal(index_holders(snapshot, &shared, numbers, 10, &err), 10);
	assert_int_equal(index_holders(snapshot, &shared, numbers, 1, &err), 1);
	assert_int_equal(index_holders(snapshot, &shared, numbers, 0, &err), 0);
	assert_int_equal(index_holders(snapshot, &one, numbers, 400, &err), 1);
	assert_int_equal(numbers[0], 150);
	one = named("nothing");
	assert_int_equal(index_holders(snapshot, &one, numbers, 400, &err), 0);
	index_snapshot_end(snapshot);
	index_close(index);
}

static void check_same_image(const struct internal_image *a, const struct internal_image *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->source, b->source);
	assert_int_equal(!a->platform, !b->platform);
	if (a->platform)
		assert_string_equal(a->platform, b->platform);
	assert_int_equal(a->row, b->row);
	assert_int_equal(a->origin, b->origin);
	assert_int_equal(a->top_count, b->top_count);
	for (size_t i = 0; i < a->top_count; i++) {
		assert_int_equal(a->tops[i].identity, b->tops[i].identity);
		assert_true(digest_equal(&a->tops[i].digest, &b->tops[i].digest));
	}
	assert_int_equal(a->layer_count, b->layer_count);
	for (size_t i = 0; i < a->layer_count; i++)
		assert_true(digest_equal(&a->layers[i], &b->layers[i]));
	assert_int_equal(a->diff_id_count, b->diff_id_count);
	for (size_t i = 0; i < a->diff_id_count; i++)
		assert_true(digest_equal(&a->diff_ids[i], &b->diff_ids[i]));
	assert_true(digest_equal(&a->base_digest, &b->base_digest));
}

static void test_an_image_comes_back_whole(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image full = make_image("host:5000/r/app:1", ORIGIN_THIRD_PARTY, "m", "abca");
	struct internal_image bare = make_image("", ORIGIN_UNKNOWN, "x", "");
	struct digest long_digest;
	digest_of(DIGEST_SHA512, "long", 4, &long_digest);
	full.platform = memory_copy_text("linux/arm64/v8");
	full.row = UINT64_C(1) << 40;
	full.base_digest = named("base");
	internal_image_add_top(&full, IDENTITY_CONFIG, &long_digest);

	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &full);
	index_batch_add(batch, &bare);
	commit(index, batch, NULL);

	struct index_snapshot *snapshot = begin(index);
	struct internal_image read = {.name = NULL};
	assert_int_equal(index_image(snapshot, 0, &read, &err), 1);
	check_same_image(&read, &full);
	internal_image_clear(&read);
	assert_int_equal(index_image(snapshot, 1, &read, &err), 1);
	check_same_image(&read, &bare);
	internal_image_clear(&read);
	assert_int_equal(index_image(snapshot, 2, &read, &err), 0);
	struct index_entry entry;
	assert_int_equal(index_find(snapshot, &long_digest, &entry, &err), 1);
	index_snapshot_end(snapshot);
	internal_image_clear(&full);
	internal_image_clear(&bare);
	index_close(index);
}

static int stop_at_second(void *context, uint32_t number, const struct internal_image *image)
{
	char *names = context;
	strcat(names, image->name);
	return number == 1 ? 42 : 0;
}

static int stop_with_minus_one(void *context, uint32_t number, const struct internal_image *image)
{
	(void)context;
	(void)number;
	(void)image;
	return -1;
}

static void test_a_walk_can_be_ended(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	char names[64] = "";
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "a", ORIGIN_OURS, "1", "");
	commit_one(index, "b", ORIGIN_OURS, "2", "");
	commit_one(index, "c", ORIGIN_OURS, "3", "");
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_each_image(snapshot, stop_at_second, names, &err), 42);
	assert_string_equal(names, "ab");
	assert_int_equal(index_each_image(snapshot, stop_with_minus_one, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_NONE); /* the walk itself did not fail */
	index_snapshot_end(snapshot);
	index_close(index);
}

static void test_a_snapshot_does_not_move(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "a", ORIGIN_OURS, "1", "");
	struct index_snapshot *before = begin(index);
	struct index_batch *batch = index_batch_new(0);
	add(batch, "b", ORIGIN_OURS, "2", "");
	commit(index, batch, NULL); /* small: needs no wider map, and so does not wait */
	check_found(before, "2", 0, ORIGIN_UNKNOWN, 0);
	struct index_snapshot *after = begin(index);
	check_found(after, "2", IDENTITY_MANIFEST, ORIGIN_OURS, 1);
	index_snapshot_end(before);
	index_snapshot_end(after);
	index_snapshot_end(NULL);
	index_close(index);
}

/* ---- Importing twice, and in any order ---- */

/* What `updated_at` is would not change within a second: it is set back first. */
static void set_updated_at(struct index *index, int64_t seconds)
{
	uint8_t bytes[RECORD_STATE_SIZE];
	struct index_snapshot *snapshot = begin(index);
	snapshot->state.updated_at = seconds;
	record_write_state(&snapshot->state, bytes);
	index_snapshot_end(snapshot);
	damage(index, DATABASE_META, index_text_key("state"), bytes, sizeof(bytes));
}

static int64_t get_updated_at(struct index *index)
{
	char id[INDEX_ID_SIZE];
	int64_t updated_at;
	struct index_snapshot *snapshot = begin(index);
	index_snapshot_id(snapshot, id, &updated_at);
	index_snapshot_end(snapshot);
	return updated_at;
}

static int check_source(void *context, const struct index_source *source)
{
	int *count = context;
	struct digest expected = named(*count == 0 ? "file" : "other file");
	assert_string_equal(source->name, *count < 2 ? "cspm" : "elsewhere");
	assert_string_equal(source->file, "exports/images.csv");
	if (*count < 2)
		assert_true(digest_equal(&source->sha256, &expected));
	assert_int_equal(source->imported_at, 1700000000);
	assert_int_equal(source->rows, 12);
	assert_int_equal(source->refused, 3);
	++*count;
	return 0;
}

static void test_the_same_file_twice_changes_nothing(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct index *index = open_index(INDEX_WRITE);
	struct index_outcome outcome = import(index, "cspm", "file");
	assert_int_equal(outcome.images_new, 1);
	assert_false(outcome.already_imported);
	set_updated_at(index, 1000);

	outcome = import(index, "cspm", "file");
	assert_true(outcome.already_imported);
	assert_int_equal(outcome.images_new, 0);
	assert_int_equal(outcome.digests_new, 0);
	assert_int_equal(get_updated_at(index), 1000);

	outcome = import(index, "cspm", "other file"); /* another file with the same image in it */
	assert_false(outcome.already_imported);
	assert_int_equal(outcome.images_new, 0);
	assert_true(get_updated_at(index) > 1000);
	assert_false(import(index, "elsewhere", "file").already_imported);

	int count = 0;
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_each_source(snapshot, check_source, &count, &err), 0);
	assert_int_equal(count, 3);
	index_snapshot_end(snapshot);
	assert_int_equal(statistics(index).images, 1);
	index_close(index);
}

static void check_stack(struct index *index, const char *letters, size_t layers, enum origin origin,
						uint32_t image)
{
	struct error err = ERROR_INIT;
	struct index_stack stack;
	struct internal_image wanted = make_image("", ORIGIN_OURS, "", letters);
	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(
		index_find_stack(snapshot, wanted.diff_ids, wanted.diff_id_count, &stack, &err), 0);
	assert_int_equal(stack.layers, layers);
	assert_int_equal(stack.origin, origin);
	assert_int_equal(stack.image, image);
	index_snapshot_end(snapshot);
	internal_image_clear(&wanted);
}

static void test_what_a_stack_is_built_on(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "abc");
	commit_one(index, "r/app:2", ORIGIN_OURS, "n", "abd");
	commit_one(index, "hub/base:1", ORIGIN_PUBLIC, "o", "a");
	check_stack(index, "", 0, ORIGIN_UNKNOWN, 0);
	check_stack(index, "x", 0, ORIGIN_UNKNOWN, 0);
	check_stack(index, "ba", 0, ORIGIN_UNKNOWN, 0);
	check_stack(index, "abx", 2, ORIGIN_OURS, 0);
	check_stack(index, "abdx", 3, ORIGIN_OURS, 1);
	check_stack(index, "axb", 1, ORIGIN_PUBLIC, 0);
	index_close(index);
}

static void test_which_identities_are_known_at_all(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "");
	struct index_snapshot *snapshot = begin(index);
	assert_true(index_knows(snapshot, IDENTITY_MANIFEST));
	assert_false(index_knows(snapshot, IDENTITY_LAYER | IDENTITY_DIFF_ID));
	index_snapshot_end(snapshot);
	commit_one(index, "r/app:2", ORIGIN_OURS, "n", "a");
	snapshot = begin(index);
	assert_true(index_knows(snapshot, IDENTITY_FILE | IDENTITY_DIFF_ID));
	index_snapshot_end(snapshot);
	index_close(index);
}

static int lacks_layers(struct index *index)
{
	struct error err = ERROR_INIT;
	struct index_snapshot *snapshot = begin(index);
	int lacks = index_lacks_layers(snapshot, &err);
	index_snapshot_end(snapshot);
	return lacks;
}

static void test_layers_that_nobody_tells_are_lacking(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	assert_int_equal(lacks_layers(index), 0);
	commit_one(index, "r/base:1", ORIGIN_THIRD_PARTY, "t", ""); /* not ours to complete */
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "ab");
	assert_int_equal(lacks_layers(index), 0);
	commit_one(index, "r/app:2", ORIGIN_OURS, "n", "");
	assert_int_equal(lacks_layers(index), 1);
	commit_one(index, "somewhere/app:2", ORIGIN_OURS, "n", "ac");
	assert_int_equal(lacks_layers(index), 0);
	index_close(index);
}

static void test_an_image_added_twice_is_one(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	assert_int_equal(commit_one(index, "r/app:1", ORIGIN_OURS, "m", "ab").images_new, 1);
	set_updated_at(index, 1000);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "ab");
	image.row = 99; /* source and row do not tell images apart */
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	index_batch_add(batch, &image);
	assert_int_equal(commit(index, batch, NULL).images_new, 0);
	assert_int_equal(get_updated_at(index), 1000); /* the source named it in row 7 already */

	char id[INDEX_ID_SIZE];
	strcpy(id, snapshot_id(index));
	free(image.source);
	image.source = memory_copy_text("add");
	batch = index_batch_new(0);
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	assert_int_equal(commit(index, batch, NULL).images_new, 0);
	assert_true(get_updated_at(index) > 1000); /* a mention more, of the same image */
	assert_string_equal(snapshot_id(index), id);

	assert_int_equal(commit_one(index, "r/app:1", ORIGIN_PUBLIC, "m", "ab").images_new, 1);
	assert_int_equal(commit_one(index, "r/app:2", ORIGIN_OURS, "m", "ab").images_new, 1);
	index_close(index);
}

static void test_the_order_of_tops_does_not_matter(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct digest other = named("config");
	struct index *index = open_index(INDEX_WRITE);
	struct internal_image image = make_image("r", ORIGIN_OURS, "m", "");
	struct internal_image read;
	internal_image_add_top(&image, IDENTITY_CONFIG, &other);
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	struct identified_digest first = image.tops[0];
	image.tops[0] = image.tops[1];
	image.tops[1] = first;
	index_batch_add(batch, &image);
	assert_int_equal(commit(index, batch, NULL).images_new, 1);
	batch = index_batch_new(0);
	index_batch_add(batch, &image);
	assert_int_equal(commit(index, batch, NULL).images_new, 0);

	struct index_snapshot *snapshot = begin(index);
	assert_int_equal(index_image(snapshot, 0, &read, &err), 1);
	assert_int_equal(read.tops[0].identity, IDENTITY_MANIFEST);
	assert_int_equal(read.tops[1].identity, IDENTITY_CONFIG);
	internal_image_clear(&read);
	index_snapshot_end(snapshot);
	internal_image_clear(&image);
	index_close(index);
}

/* Four images that share digests; `order` names them. */
static void import_in_order(const char *order, bool together)
{
	static const struct {
		const char *name, *manifest, *layers;
		enum origin origin;
	} IMAGES[] = {
		{"r/one:1", "m1", "abc", ORIGIN_OURS},
		{"r/two:1", "m2", "abd", ORIGIN_OURS},
		{"debian:12", "m3", "a", ORIGIN_PUBLIC},
		{"r/one:2", "m1", "abce", ORIGIN_UNKNOWN},
	};
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	for (; *order; order++) {
		size_t i = (size_t)(*order - '0');
		if (together)
			add(batch, IMAGES[i].name, IMAGES[i].origin, IMAGES[i].manifest, IMAGES[i].layers);
		else
			commit_one(index, IMAGES[i].name, IMAGES[i].origin, IMAGES[i].manifest,
					   IMAGES[i].layers);
	}
	commit(index, batch, NULL);
	index_close(index);
}

static void check_after_any_order(char id[static INDEX_ID_SIZE])
{
	struct error err = ERROR_INIT;
	struct boundary boundary;
	struct index *index = open_index(INDEX_READ);
	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "m1", IDENTITY_MANIFEST, ORIGIN_OURS, 2);
	check_found(snapshot, "m3", IDENTITY_MANIFEST, ORIGIN_PUBLIC, 1);
	check_found(snapshot, "ba", IDENTITY_LAYER, ORIGIN_PUBLIC, 4);
	check_found(snapshot, "dc", IDENTITY_DIFF_ID, ORIGIN_OURS, 2);
	check_found(snapshot, "de", IDENTITY_DIFF_ID, ORIGIN_UNKNOWN, 1);
	struct internal_image image = make_image("r/one:1", ORIGIN_OURS, "m1", "abc");
	assert_int_equal(index_boundary(snapshot, &image, false, &boundary, &err), 0);
	assert_int_equal(boundary.layers, 2);
	assert_int_equal(boundary.reason, BOUNDARY_PARTING);
	internal_image_clear(&image);
	index_snapshot_end(snapshot);

	struct index_statistics stat = statistics(index);
	assert_int_equal(stat.images, 4);
	assert_int_equal(stat.digests, 3 + 5 + 5);
	assert_int_equal(stat.identities[1], 3);
	assert_int_equal(stat.identities[3], 5);
	assert_int_equal(stat.identities[4], 5);
	assert_int_equal(stat.identities[5], 5);
	if (*id == '\0')
		strcpy(id, snapshot_id(index));
	assert_string_equal(snapshot_id(index), id);
	index_close(index);
}

static void test_any_order_gives_the_same_index(void **state)
{
	(void)state;
	char id[INDEX_ID_SIZE] = "";
	for (int code = 0; code < 256; code++) { /* all words of four digits that have each once */
		char order[] = {(char)('0' + (code & 3)), (char)('0' + (code >> 2 & 3)),
						(char)('0' + (code >> 4 & 3)), (char)('0' + (code >> 6)), '\0'};
		if (!strchr(order, '0') || !strchr(order, '1') || !strchr(order, '2') ||
			!strchr(order, '3'))
			continue;
		import_in_order(order, false);
		check_after_any_order(id);
		start_anew();
		import_in_order(order, true);
		check_after_any_order(id);
		start_anew();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_a_missing_index_says_what_to_do),
		EACH(test_another_version_is_left_untouched),
		EACH(test_a_damaged_version),
		EACH(test_a_file_that_is_no_index),
		EACH(test_a_new_index_is_empty),
		EACH(test_every_identity_is_found),
		EACH(test_one_digest_may_be_several_things),
		EACH(test_the_strongest_origin_counts),
		EACH(test_holders_come_upward_and_bounded),
		EACH(test_an_image_comes_back_whole),
		EACH(test_a_walk_can_be_ended),
		EACH(test_a_snapshot_does_not_move),
		EACH(test_the_same_file_twice_changes_nothing),
		EACH(test_what_a_stack_is_built_on),
		EACH(test_which_identities_are_known_at_all),
		EACH(test_layers_that_nobody_tells_are_lacking),
		EACH(test_an_image_added_twice_is_one),
		EACH(test_the_order_of_tops_does_not_matter),
		EACH(test_any_order_gives_the_same_index),
	};
	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
