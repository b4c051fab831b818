#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "index_fixture.h"

/* An image as one row of an export says it. */
struct row {
	const char *source, *bytes; /* the export */
	uint64_t number;
	enum severity os, app;
	size_t boundary, root; /* 0: none */
	enum severity layer;   /* of "bb" */
};

static const struct row ROWS[] = {
	{"cspm", "january", 9, SEVERITY_LOW, SEVERITY_NONE, 0, 0, SEVERITY_NONE},
	{"cspm", "february", 4, SEVERITY_MEDIUM, SEVERITY_LOW, 0, 1, SEVERITY_HIGH},
	{"agent", "nodes", 2, SEVERITY_NONE, SEVERITY_CRITICAL, 2, 0, SEVERITY_LOW},
};

static void commit_row(struct index *index, const struct row *row)
{
	CLEANUP(index_source_clear) struct index_source source = make_source(row->source, row->bytes);
	struct index_batch *batch = index_batch_new(0);
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "abc");
	image.row = row->number;
	image.severities = (struct severities){row->os, row->app};
	image.has_boundary = row->boundary > 0;
	image.boundary = row->boundary;
	image.root_layers = row->root;
	if (row->layer != SEVERITY_NONE) {
		image.layer_severities = memory_alloc(1, sizeof(*image.layer_severities));
		image.layer_severity_count = 1;
		image.layer_severities[0].layer = named("bb");
		image.layer_severities[0].greatest.os = row->layer;
	}
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	commit(index, batch, &source);
}

static void read_image(struct index *index, uint32_t number, struct internal_image *out)
{
	struct error err = ERROR_INIT;
	struct index_snapshot *snapshot = begin(index);
	if (index_image(snapshot, number, out, &err) != 1)
		fail_msg("%s", err.text);
	index_snapshot_end(snapshot);
}

static void check_mention(const struct image_mention *mention, const struct row *row)
{
	struct digest file = named(row->bytes);
	assert_string_equal(mention->source, row->source);
	assert_true(digest_equal(&mention->file, &file));
	assert_int_equal(mention->row, row->number);
	assert_int_equal(mention->severities.os, row->os);
	assert_int_equal(mention->severities.app, row->app);
	assert_int_equal(mention->has_boundary, row->boundary > 0);
	assert_int_equal(mention->boundary, row->boundary);
	assert_int_equal(mention->root_layers, row->root);
	assert_int_equal(mention->layer_severity_count, row->layer != SEVERITY_NONE);
}

/* The greatest of the three rows, and each of them. */
static void check_all(struct index *index)
{
	struct internal_image image;
	struct digest layer = named("bb");
	struct digest january = named("january");
	struct digest february = named("february");
	int first = digest_compare(&january, &february) < 0 ? 0 : 1;
	read_image(index, 0, &image);
	assert_int_equal(image.severities.os, SEVERITY_MEDIUM);
	assert_int_equal(image.severities.app, SEVERITY_CRITICAL);
	assert_true(image.has_boundary);
	assert_int_equal(image.boundary, 2);
	assert_int_equal(image.root_layers, 1);
	assert_int_equal(image.layer_severity_count, 1);
	assert_true(digest_equal(&image.layer_severities[0].layer, &layer));
	assert_int_equal(image.layer_severities[0].greatest.os, SEVERITY_HIGH);
	assert_int_equal(image.mention_count, 3);
	assert_string_equal(image.source, "agent"); /* the first by name, not by import */
	assert_int_equal(image.row, 2);
	check_mention(&image.mentions[0], &ROWS[2]);
	check_mention(&image.mentions[1], &ROWS[first]);
	check_mention(&image.mentions[2], &ROWS[1 - first]);
	internal_image_clear(&image);
}

static void test_any_order_gives_the_same_mentions(void **state)
{
	(void)state;
	static const int ORDERS[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
									{1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	char id[INDEX_ID_SIZE] = "";
	for (size_t order = 0; order < 6; order++) {
		struct index *index = open_index(INDEX_WRITE);
		for (size_t i = 0; i < 3; i++)
			commit_row(index, &ROWS[ORDERS[order][i]]);
		check_all(index);
		assert_int_equal(statistics(index).images, 1);
		if (*id == '\0')
			strcpy(id, snapshot_id(index));
		assert_string_equal(snapshot_id(index), id);
		index_close(index);
		start_anew();
	}
}

static void test_what_is_said_of_an_image_is_in_the_id(void **state)
{
	(void)state;
	char id[INDEX_ID_SIZE];
	struct index *index = open_index(INDEX_WRITE);
	commit_one(index, "r/app:1", ORIGIN_OURS, "m", "abc");
	strcpy(id, snapshot_id(index));
	commit_row(index, &ROWS[0]);
	assert_string_not_equal(snapshot_id(index), id);
	index_close(index);
}

/* One row for each finding: an image keeps the least row of a source. */
static void test_rows_of_one_source_are_one_mention(void **state)
{
	(void)state;
	struct internal_image read;
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	for (uint64_t row = 100; row > 0; row--) {
		struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "ab");
		image.row = row;
		image.severities.app = row == 50 ? SEVERITY_HIGH : SEVERITY_LOW;
		image.root_layers = row == 60;
		index_batch_add(batch, &image);
		internal_image_clear(&image);
	}
	struct index_outcome outcome = commit(index, batch, NULL);
	assert_int_equal(outcome.images_new, 1);
	assert_int_equal(outcome.digests_new, 5);
	read_image(index, 0, &read);
	assert_int_equal(read.mention_count, 1);
	assert_int_equal(read.row, 1);
	assert_int_equal(read.severities.app, SEVERITY_HIGH);
	assert_int_equal(read.root_layers, 1);
	internal_image_clear(&read);
	index_close(index);
}

/* What an index gave back, with its mentions, makes an equal one. */
static void test_mentions_are_taken_as_they_were_given_back(void **state)
{
	(void)state;
	char id[INDEX_ID_SIZE];
	struct internal_image image;
	struct index *index = open_index(INDEX_WRITE);
	for (size_t i = 0; i < 3; i++)
		commit_row(index, &ROWS[i]);
	strcpy(id, snapshot_id(index));
	read_image(index, 0, &image);
	index_close(index);

	start_anew();
	index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	assert_int_equal(commit(index, batch, NULL).images_new, 1);
	assert_string_equal(snapshot_id(index), id);
	check_all(index);
	index_close(index);
}

static void test_names_come_back(void **state)
{
	(void)state;
	struct index *index = open_index(INDEX_WRITE);
	struct digest digest = named("m");
	struct digest base = named("base");
	char digits[DIGEST_TEXT_SIZE];
	char names[5][256];
	struct internal_image image;
	snprintf(names[0], sizeof(names[0]), "host:5000/r/app@%s", digest_format(&digest, digits));
	snprintf(names[1], sizeof(names[1]), "host:5000/r/app:1@%s", digits);
	snprintf(names[2], sizeof(names[2]), "host:5000/r/app@%s", digest_format(&base, digits));
	snprintf(names[3], sizeof(names[3]), "@");
	memset(names[4], 'x', 255);
	names[4][255] = '\0';
	for (size_t i = 0; i < 5; i++) {
		image = make_image(names[i], ORIGIN_OURS, "m", "a");
		image.base_digest = base;
		image.platform = memory_copy_text(names[4 - i]);
		struct index_batch *batch = index_batch_new(0);
		index_batch_add(batch, &image);
		internal_image_clear(&image);
		commit(index, batch, NULL);
	}
	for (uint32_t i = 0; i < 5; i++) {
		read_image(index, i, &image);
		assert_string_equal(image.name, names[i]);
		assert_string_equal(image.platform, names[4 - i]);
		assert_true(digest_equal(&image.base_digest, &base));
		internal_image_clear(&image);
	}
	index_close(index);
}

/* Two digests of one image with the same first bytes cannot be told by references. */
static void test_digests_that_begin_alike_are_told_apart(void **state)
{
	(void)state;
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "a");
	struct internal_image other = make_image("r/app:2", ORIGIN_OURS, "n", "");
	struct internal_image read;
	struct index *index = open_index(INDEX_WRITE);
	struct digest twins[3] = {named("t"), named("t"), named("t")};
	twins[1].bytes[6] ^= 1;
	twins[2].bytes[31] ^= 1;
	internal_image_add_top(&image, IDENTITY_CONFIG, &twins[0]);
	internal_image_add_top(&image, IDENTITY_CONFIG, &twins[1]);
	internal_image_add_top(&other, IDENTITY_CONFIG, &twins[2]);
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	index_batch_add(batch, &other);
	commit(index, batch, NULL);

	read_image(index, 0, &read);
	assert_int_equal(read.top_count, 3);
	for (size_t i = 1; i < 3; i++)
		assert_true(digest_equal(&read.tops[i].digest, &twins[0]) ||
					digest_equal(&read.tops[i].digest, &twins[1]));
	assert_false(digest_equal(&read.tops[1].digest, &read.tops[2].digest));
	internal_image_clear(&read);
	read_image(index, 1, &read);
	assert_true(digest_equal(&read.tops[1].digest, &twins[2]));
	internal_image_clear(&read);
	internal_image_clear(&image);
	internal_image_clear(&other);
	index_close(index);
}

static void test_loose_layers_come_back(void **state)
{
	(void)state;
	struct internal_image image = make_image("r/app:1", ORIGIN_OURS, "m", "");
	struct internal_image read;
	struct index *index = open_index(INDEX_WRITE);
	struct digest layer = named("loose layer");
	struct digest diff_id = named("loose diff_id");
	internal_image_add_top(&image, IDENTITY_DIFF_ID, &diff_id);
	internal_image_add_top(&image, IDENTITY_LAYER, &layer);
	struct index_batch *batch = index_batch_new(0);
	index_batch_add(batch, &image);
	internal_image_clear(&image);
	commit(index, batch, NULL);
	read_image(index, 0, &read);
	assert_int_equal(read.top_count, 3);
	assert_int_equal(read.tops[1].identity, IDENTITY_LAYER);
	assert_true(digest_equal(&read.tops[1].digest, &layer));
	assert_int_equal(read.tops[2].identity, IDENTITY_DIFF_ID);
	assert_true(digest_equal(&read.tops[2].digest, &diff_id));
	internal_image_clear(&read);
	struct index_snapshot *snapshot = begin(index);
	check_found(snapshot, "loose layer", IDENTITY_LAYER, ORIGIN_OURS, 1);
	index_snapshot_end(snapshot);
	index_close(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_any_order_gives_the_same_mentions),
		EACH(test_what_is_said_of_an_image_is_in_the_id),
		EACH(test_rows_of_one_source_are_one_mention),
		EACH(test_mentions_are_taken_as_they_were_given_back),
		EACH(test_names_come_back),
		EACH(test_digests_that_begin_alike_are_told_apart),
		EACH(test_loose_layers_come_back),
	};
	return cmocka_run_group_tests_name("index_mentions", tests, NULL, NULL);
}
