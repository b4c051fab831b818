/* Pages of the data file damaged at every place of their headers, and of an entry of theirs: the
 * index is found to be damaged or is sound, and nobody dies of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index_fixture.h"
#include "layerproof/buffer.h"
#include "layerproof/index_verify.h"

enum { IMAGES = 120, PAGE = 4096 };

static struct buffer read_file(const char *path)
{
	struct error err = ERROR_INIT;
	struct buffer bytes = BUFFER_INIT(16 << 20);
	char chunk[PAGE];
	size_t got;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		assert_int_equal(buffer_add(&bytes, chunk, got, &err), 0);
	fclose(file);
	return bytes;
}

static void write_file(const char *path, const struct buffer *bytes)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes->bytes, 1, bytes->size, file), bytes->size);
	assert_int_equal(fclose(file), 0);
}

/* Images that share a base, so that there are postings and tables of more than one page. */
static void make_index(void)
{
	struct index *index = open_index(INDEX_WRITE);
	struct index_batch *batch = index_batch_new(0);

	for (int i = 0; i < IMAGES; i++) {
		char name[32], manifest[16];
		snprintf(name, sizeof(name), "r/team/app%d:1", i);
		snprintf(manifest, sizeof(manifest), "m%d", i);
		struct internal_image image = make_image(name, ORIGIN_OURS, manifest, "a");
		for (int layer = 0; layer < 3; layer++) {
			char text[32];
			snprintf(text, sizeof(text), "b%d-%d", i, layer);
			struct digest digest = named(text);
			internal_image_add_layer(&image, &digest);
		}
		index_batch_add(batch, &image);
		internal_image_clear(&image);
	}
	commit(index, batch, NULL);
	index_close(index);
}

struct told {
	uint64_t count;
	bool names_pages;
};

static int take_damage(void *context, const char *text)
{
	struct told *told = context;

	told->count++;
	told->names_pages = told->names_pages || strstr(text, "pages of data.mdb are damaged");
	return 0;
}

struct tally {
	unsigned sound, damaged, deadly;
};

static void try(const char *path, struct buffer *bytes, size_t at, uint16_t pattern,
				struct tally *tally)
{
	struct error err = ERROR_INIT;
	struct told told = {.count = 0};
	struct index_verification found;
	char saved[sizeof(pattern)];

	memcpy(saved, bytes->bytes + at, sizeof(saved));
	memcpy(bytes->bytes + at, &pattern, sizeof(pattern));
	write_file(path, bytes);
	memcpy(bytes->bytes + at, saved, sizeof(saved));
	if (index_verify(directory, take_damage, &told, &found, &err) != 0)
		fail_msg("byte %zu: %s", at, err.text);
	assert_int_equal(found.damages, told.count);
	tally->sound += told.count == 0;
	tally->damaged += told.count > 0;
	tally->deadly += told.names_pages;
}

static void test_no_damage_to_a_page_is_deadly(void **state)
{
	(void)state;
	/* the page's number, its flags, the ends of its free room, and the first pointers to entries */
	static const size_t OFFSETS[] = {0, 8, 10, 12, 14, 16, 18, 3001};
	static const uint16_t PATTERNS[] = {0xffff, 0, 0x4001};
	struct tally tally = {.sound = 0};
	char path[128];

	make_index();
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	struct buffer bytes = read_file(path);
	for (size_t page = 0; page < bytes.size / PAGE; page++)
		for (size_t i = 0; i < sizeof(OFFSETS) / sizeof(OFFSETS[0]); i++)
			try(path, &bytes, page * PAGE + OFFSETS[i], PATTERNS[(page + i) % 3], &tally);
	write_file(path, &bytes);
	buffer_clear(&bytes);
	/* Pages that are not in use may say anything. */
	assert_true(tally.sound > 0);
	assert_true(tally.damaged > tally.deadly);
	assert_true(tally.deadly > 0);

	struct error err = ERROR_INIT;
	struct told told = {.count = 0};
	struct index_verification found;
	assert_int_equal(index_verify(directory, take_damage, &told, &found, &err), 0);
	assert_int_equal(told.count, 0);
	assert_int_equal(found.images, IMAGES);
}

static void test_a_file_that_is_none_is_damage(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct told told = {.count = 0};
	struct index_verification found;
	struct buffer bytes = BUFFER_INIT(1 << 20);
	char path[128];

	assert_int_equal(index_verify(directory, take_damage, &told, &found, &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(told.count, 0);
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	err = (struct error)ERROR_INIT;
	for (int i = 0; i < 4 * PAGE / 8; i++)
		assert_int_equal(buffer_add(&bytes, "no index", 8, &err), 0);
	write_file(path, &bytes);
	buffer_clear(&bytes);
	assert_int_equal(index_verify(directory, take_damage, &told, &found, &err), 0);
	assert_int_equal(told.count, 1);
	assert_int_equal(found.damages, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_no_damage_to_a_page_is_deadly),
		EACH(test_a_file_that_is_none_is_damage),
	};
	return cmocka_run_group_tests_name("index_pages", tests, NULL, NULL);
}
