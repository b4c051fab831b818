#include "layer_bytes.h"

#include "layerproof/layer.h"
#include "layerproof/limits.h"

static const struct layer_options DEFAULTS = {.blob_algorithm = DIGEST_NONE};

static struct layer_result read_from(struct reader *blob, const struct layer_options *options,
									 int expected, struct error *err)
{
	struct layer_result result;
	assert_int_equal(layer_read(blob, options, &result, err), expected);
	reader_close(blob);
	return result;
}

static struct layer_result read_bytes(const void *bytes, size_t size,
									  const struct layer_options *options)
{
	struct error err = ERROR_INIT;
	struct layer_result result = read_from(chunk_reader_new(bytes, size, 100000), options, 0, &err);
	check_error(&err, ERROR_NONE, "");
	return result;
}

static struct layer_result read_buffer(const struct buffer *blob)
{
	return read_bytes(blob->bytes, blob->size, &DEFAULTS);
}

static void check_digest(const struct digest *digest, const char *expected)
{
	char text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_format(digest, text), expected);
}

static void check_digest_of(const struct digest *digest, const struct buffer *bytes)
{
	struct digest expected;
	digest_of(DIGEST_SHA256, bytes->bytes, bytes->size, &expected);
	assert_true(digest_equal(digest, &expected));
}

static void check_whole(const struct layer_result *result, const struct buffer *tar)
{
	check_error(&result->decode_error, ERROR_NONE, "");
	check_error(&result->walk_error, ERROR_NONE, "");
	check_digest_of(&result->diff_id, tar);
	assert_int_equal(result->uncompressed, tar->size);
}

/* registry-facts 86 and domain.md section 1: the bytes that builders write for no content. */
static const uint8_t DOCKER_EMPTY[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x09, 0x6e, 0x88, 0x00, 0xff, 0x62, 0x18, 0x05, 0xa3, 0x60, 0x14,
	0x8c, 0x58, 0x00, 0x08, 0x00, 0x00, 0xff, 0xff, 0x2e, 0xaf, 0xb5, 0xef, 0x00, 0x04, 0x00, 0x00};
static const uint8_t GO_EMPTY[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x62,
								   0x18, 0x05, 0xa3, 0x60, 0x14, 0x8c, 0x58, 0x00, 0x08, 0x00, 0x00,
								   0xff, 0xff, 0x2e, 0xaf, 0xb5, 0xef, 0x00, 0x04, 0x00, 0x00};

#define EMPTY_TAR  "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
#define EMPTY_BLOB "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_well_known_empties(void **state)
{
	(void)state;
	struct layer_result result = read_bytes(DOCKER_EMPTY, sizeof(DOCKER_EMPTY), &DEFAULTS);
	check_digest(&result.digest,
				 "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4");
	check_digest(&result.diff_id, EMPTY_TAR);
	assert_int_equal(result.size, 32);
	assert_int_equal(result.uncompressed, 1024);
	assert_int_equal(result.format, LAYER_GZIP);
	assert_int_equal(result.members, 1);
	assert_int_equal(result.entries, 0);
	assert_true(layer_is_empty(&result));
	result = read_bytes(GO_EMPTY, sizeof(GO_EMPTY), &DEFAULTS);
	check_digest(&result.digest,
				 "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1");
	check_digest(&result.diff_id, EMPTY_TAR);
	assert_true(layer_is_empty(&result));
}

static void test_empty_blob(void **state)
{
	(void)state;
	struct layer_result result = read_bytes("", 0, &DEFAULTS);
	check_digest(&result.digest, EMPTY_BLOB);
	check_digest(&result.diff_id, EMPTY_BLOB);
	assert_int_equal(result.format, LAYER_EMPTY);
	assert_int_equal(result.members, 0);
	check_error(&result.walk_error, ERROR_NONE, "");
	assert_true(layer_is_empty(&result));
}

static void test_zero_blocks(void **state)
{
	(void)state;
	const size_t sizes[] = {512, 1024, 10240, 1 << 20};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buffer tar = BYTES;
		bytes_add_fill(&tar, 0, sizes[i]);
		struct layer_result result = read_buffer(&tar);
		assert_int_equal(result.format, LAYER_TAR);
		check_whole(&result, &tar);
		check_digest_of(&result.digest, &tar);
		assert_true(layer_is_empty(&result));
		buffer_clear(&tar);
	}
}

/* A gzip of nothing at all. */
static void test_gzip_of_nothing(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	gzip_add(&blob, "", 0);
	struct layer_result result = read_buffer(&blob);
	assert_int_equal(result.format, LAYER_GZIP);
	check_digest(&result.diff_id, EMPTY_BLOB);
	assert_true(layer_is_empty(&result));
	buffer_clear(&blob);
}

static void make_tar(struct buffer *tar)
{
	tar_add(tar, '5', "./", "", 0);
	tar_add_file(tar, "./etc/os-release", "NAME=x\n");
	tar_add_file(tar, "app", "program");
	tar_add_file(tar, "empty", "");
	tar_add_link(tar, '1', "hard", "app");
	tar_add_link(tar, '2', "soft", "app");
	tar_end(tar);
}

static void check_same(const struct layer_result *a, const struct layer_result *b)
{
	assert_true(digest_equal(&a->digest, &b->digest));
	assert_true(digest_equal(&a->diff_id, &b->diff_id));
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->uncompressed, b->uncompressed);
	assert_int_equal(a->format, b->format);
	assert_int_equal(a->members, b->members);
	assert_int_equal(a->entries, b->entries);
	assert_int_equal(a->content_files, b->content_files);
	assert_int_equal(a->has_os_release, b->has_os_release);
	assert_string_equal(a->decode_error.text, b->decode_error.text);
	assert_string_equal(a->walk_error.text, b->walk_error.text);
}

/* The answer is the same however the bytes come (large blobs do not come by the byte). */
static struct layer_result check_chunks(const struct buffer *blob)
{
	const size_t chunks[] = {1, 2, 7, 511, 512, 513, 4096};
	struct layer_result whole = read_buffer(blob);
	check_digest_of(&whole.digest, blob);
	assert_int_equal(whole.size, blob->size);
	for (size_t i = blob->size > 100000 ? 3 : 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct error err = ERROR_INIT;
		struct layer_result result = read_from(chunk_reader_new(blob->bytes, blob->size, chunks[i]),
											   &DEFAULTS, 0, &err);
		check_same(&result, &whole);
	}
	return whole;
}

static void check_content(const struct layer_result *result)
{
	assert_int_equal(result->entries, 6);
	assert_int_equal(result->content_files, 2);
	assert_true(result->has_os_release);
	assert_false(layer_is_empty(result));
}

static void test_formats(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer gzip = BYTES;
	struct buffer zstd = BYTES;
	make_tar(&tar);
	gzip_add(&gzip, tar.bytes, 1000);
	gzip_add(&gzip, tar.bytes + 1000, tar.size - 1000);
	zstd_add_skippable(&zstd, "", 0);
	zstd_add(&zstd, tar.bytes, tar.size);
	struct layer_result result = check_chunks(&tar);
	assert_int_equal(result.format, LAYER_TAR);
	assert_int_equal(result.members, 0);
	check_whole(&result, &tar);
	check_content(&result);
	result = check_chunks(&gzip);
	assert_int_equal(result.format, LAYER_GZIP);
	assert_int_equal(result.members, 2);
	check_whole(&result, &tar);
	check_content(&result);
	result = check_chunks(&zstd);
	assert_int_equal(result.format, LAYER_ZSTD);
	assert_int_equal(result.members, 1);
	check_whole(&result, &tar);
	check_content(&result);
	buffer_clear(&tar);
	buffer_clear(&gzip);
	buffer_clear(&zstd);
}

static void test_sha512(void **state)
{
	(void)state;
	struct layer_options options = {.blob_algorithm = DIGEST_SHA512};
	struct buffer tar = BYTES;
	struct digest expected;
	tar_end(&tar);
	digest_of(DIGEST_SHA512, tar.bytes, tar.size, &expected);
	struct layer_result result = read_bytes(tar.bytes, tar.size, &options);
	assert_true(digest_equal(&result.digest, &expected));
	check_digest(&result.diff_id, EMPTY_TAR);
	options.tar_algorithm = DIGEST_SHA512;
	result = read_bytes(GO_EMPTY, sizeof(GO_EMPTY), &options);
	assert_true(digest_equal(&result.diff_id, &expected));
	buffer_clear(&tar);
}

static void check_unknown(const void *bytes, size_t size, const char *text)
{
	struct layer_result result = read_bytes(bytes, size, &DEFAULTS);
	assert_int_equal(result.format, LAYER_UNKNOWN);
	check_error(&result.decode_error, ERROR_UNSUPPORTED, text);
	check_error(&result.walk_error, ERROR_UNSUPPORTED, text);
	assert_int_equal(result.size, size);
	assert_true(digest_is_set(&result.digest));
	assert_false(digest_is_set(&result.diff_id));
	assert_false(layer_is_empty(&result));
}

static void test_unknown_formats(void **state)
{
	(void)state;
	check_unknown("BZh91AY", 7, "looks like bzip2: not gzip, zstd or tar");
	check_unknown("\xfd"
				  "7zXZ\0\0",
				  7, "looks like xz: not gzip, zstd or tar");
	check_unknown("PK\x03\x04", 4, "looks like zip: not gzip, zstd or tar");
	check_unknown("{\"errors\":[]}", 13, "looks like JSON: not gzip, zstd or tar");
	check_unknown("<html>", 6, "looks like HTML or XML: not gzip, zstd or tar");
	check_unknown("\x1f", 1, "not gzip, zstd or tar");
	check_unknown("\x28\xb5\x2f", 3, "not gzip, zstd or tar");
	char zeros[511] = {0};
	check_unknown(zeros, sizeof(zeros), "not gzip, zstd or tar");
	struct buffer noise = BYTES;
	bytes_add_noise(&noise, 5000);
	check_unknown(noise.bytes, noise.size, "not gzip, zstd or tar");
	buffer_clear(&noise);
}

/* A header older than ustar has no magic, only its checksum. */
static void test_old_tar(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "old", "content");
	memset(tar.bytes + 257, 0, 8);
	tar_sign((uint8_t *)tar.bytes);
	tar_end(&tar);
	struct layer_result result = check_chunks(&tar);
	assert_int_equal(result.format, LAYER_TAR);
	check_whole(&result, &tar);
	assert_int_equal(result.content_files, 1);
	tar.bytes[0]++;
	check_unknown(tar.bytes, tar.size, "not gzip, zstd or tar");
	buffer_clear(&tar);
}

/* Cut anywhere, the blob has its digest, and the rest says why it is missing. */
static void test_truncated(void **state)
{
	(void)state;
	for (size_t size = 2; size < sizeof(GO_EMPTY); size++) {
		struct buffer cut = BYTES;
		bytes_add(&cut, GO_EMPTY, size);
		struct layer_result result = read_buffer(&cut);
		check_digest_of(&result.digest, &cut);
		assert_false(digest_is_set(&result.diff_id));
		check_error(&result.decode_error, ERROR_MALFORMED, "gzip member 1: ends early");
		check_error(&result.walk_error, ERROR_MALFORMED, "gzip member 1: ends early");
		assert_false(layer_is_empty(&result));
		buffer_clear(&cut);
	}
}

/* The diff_id never depends on the tar, nor the digest on the decoding. */
static void test_broken_tar(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer gzip = BYTES;
	tar_add_file(&tar, "one", "content");
	tar_add_file(&tar, "two", "content");
	tar.bytes[1024] = 'T'; /* the second header's checksum is wrong now */
	bytes_add_noise(&tar, 3 << 20);
	gzip_add(&gzip, tar.bytes, tar.size);
	struct layer_result result = check_chunks(&gzip);
	check_error(&result.decode_error, ERROR_NONE, "");
	check_digest_of(&result.diff_id, &tar);
	check_error(&result.walk_error, ERROR_MALFORMED, "tar entry 2: Damaged tar archive");
	assert_int_equal(result.entries, 1);
	assert_int_equal(result.content_files, 1);
	gzip.bytes[gzip.size / 2] ^= 1;
	result = read_buffer(&gzip);
	check_digest_of(&result.digest, &gzip);
	assert_false(digest_is_set(&result.diff_id));
	assert_int_equal(result.decode_error.code, ERROR_MALFORMED);
	buffer_clear(&tar);
	buffer_clear(&gzip);
}

static void check_walk_error(struct buffer *tar, enum error_code code, const char *text)
{
	struct layer_result result = check_chunks(tar);
	check_error(&result.walk_error, code, text);
	check_error(&result.decode_error, ERROR_NONE, "");
	check_digest_of(&result.diff_id, tar);
	assert_false(layer_is_empty(&result));
	buffer_clear(tar);
}

static void test_truncated_tar(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add(&tar, '5', "folder", "", 0);
	bytes_add_fill(&tar, 'x', 100);
	check_walk_error(&tar, ERROR_MALFORMED, "tar entry 2: Truncated tar archive");
	tar_add_header(&tar, '0', "file", 5000, "");
	bytes_add_fill(&tar, 0, 4000);
	check_walk_error(&tar, ERROR_MALFORMED, "tar entry 1: Truncated tar archive");
}

static void test_not_a_tar(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	bytes_add_fill(&plain, 'x', 3000);
	gzip_add(&blob, plain.bytes, plain.size);
	struct layer_result result = check_chunks(&blob);
	check_digest_of(&result.diff_id, &plain);
	check_error(&result.walk_error, ERROR_MALFORMED, "tar entry 1: Unrecognized archive format");
	buffer_clear(&blob);
	buffer_clear(&plain);
}

/* What stands behind the end of the archive is not unpacked, and not called nothing either. */
static void test_hidden_content(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add(&tar, '5', "folder", "", 0);
	tar_end(&tar);
	tar_add_file(&tar, "hidden", "content");
	check_walk_error(&tar, ERROR_MALFORMED,
					 "tar: more than zeros behind the end of the archive at byte 1536");
	tar_end(&tar);
	bytes_add_fill(&tar, 0, 1 << 20);
	bytes_add(&tar, "!", 1);
	check_walk_error(&tar, ERROR_MALFORMED,
					 "tar: more than zeros behind the end of the archive at byte 1024");
}

static void test_no_content(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add(&tar, '5', "app", "", 0);
	tar_add_file(&tar, "app/.wh.file", "");
	tar_add_file(&tar, "app/.wh..wh..opq", "");
	tar_add_link(&tar, '2', "link", "app");
	tar_add_link(&tar, '1', "hard", "app/.wh.file");
	tar_add(&tar, '3', "device", "", 0);
	tar_add(&tar, '6', "pipe", "", 0);
	tar_end(&tar);
	struct layer_result result = check_chunks(&tar);
	check_whole(&result, &tar);
	assert_int_equal(result.entries, 7);
	assert_int_equal(result.content_files, 0);
	assert_false(result.has_os_release);
	assert_true(layer_is_empty(&result));
	buffer_clear(&tar);
}

/* No end-of-archive mark: some writers leave it out. */
static void test_no_end_mark(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "file", "content");
	struct layer_result result = check_chunks(&tar);
	check_whole(&result, &tar);
	assert_int_equal(result.content_files, 1);
	buffer_clear(&tar);
}

static bool finds_os_release(char type, const char *name)
{
	struct buffer tar = BYTES;
	tar_add_header(&tar, type, name, 0, type == '2' ? "../usr/lib/os-release" : "");
	tar_end(&tar);
	struct layer_result result = read_buffer(&tar);
	check_whole(&result, &tar);
	buffer_clear(&tar);
	return result.has_os_release;
}

static void test_os_release(void **state)
{
	(void)state;
	assert_true(finds_os_release('0', "usr/lib/os-release"));
	assert_true(finds_os_release('0', "./usr/lib/os-release"));
	assert_true(finds_os_release('0', "/etc/os-release"));
	assert_true(finds_os_release('2', "etc/os-release"));
	assert_false(finds_os_release('5', "etc/os-release"));
	assert_false(finds_os_release('0', "os-release"));
	assert_false(finds_os_release('0', "app/etc/os-release"));
	assert_false(finds_os_release('0', "etc/os-release.d"));
}

/* Long names and sizes that only the extended headers tell, of pax and of GNU tar. */
static void test_extended_headers(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	char name[300];
	memset(name, 'n', sizeof(name));
	pax_add(&pax, "path", "usr/lib/os-release");
	pax_add(&pax, "size", "7");
	tar_add(&tar, 'x', "PaxHeaders/short", pax.bytes, pax.size);
	tar_add_header(&tar, '0', "short", 0, "");
	bytes_add(&tar, "content", 7);
	tar_pad(&tar);
	tar_add(&tar, 'L', "././@LongLink", name, sizeof(name));
	tar_add_file(&tar, "nnnn", "content");
	tar_add(&tar, 'g', "global", pax.bytes, 0);
	tar_add_file(&tar, "\xc3\xa9t\xc3\xa9", "content");
	tar_end(&tar);
	struct layer_result result = check_chunks(&tar);
	check_whole(&result, &tar);
	assert_int_equal(result.entries, 3);
	assert_int_equal(result.content_files, 3);
	assert_true(result.has_os_release);
	buffer_clear(&tar);
	buffer_clear(&pax);
}

/* A name that the locale cannot show is a warning of libarchive's, no more. */
static void test_pax_utf8_name(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	pax_add(&pax, "path", "\xc3\xa9t\xc3\xa9/\xf0\x9f\x90\xb3");
	pax_add(&pax, "uname", "\xff\xfe");
	tar_add(&tar, 'x', "PaxHeaders/x", pax.bytes, pax.size);
	tar_add_file(&tar, "x", "content");
	tar_end(&tar);
	struct layer_result result = check_chunks(&tar);
	check_whole(&result, &tar);
	assert_int_equal(result.content_files, 1);
	buffer_clear(&tar);
	buffer_clear(&pax);
}

static void test_extended_header_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer value = BYTES;
	bytes_add_fill(&value, 'v', (size_t)LIMIT_TAR_HEADER + 1);
	tar_add(&tar, 'x', "PaxHeaders/x", value.bytes, value.size);
	tar_add_file(&tar, "x", "content");
	check_walk_error(&tar, ERROR_OVER_LIMIT, "tar entry 1: Special header too large");
	tar_add(&tar, '5', "folder", "", 0);
	for (int i = 0; i < 4; i++)
		tar_add(&tar, i % 2 ? 'L' : 'K', "././@LongLink", value.bytes, 400000);
	tar_add_file(&tar, "x", "content");
	check_walk_error(&tar, ERROR_OVER_LIMIT,
					 "tar entry 2: extended headers of more than 1048576 bytes");
	buffer_clear(&value);
}

/* GNU sparse maps are held in memory by libarchive, whatever their length: each entry here takes
 * four bytes of the file. */
static void test_sparse_map_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	struct buffer map = BYTES;
	bytes_add(&map, "9999999\n", 8);
	for (int i = 0; i < 3 << 18; i++)
		bytes_add(&map, "0\n0\n", 4);
	pax_add(&pax, "GNU.sparse.major", "1");
	pax_add(&pax, "GNU.sparse.minor", "0");
	pax_add(&pax, "GNU.sparse.name", "sparse");
	pax_add(&pax, "GNU.sparse.realsize", "1000");
	tar_add(&tar, 'x', "PaxHeaders/x", pax.bytes, pax.size);
	tar_add(&tar, '0', "x", map.bytes, map.size);
	check_walk_error(&tar, ERROR_OVER_LIMIT,
					 "tar entry 1: extended headers of more than 1048576 bytes");
	buffer_clear(&pax);
	buffer_clear(&map);
}

static void test_path_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer name = BYTES;
	bytes_add_fill(&name, 'n', (size_t)LIMIT_TAR_PATH);
	tar_add(&tar, 'L', "././@LongLink", name.bytes, name.size);
	tar_add_file(&tar, "n", "");
	struct layer_result result = read_buffer(&tar);
	check_whole(&result, &tar);
	bytes_add(&name, "n", 1);
	tar_add(&tar, 'L', "././@LongLink", name.bytes, name.size);
	tar_add_file(&tar, "n", "");
	check_walk_error(&tar, ERROR_OVER_LIMIT, "tar entry 2: path of more than 65536 bytes");
	buffer_clear(&name);
}

static void test_entry_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	make_tar(&tar);
	struct layer_options options = {.entry_limit = 6};
	struct layer_result result = read_bytes(tar.bytes, tar.size, &options);
	check_whole(&result, &tar);
	options.entry_limit = 5;
	result = read_bytes(tar.bytes, tar.size, &options);
	check_error(&result.walk_error, ERROR_OVER_LIMIT, "tar: more than 5 entries");
	assert_int_equal(result.entries, 5);
	check_digest_of(&result.diff_id, &tar);
	buffer_clear(&tar);
}

static void test_uncompressed_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer gzip = BYTES;
	struct layer_options options = {.uncompressed_limit = 1 << 20};
	bytes_add_fill(&tar, 0, 1 << 20);
	gzip_add(&gzip, tar.bytes, tar.size);
	struct layer_result result = read_bytes(gzip.bytes, gzip.size, &options);
	check_whole(&result, &tar);
	options.uncompressed_limit--;
	result = read_bytes(gzip.bytes, gzip.size, &options);
	check_error(&result.decode_error, ERROR_OVER_LIMIT, "uncompressed: more than 1048575 bytes");
	check_error(&result.walk_error, ERROR_OVER_LIMIT, "uncompressed: more than 1048575 bytes");
	assert_false(digest_is_set(&result.diff_id));
	check_digest_of(&result.digest, &gzip);
	assert_int_equal(result.size, gzip.size);
	result = read_bytes(tar.bytes, tar.size, &options);
	check_error(&result.decode_error, ERROR_OVER_LIMIT, "uncompressed: more than 1048575 bytes");
	assert_false(digest_is_set(&result.diff_id));
	check_digest_of(&result.digest, &tar);
	buffer_clear(&tar);
	buffer_clear(&gzip);
}

static void test_bomb(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer zstd = BYTES;
	bytes_add_fill(&tar, 0, 64 << 20);
	zstd_add(&zstd, tar.bytes, tar.size);
	struct layer_result result = read_buffer(&zstd);
	check_error(&result.decode_error, ERROR_OVER_LIMIT,
				"34865152 bytes uncompressed: more than 1032 to 1 compressed");
	check_digest_of(&result.digest, &zstd);
	assert_int_equal(result.size, zstd.size);
	assert_false(layer_is_empty(&result));
	buffer_clear(&tar);
	buffer_clear(&zstd);
}

static void test_compressed_limit(void **state)
{
	(void)state;
	struct layer_options options = {.compressed_limit = 32};
	struct layer_result result = read_bytes(GO_EMPTY, sizeof(GO_EMPTY), &options);
	assert_true(layer_is_empty(&result));
	options.compressed_limit = 31;
	struct error err = ERROR_INIT;
	result = read_from(chunk_reader_new(GO_EMPTY, sizeof(GO_EMPTY), 8), &options, -1, &err);
	check_error(&err, ERROR_OVER_LIMIT, "compressed: more than 31 bytes");
	assert_false(digest_is_set(&result.digest));
	assert_false(digest_is_set(&result.diff_id));
	assert_int_equal(result.size, 24);
}

static void check_lost(const void *bytes, size_t size, size_t chunk)
{
	struct error err = ERROR_INIT;
	struct layer_result result = read_from(failing_reader_new(bytes, size, chunk), &DEFAULTS, -1,
										   &err);
	check_error(&err, ERROR_UNREACHABLE, "connection lost");
	assert_false(digest_is_set(&result.digest));
	assert_false(digest_is_set(&result.diff_id));
	assert_false(layer_is_empty(&result));
	assert_int_equal(result.size, size);
}

/* The blob is lost at the start, in the middle, and where all of it had come but the end. */
static void test_lost_blob(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	make_tar(&tar);
	for (size_t chunk = 1; chunk <= 1000; chunk += 333) {
		check_lost("", 0, chunk);
		check_lost(GO_EMPTY, 20, chunk);
		check_lost(GO_EMPTY, sizeof(GO_EMPTY), chunk);
		check_lost("BZh", 3, chunk);
		check_lost(tar.bytes, 700, chunk);
		check_lost(tar.bytes, tar.size, chunk);
	}
	buffer_clear(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_known_empties),
		cmocka_unit_test(test_empty_blob),
		cmocka_unit_test(test_zero_blocks),
		cmocka_unit_test(test_gzip_of_nothing),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_sha512),
		cmocka_unit_test(test_unknown_formats),
		cmocka_unit_test(test_old_tar),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_broken_tar),
		cmocka_unit_test(test_truncated_tar),
		cmocka_unit_test(test_not_a_tar),
		cmocka_unit_test(test_hidden_content),
		cmocka_unit_test(test_no_content),
		cmocka_unit_test(test_no_end_mark),
		cmocka_unit_test(test_os_release),
		cmocka_unit_test(test_extended_headers),
		cmocka_unit_test(test_pax_utf8_name),
		cmocka_unit_test(test_extended_header_limit),
		cmocka_unit_test(test_sparse_map_limit),
		cmocka_unit_test(test_path_limit),
		cmocka_unit_test(test_entry_limit),
		cmocka_unit_test(test_uncompressed_limit),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_compressed_limit),
		cmocka_unit_test(test_lost_blob),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
