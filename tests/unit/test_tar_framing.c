#include "layer_bytes.h"

#include "layer/tar_framing.h"
#include "layerproof/limits.h"

/* Reads the tar in chunks of one size. */
static void read_tar(struct tar_framing *framing, const struct buffer *tar, size_t chunk)
{
	tar_framing_begin(framing);
	for (size_t at = 0; at < tar->size; at += chunk)
		tar_framing_add(framing, (const uint8_t *)tar->bytes + at,
						tar->size - at < chunk ? tar->size - at : chunk);
}

/* Whether these are its entries, and this its end, however the bytes come. An entry without
 * `content` is met by a reader that has read the whole tar. */
static bool has(const struct buffer *tar, const struct tar_frame *entries, size_t count,
				int64_t end)
{
	const size_t chunks[] = {1, 511, 512, 513, 1 << 20};
	int agreed = 0;
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct tar_framing framing;
		bool same = true;
		read_tar(&framing, tar, chunks[i]);
		for (size_t j = 0; j < count; j++) {
			struct tar_frame entry = entries[j];
			if (entry.content == 0)
				entry.content = (int64_t)tar->size;
			same = tar_framing_has_entry(&framing, &entry) && same;
		}
		agreed += tar_framing_has_end(&framing, end, end + TAR_BLOCK) && same;
		tar_framing_clear(&framing);
	}
	assert_true(agreed == 0 || agreed == sizeof(chunks) / sizeof(chunks[0]));
	return agreed > 0;
}

static void add_records(struct buffer *tar, const char *const *records)
{
	struct buffer pax = BYTES;
	for (; records[0]; records += 2)
		pax_add(&pax, records[0], records[1]);
	tar_add(tar, 'x', "PaxHeaders/x", pax.bytes, pax.size);
	buffer_clear(&pax);
}

#define RECORDS(...)                                                                               \
	(const char *const[])                                                                          \
	{                                                                                              \
		__VA_ARGS__, NULL                                                                          \
	}

static void test_entries(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add(&tar, '5', "folder/", "", 0);
	tar_add_file(&tar, "file", "content");
	tar_add_header(&tar, '1', "link", 4096, "file");
	add_records(&tar, RECORDS("path", "long", "size", "1000"));
	tar_add_header(&tar, '0', "short", 1000, "");
	bytes_add_fill(&tar, 'x', 1024);
	tar_add_header(&tar, '\0', "old/", 512, "");
	const struct tar_frame entries[] = {
		{.start = 0}, {512, 7, false, 0}, {.start = 1536}, {2048, 1000, false, 0}, {.start = 4608},
	};
	assert_true(has(&tar, entries, 5, 5120));
	tar_end(&tar);
	assert_true(has(&tar, entries, 5, 5120));
	assert_false(has(&tar, entries, 5, 5632));
	assert_false(has(&tar, entries, 4, 5120));
	const struct tar_frame more = {.start = 5120};
	assert_false(has(&tar, &more, 1, 5120));
	buffer_clear(&tar);
}

/* One file of 512 bytes by what its headers say, whatever else they say. */
static void check_size(struct buffer *tar, int64_t size, bool is_sparse)
{
	const struct tar_frame entry = {0, size, is_sparse, 0};
	int64_t end = (int64_t)tar->size;
	tar_end(tar);
	assert_true(has(tar, &entry, 1, end));
	buffer_clear(tar);
}

static void set_size(struct buffer *tar, const char *field)
{
	uint8_t *header = (uint8_t *)tar->bytes + tar->size - TAR_BLOCK;
	memcpy(header + 124, field, 12);
	tar_sign(header);
}

static void test_plain_sizes(void **state)
{
	(void)state;
	const char *const fields[] = {
		"00000001000\0",
		"\0 0000001000",
		"        1000",
		"1000       \0",
		"\x80\0\0\0\0\0\0\0\0\0\2\0",
		"000000001000",
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct buffer tar = BYTES;
		tar_add_header(&tar, '0', "file", 0, "");
		set_size(&tar, fields[i]);
		bytes_add_fill(&tar, 'x', 512);
		check_size(&tar, 512, false);
	}
}

/* No runtime goes on behind these: nothing is told of what follows. */
static void test_refused_sizes(void **state)
{
	(void)state;
	const char *const fields[] = {
		"-0000000100\0",
		"0000000100x\0",
		"\t0000001000\0",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x80\0\0\x80\0\0\0\0\0\0\0\0",
	};
	const struct tar_frame before = {.start = 0};
	const struct tar_frame inside = {.start = 512, .content = 1024};
	const struct tar_frame anything = {12345, 6789, true, 0};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct buffer tar = BYTES;
		tar_add_header(&tar, '0', "file", 0, "");
		set_size(&tar, fields[i]);
		assert_true(has(&tar, &anything, 1, 0));
		buffer_clear(&tar);
		tar_add_header(&tar, '0', "file", 512, "");
		bytes_add_fill(&tar, 'x', 512);
		tar_add_header(&tar, '0', "file", 0, "");
		set_size(&tar, fields[i]);
		const struct tar_frame first = {0, 512, false, 0};
		const struct tar_frame both[] = {first, anything};
		assert_true(has(&tar, both, 2, 1024));
		assert_false(has(&tar, &first, 1, 512));
		assert_false(has(&tar, &before, 1, 1024));
		assert_false(has(&tar, (const struct tar_frame[]){first, inside}, 2, 1024));
		buffer_clear(&tar);
	}
}

static void test_extended_sizes(void **state)
{
	(void)state;
	static const struct {
		const char *records[9];
		size_t plain;
		int64_t size;
		bool is_sparse;
	} cases[] = {
		{{"size", "512"}, 0, 512, false},
		{{"size", "+512"}, 0, 512, false},
		{{"size", ""}, 512, 512, false},
		{{"size", "9", "size", "512"}, 0, 512, false},
		{{"size", "9", "size", ""}, 512, 512, false},
		{{"SCHILY.realsize", "0"}, 512, 512, false},
		{{"GNU.sparse.realsize", "0"}, 512, 512, false},
		{{"GNU.sparse.map", "0,512", "GNU.sparse.size", "2000"}, 512, 2000, true},
		{{"GNU.sparse.offset", "0", "GNU.sparse.numbytes", "512"}, 512, 512, true},
		{{"GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "99"},
		 512,
		 99,
		 true},
		{{"GNU.sparse.major", "01", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "99"},
		 512,
		 512,
		 false},
		{{"GNU.sparse.map", "0,0", "GNU.sparse.major", "0", "GNU.sparse.minor", "7"},
		 512,
		 512,
		 false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer tar = BYTES;
		add_records(&tar, cases[i].records);
		tar_add_header(&tar, '0', "file", cases[i].plain, "");
		bytes_add_fill(&tar, 'x', 512);
		check_size(&tar, cases[i].size, cases[i].is_sparse);
	}
}

/* A volume label with content, which libarchive takes for the entry: the header behind it has not
 * been read when the entry is compared, or has, as the bytes come. */
static void test_entry_found_too_late(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	const struct tar_frame early = {0, 7, false, 1024};
	const struct tar_frame late = {0, 7, false, 1536};
	tar_add(&tar, 'V', "label", (char[TAR_BLOCK]){0}, TAR_BLOCK);
	tar_add_file(&tar, "file", "content");
	assert_true(has(&tar, &late, 1, 2048));
	assert_false(has(&tar, &early, 1, 2048));
	buffer_clear(&tar);
}

/* The records of one extended header do not outlive the next, nor a global one. */
static void test_chains(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	for (int i = 0; i < 100; i++)
		add_records(&tar, RECORDS("size", "1024"));
	add_records(&tar, RECORDS("comment", "c"));
	tar_add_header(&tar, '0', "file", 512, "");
	bytes_add_fill(&tar, 'x', 512);
	check_size(&tar, 512, false);
	add_records(&tar, RECORDS("size", "1024"));
	tar_add(&tar, 'g', "global", "", 0);
	tar_add_header(&tar, '0', "file", 512, "");
	bytes_add_fill(&tar, 'x', 512);
	check_size(&tar, 512, false);
	add_records(&tar, RECORDS("size", "512"));
	tar_add(&tar, 'L', "././@LongLink", "name", 5);
	tar_add(&tar, 'K', "././@LongLink", "target", 7);
	tar_add_header(&tar, '0', "file/", 0, "");
	bytes_add_fill(&tar, 'x', 512);
	check_size(&tar, 512, false);
}

/* Sparse maps of Solaris, which libarchive knows, make an entry that nothing equals. */
static void test_solaris_holes(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	add_records(&tar, RECORDS("SUN.holesdata", " 1024"));
	tar_add(&tar, 'g', "global", "", 0);
	tar_add_header(&tar, '0', "file", 512, "");
	bytes_add_fill(&tar, 'x', 512);
	for (int is_sparse = 0; is_sparse < 2; is_sparse++) {
		const struct tar_frame entry = {0, 512, is_sparse, 0};
		assert_false(has(&tar, &entry, 1, (int64_t)tar.size));
	}
	buffer_clear(&tar);
}

/* GNU's own header of a sparse file, with two further blocks of its map. */
static void test_old_sparse(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_header(&tar, 'S', "file", 512, "");
	uint8_t *header = (uint8_t *)tar.bytes;
	memcpy(header + 257, "ustar  ", 8);
	header[482] = 1;
	memcpy(header + 483, "00000003720", 12);
	tar_sign(header);
	bytes_add_fill(&tar, 0, 1024);
	tar.bytes[512 + 504] = 1;
	bytes_add_fill(&tar, 'x', 512);
	check_size(&tar, 2000, true);
}

/* More entries than libarchive can be behind: memory is not given to them. */
static void test_too_far_ahead(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct tar_framing framing;
	const struct tar_frame first = {.start = 0};
	for (int i = 0; i < 100000; i++)
		tar_add_header(&tar, '5', "d", 0, "");
	read_tar(&framing, &tar, 1 << 20);
	assert_true(framing.capacity <= 65536);
	assert_false(tar_framing_has_entry(&framing, &first));
	tar_framing_clear(&framing);
	buffer_clear(&tar);
}

/* Checks the paths of all entries, NULL for those that are not kept. */
static void check_paths(struct buffer *tar, const char *const *paths, size_t count)
{
	const size_t chunks[] = {1, 513, 1 << 20};
	tar_end(tar);
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct tar_framing framing;
		read_tar(&framing, tar, chunks[i]);
		assert_int_equal(framing.count, count);
		for (size_t j = 0; j < count; j++) {
			const struct tar_frame same = framing.frames[j].frame;
			assert_true(tar_framing_has_entry(&framing, &same));
			if (paths[j] == NULL)
				assert_null(tar_framing_path(&framing));
			else
				assert_string_equal(tar_framing_path(&framing), paths[j]);
		}
		tar_framing_clear(&framing);
	}
	buffer_clear(tar);
}

/* As they are written, which libarchive would change to one and the same. */
static void test_paths(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	add_records(&tar, RECORDS("path", "cafe\xcc\x81"));
	tar_add_file(&tar, "cafe", "decomposed");
	add_records(&tar, RECORDS("path", "caf\xc3\xa9", "size", "8"));
	tar_add_file(&tar, "caf", "composed");
	tar_add_file(&tar, "caf\xc3\xa9", "in the plain header");
	add_records(&tar, RECORDS("path", "ascii"));
	tar_add_file(&tar, "a", "");
	add_records(&tar, RECORDS("path", "caf\xe9"));
	tar_add(&tar, '5', "caf", "", 0);
	add_records(&tar, RECORDS("path", "", "comment", "caf\xc3\xa9"));
	tar_add_file(&tar, "none", "");
	const char *const paths[] = {
		"cafe\xcc\x81", "caf\xc3\xa9", NULL, NULL, "caf\xe9", NULL,
	};
	check_paths(&tar, paths, 6);
}

static void test_paths_of_sparse_files(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	add_records(&tar, RECORDS("path", "GNUSparseFile.0/\xc3\xa9", "GNU.sparse.name", "e\xcc\x81"));
	tar_add_file(&tar, "a", "");
	add_records(&tar, RECORDS("GNU.sparse.name", "\xc3\xa9", "path", "e\xcc\x81"));
	tar_add_file(&tar, "a", "");
	const char *const paths[] = {"e\xcc\x81", "\xc3\xa9"};
	check_paths(&tar, paths, 2);
}

/* Where readers do not agree on the header that counts, no path is the right one. */
static void test_paths_of_several_headers(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	add_records(&tar, RECORDS("path", "e\xcc\x81"));
	tar_add_file(&tar, "a", "");
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	tar_add(&tar, 'L', "././@LongLink", "long", 5);
	tar_add_file(&tar, "a", "");
	tar_add(&tar, 'L', "././@LongLink", "long", 5);
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	tar_add_file(&tar, "a", "");
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	tar_add_file(&tar, "a", "the next is told again");
	const char *const paths[] = {NULL, NULL, NULL, "\xc3\xa9"};
	check_paths(&tar, paths, 4);
}

/* A path that is never asked for is freed all the same. */
static void test_paths_left_behind(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct tar_framing framing;
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	tar_add_file(&tar, "a", "");
	add_records(&tar, RECORDS("path", "\xc3\xa9"));
	read_tar(&framing, &tar, 512);
	tar_framing_clear(&framing);
	buffer_clear(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_plain_sizes),
		cmocka_unit_test(test_refused_sizes),
		cmocka_unit_test(test_extended_sizes),
		cmocka_unit_test(test_entry_found_too_late),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_solaris_holes),
		cmocka_unit_test(test_old_sparse),
		cmocka_unit_test(test_too_far_ahead),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_paths_of_sparse_files),
		cmocka_unit_test(test_paths_of_several_headers),
		cmocka_unit_test(test_paths_left_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
