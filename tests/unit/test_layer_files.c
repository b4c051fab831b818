#include "layer_bytes.h"

#include <inttypes.h>

#include "layerproof/layer.h"
#include "layerproof/limits.h"

/* What on_file() was told, a line each: mode, size, path, first bytes of the digest. */
struct listing {
	struct buffer text;
	int refuse_at; /* the file, from 1, that is not wanted; 0: none */
	int count;
};

static int list(void *context, const struct layer_file *file, struct error *err)
{
	struct listing *listing = context;
	char digest[DIGEST_TEXT_SIZE];
	if (++listing->count == listing->refuse_at)
		return error_set(err, ERROR_SYSTEM, "file %d is not wanted", listing->count);
	digest_format(&file->digest, digest);
	return buffer_add_format(&listing->text, err, "%04o %" PRId64 " %s %.15s\n", file->mode,
							 file->size, file->path, digest);
}

static struct layer_result read_files(const struct buffer *blob, struct listing *listing,
									  size_t chunk)
{
	struct layer_options options = {.on_file = list, .context = listing};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *reader = chunk_reader_new(blob->bytes, blob->size, chunk);
	assert_int_equal(layer_read(reader, &options, &result, &err), 0);
	reader_close(reader);
	buffer_add(&listing->text, "", 1, &err);
	return result;
}

/* The same listing however the bytes come, and from a gzip too. */
static struct layer_result check_files(const struct buffer *tar, const char *expected)
{
	const size_t chunks[] = {1, 511, 512, 513, 100000};
	struct layer_result result = {.size = 0};
	struct buffer zipped = BYTES;
	gzip_add(&zipped, tar->bytes, tar->size);
	for (size_t i = 0; i < 2 * sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct listing listing = {.text = BYTES};
		result = read_files(i % 2 ? &zipped : tar, &listing, chunks[i / 2]);
		assert_string_equal(listing.text.bytes, expected);
		buffer_clear(&listing.text);
	}
	buffer_clear(&zipped);
	return result;
}

static void test_files(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add(&tar, '5', "./dir/", "", 0);
	tar_add_file(&tar, "./dir/hello", "hello\n");
	tar_add_file(&tar, "/etc/.wh.passwd", "");
	tar_add_link(&tar, '2', "dir/symlink", "hello");
	tar_add_link(&tar, '1', "dir/hardlink", "dir/hello");
	tar_add(&tar, '0', "zeros", (char[2000]){0}, 2000);
	tar_end(&tar);
	struct layer_result result = check_files(&tar, "0644 6 dir/hello sha256:5891b5b5\n"
												   "0644 0 etc/.wh.passwd sha256:e3b0c442\n"
												   "0644 2000 zeros sha256:2da42fb1\n");
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_int_equal(result.entries, 6);
	assert_int_equal(result.content_files, 2);
	assert_int_equal(result.oddities, 0);
	buffer_clear(&tar);
}

static void add_pax(struct buffer *tar, const struct buffer *records)
{
	tar_add(tar, 'x', "PaxHeaders/x", records->bytes, records->size);
}

/* A sparse file of pax 1.0: two bytes at 100,000, the rest holes. */
static void test_sparse(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	struct buffer content = BYTES;
	pax_add(&pax, "GNU.sparse.major", "1");
	pax_add(&pax, "GNU.sparse.minor", "0");
	pax_add(&pax, "GNU.sparse.name", "sparse");
	pax_add(&pax, "GNU.sparse.realsize", "300000");
	add_pax(&tar, &pax);
	bytes_add(&content, "1\n100000\n2\n", 11);
	tar_pad(&content);
	bytes_add(&content, "ab", 2);
	tar_add(&tar, '0', "GNUSparseFile/sparse", content.bytes, content.size);
	tar_end(&tar);
	struct buffer plain = BYTES;
	bytes_add_fill(&plain, 0, 100000);
	bytes_add(&plain, "ab", 2);
	bytes_add_fill(&plain, 0, 300000 - plain.size);
	struct digest digest;
	char text[DIGEST_TEXT_SIZE];
	char expected[200];
	digest_of(DIGEST_SHA256, plain.bytes, plain.size, &digest);
	(void)snprintf(expected, sizeof(expected), "0644 300000 sparse %.15s\n",
				   digest_format(&digest, text));
	struct layer_result result = check_files(&tar, expected);
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_int_equal(result.oddities, 0);
	buffer_clear(&plain);
	buffer_clear(&content);
	buffer_clear(&pax);
	buffer_clear(&tar);
}

/* A hole costs a hostile tar nothing: what is hashed of it is bounded. */
static void test_huge_hole(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	pax_add(&pax, "GNU.sparse.major", "0");
	pax_add(&pax, "GNU.sparse.minor", "1");
	pax_add(&pax, "GNU.sparse.name", "hole");
	pax_add(&pax, "GNU.sparse.size", "9000000000000000000");
	pax_add(&pax, "GNU.sparse.numblocks", "1");
	pax_add(&pax, "GNU.sparse.map", "0,2");
	add_pax(&tar, &pax);
	tar_add(&tar, '0', "GNUSparseFile/hole", "ab", 2);
	tar_end(&tar);
	struct listing listing = {.text = BYTES};
	struct layer_options options = {
		.on_file = list, .context = &listing, .uncompressed_limit = 1 << 20};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *reader = chunk_reader_new(tar.bytes, tar.size, 100000);
	assert_int_equal(layer_read(reader, &options, &result, &err), 0);
	reader_close(reader);
	check_error(&result.walk_error, ERROR_OVER_LIMIT,
				"tar entry 1: files of more than 1048576 bytes");
	assert_true(digest_is_set(&result.diff_id));
	assert_int_equal(listing.count, 0);
	buffer_clear(&listing.text);
	buffer_clear(&pax);
	buffer_clear(&tar);
}

/* A file of `size` bytes, the first two of which are in the tar. */
static void add_holey(struct buffer *tar, const char *name, const char *size)
{
	struct buffer pax = BYTES;
	pax_add(&pax, "GNU.sparse.major", "0");
	pax_add(&pax, "GNU.sparse.minor", "1");
	pax_add(&pax, "GNU.sparse.name", name);
	pax_add(&pax, "GNU.sparse.size", size);
	pax_add(&pax, "GNU.sparse.numblocks", "1");
	pax_add(&pax, "GNU.sparse.map", "0,2");
	add_pax(tar, &pax);
	tar_add(tar, '0', "GNUSparseFile/hole", "ab", 2);
	buffer_clear(&pax);
}

/* Files whose holes pass the limit are left out and counted; the others are told as ever. */
static void test_holes_are_bounded(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	add_holey(&tar, "fits", "600002");
	add_holey(&tar, "is too much", "400003");
	add_holey(&tar, "fits again", "400002");
	add_holey(&tar, "is never hashed", "9000000000000000000");
	tar_add_file(&tar, "has none", "hello\n");
	tar_end(&tar);
	struct listing listing = {.text = BYTES};
	struct layer_options options = {.on_file = list, .context = &listing, .hole_limit = 1000000};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *reader = chunk_reader_new(tar.bytes, tar.size, 100000);
	assert_int_equal(layer_read(reader, &options, &result, &err), 0);
	reader_close(reader);
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_int_equal(result.unhashed_files, 2);
	assert_int_equal(result.content_files, 5);
	assert_int_equal(listing.count, 3);
	assert_non_null(strstr(listing.text.bytes, "0644 600002 fits "));
	assert_non_null(strstr(listing.text.bytes, "0644 400002 fits again "));
	assert_non_null(strstr(listing.text.bytes, "0644 6 has none "));
	buffer_clear(&listing.text);
	buffer_clear(&tar);
}

static void test_refused(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	for (int i = 0; i < 4; i++)
		tar_add_file(&tar, "file", "content");
	tar_end(&tar);
	struct listing listing = {.text = BYTES, .refuse_at = 3};
	struct layer_options options = {.on_file = list, .context = &listing};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *reader = chunk_reader_new(tar.bytes, tar.size, 512);
	assert_int_equal(layer_read(reader, &options, &result, &err), -1);
	reader_close(reader);
	check_error(&err, ERROR_SYSTEM, "file 3 is not wanted");
	assert_false(digest_is_set(&result.digest));
	assert_false(digest_is_set(&result.diff_id));
	assert_int_equal(listing.count, 3);
	buffer_clear(&listing.text);
	buffer_clear(&tar);
}

/* A broken tar gives the files before the break, and a diff_id all the same. */
static void test_broken(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "first", "hello\n");
	tar_add_header(&tar, '0', "cut", 2000, "");
	bytes_add_fill(&tar, 'x', 512);
	struct layer_result result = check_files(&tar, "0644 6 first sha256:5891b5b5\n");
	check_error(&result.walk_error, ERROR_MALFORMED, "tar entry 2: Truncated tar archive");
	assert_true(digest_is_set(&result.diff_id));
	buffer_clear(&tar);
}

/* ---- Oddities ---- */

static unsigned oddities_of(const struct buffer *tar)
{
	const size_t chunks[] = {1, 300, 512, 1024, 100000};
	unsigned first = 0;
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		const struct layer_options options = {.on_file = NULL};
		struct layer_result result;
		struct error err = ERROR_INIT;
		struct reader *reader = chunk_reader_new(tar->bytes, tar->size, chunks[i]);
		assert_int_equal(layer_read(reader, &options, &result, &err), 0);
		reader_close(reader);
		if (i == 0)
			first = result.oddities;
		assert_int_equal(result.oddities, first);
	}
	return first;
}

static void test_duplicate_path(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "etc/passwd", "root\n");
	tar_add(&tar, '5', "etc/", "", 0);
	tar_add(&tar, '5', "etc/", "", 0);
	assert_int_equal(oddities_of(&tar), 0);
	tar_add_link(&tar, '2', "./etc//passwd", "shadow");
	assert_int_equal(oddities_of(&tar), LAYER_DUPLICATE_PATH);
	buffer_clear(&tar);
}

/* CVE-2025-62518: a reader that trusts the plain header takes the content for entries. */
static void test_size_conflict(void **state)
{
	(void)state;
	static const struct {
		const char *pax_size;
		size_t plain_size;
		unsigned oddities;
	} cases[] = {
		{"1024", 0, LAYER_SIZE_CONFLICT},
		{"1024", 512, LAYER_SIZE_CONFLICT},
		{"0", 1024, LAYER_SIZE_CONFLICT},
		{"1024", 1024, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer tar = BYTES;
		struct buffer pax = BYTES;
		pax_add(&pax, "size", cases[i].pax_size);
		add_pax(&tar, &pax);
		tar_add_header(&tar, '0', "file", cases[i].plain_size, "");
		if (strcmp(cases[i].pax_size, "0") != 0)
			bytes_add_fill(&tar, 'x', 1024);
		tar_end(&tar);
		assert_int_equal(oddities_of(&tar), cases[i].oddities);
		buffer_clear(&pax);
		buffer_clear(&tar);
	}
}

/* A size that the plain header has no room for must stand elsewhere. */
static void test_large_size(void **state)
{
	(void)state;
	static const struct {
		const char *pax_size;
		unsigned oddities;
	} cases[] = {{"8589934592", 0}, {"8589934591", LAYER_SIZE_CONFLICT}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer tar = BYTES;
		struct buffer pax = BYTES;
		pax_add(&pax, "size", cases[i].pax_size);
		add_pax(&tar, &pax);
		tar_add_header(&tar, '0', "file", 0, "");
		assert_int_equal(oddities_of(&tar), cases[i].oddities);
		buffer_clear(&pax);
		buffer_clear(&tar);
	}
}

/* pax lets a hard link bring content; ustar readers skip none. It is hashed, and said. */
static void test_hardlink_with_content(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	tar_add_file(&tar, "file", "hello\n");
	pax_add(&pax, "mtime", "0");
	add_pax(&tar, &pax);
	tar_add_header(&tar, '1', "link", 6, "file");
	bytes_add(&tar, "hello\n", 6);
	tar_pad(&tar);
	tar_end(&tar);
	struct layer_result result = check_files(&tar, "0644 6 file sha256:5891b5b5\n"
												   "0644 6 link sha256:5891b5b5\n");
	assert_int_equal(result.oddities, LAYER_SIZE_CONFLICT);
	assert_int_equal(result.content_files, 2);
	buffer_clear(&pax);
	buffer_clear(&tar);
}

/* A header that only libarchive knows makes a file shorter than its bytes: said, and read in one
 * way however the bytes come. */
static void test_shorter_than_stored(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	pax_add(&pax, "SCHILY.realsize", "6");
	add_pax(&tar, &pax);
	tar_add_header(&tar, '0', "short", 2000, "");
	bytes_add(&tar, "hello\n", 6);
	bytes_add_fill(&tar, 'x', 2042);
	tar_add_file(&tar, "next", "hello\n");
	tar_end(&tar);
	struct layer_result result = check_files(&tar, "0644 6 short sha256:5891b5b5\n"
												   "0644 6 next sha256:5891b5b5\n");
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_int_equal(result.oddities, LAYER_SIZE_CONFLICT);
	buffer_clear(&pax);
	buffer_clear(&tar);
}

/* The type of the file in the mode, as old writers put it there, and more: permissions stay. */
static void test_mode(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_header(&tar, '0', "old", 0, "");
	memcpy(tar.bytes + 100, "0104755", 8);
	tar_sign((uint8_t *)tar.bytes);
	tar_add_header(&tar, '0', "odd", 0, "");
	memcpy(tar.bytes + TAR_BLOCK + 100, "7777644", 8);
	tar_sign((uint8_t *)tar.bytes + TAR_BLOCK);
	tar_end(&tar);
	check_files(&tar, "4755 0 old sha256:e3b0c442\n7644 0 odd sha256:e3b0c442\n");
	buffer_clear(&tar);
}

/* What runtimes unpack as a file of 512 bytes is an empty folder to libarchive, and a header that
 * stands in it an empty file: such a layer is not called empty. */
static void test_readers_differ(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	const struct layer_options options = {.on_file = NULL};
	struct layer_result result;
	struct error err = ERROR_INIT;
	tar_add_header(&tar, '0', "file/", 512, "");
	tar_add_header(&tar, '0', "hidden", 0, "");
	tar_end(&tar);
	assert_int_equal(oddities_of(&tar), LAYER_SIZE_CONFLICT);
	struct reader *reader = reader_from_bytes(tar.bytes, tar.size);
	assert_int_equal(layer_read(reader, &options, &result, &err), 0);
	reader_close(reader);
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_int_equal(result.content_files, 0);
	assert_false(layer_is_empty(&result));
	buffer_clear(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_huge_hole),
		cmocka_unit_test(test_holes_are_bounded),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_duplicate_path),
		cmocka_unit_test(test_size_conflict),
		cmocka_unit_test(test_large_size),
		cmocka_unit_test(test_hardlink_with_content),
		cmocka_unit_test(test_shorter_than_stored),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_readers_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
