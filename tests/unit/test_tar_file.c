#include "layer_bytes.h"

#include <stdlib.h>
#include <unistd.h>

#include "layerproof/tar_file.h"

DEFINE_CLEANUP(struct tar_file, tar_file_close)

/* A file that is gone when the test is: its path. */
static char path[] = "/tmp/layerproof-tar-file-XXXXXX";

static int make_path(void **state)
{
	(void)state;
	int descriptor = mkstemp(path);
	assert_int_not_equal(descriptor, -1);
	close(descriptor);
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const struct buffer *bytes)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	if (bytes->size > 0)
		assert_int_equal(fwrite(bytes->bytes, bytes->size, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static struct tar_file *open_bytes(const struct buffer *bytes)
{
	struct error err = ERROR_INIT;
	write_file(bytes);
	struct tar_file *archive = tar_file_open(path, &err);
	check_error(&err, ERROR_NONE, "");
	assert_non_null(archive);
	return archive;
}

/* Text after `path`, which every error of the module begins with. */
static void check_path_error(const struct error *err, enum error_code code, const char *text)
{
	assert_int_equal(strncmp(err->text, path, strlen(path)), 0);
	assert_string_equal(err->text + strlen(path), text);
	assert_int_equal(err->code, code);
}

static void check_open_fails(const struct buffer *bytes, enum error_code code, const char *text)
{
	struct error err = ERROR_INIT;
	write_file(bytes);
	assert_null(tar_file_open(path, &err));
	check_path_error(&err, code, text);
}

static int read_member(struct tar_file *archive, const char *name, struct buffer *out,
					   struct error *err)
{
	struct reader *reader = tar_file_member_open(archive, name, err);
	if (!reader)
		return -1;
	int result = reader_read_all(reader, out, err);
	reader_close(reader);
	return result;
}

static void check_member(struct tar_file *archive, const char *name, const void *content,
						 size_t size)
{
	struct error err = ERROR_INIT;
	struct buffer out = BYTES;
	assert_int_equal(tar_file_member_size(archive, name), size);
	assert_int_equal(read_member(archive, name, &out, &err), 0);
	assert_int_equal(out.size, size);
	if (size > 0)
		assert_memory_equal(out.bytes, content, size);
	buffer_clear(&out);
}

static void check_text(struct tar_file *archive, const char *name, const char *content)
{
	check_member(archive, name, content, strlen(content));
}

static void check_absent(struct tar_file *archive, const char *name)
{
	struct error err = ERROR_INIT;
	char text[200];
	assert_int_equal(tar_file_member_size(archive, name), -1);
	assert_null(tar_file_member_open(archive, name, &err));
	snprintf(text, sizeof(text), ": no member %s", name);
	check_path_error(&err, ERROR_NOT_FOUND, text);
}

static void make_archive(struct buffer *tar, const struct buffer *large)
{
	tar_add(tar, '5', "./blobs/", "", 0);
	tar_add_file(tar, "./manifest.json", "[]");
	tar_add_file(tar, "empty", "");
	tar_add(tar, '0', "blobs/sha256/large", large->bytes, large->size);
	tar_add_file(tar, "last", "end");
	tar_end(tar);
}

static void check_archive(const struct buffer *bytes, const struct buffer *large)
{
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(bytes);
	check_text(archive, "manifest.json", "[]");
	check_text(archive, "./manifest.json", "[]");
	check_text(archive, "/manifest.json", "[]");
	check_text(archive, "empty", "");
	check_text(archive, "last", "end");
	check_member(archive, "blobs/sha256/large", large->bytes, large->size);
	check_absent(archive, "blobs");
	check_absent(archive, "manifest");
	check_absent(archive, "manifest.json/");
	check_absent(archive, "");
}

static void test_formats(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer large = BYTES;
	struct buffer packed = BYTES;
	bytes_add_noise(&large, 3000001);
	make_archive(&tar, &large);
	check_archive(&tar, &large);
	gzip_add(&packed, tar.bytes, tar.size);
	check_archive(&packed, &large);
	buffer_clear(&packed);
	zstd_add(&packed, tar.bytes, tar.size);
	check_archive(&packed, &large);
	buffer_clear(&packed);
	buffer_clear(&large);
	buffer_clear(&tar);
}

/* Two readers of one archive do not disturb each other. */
static void test_readers_are_independent(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "one", "first");
	tar_add_file(&tar, "two", "second");
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	struct reader *one = tar_file_member_open(archive, "one", &err);
	struct reader *two = tar_file_member_open(archive, "two", &err);
	const uint8_t *first;
	const uint8_t *second;
	size_t first_size;
	size_t second_size;
	assert_int_equal(reader_next(one, &first, &first_size, &err), 0);
	assert_int_equal(reader_next(two, &second, &second_size, &err), 0);
	assert_int_equal(first_size, 5);
	assert_memory_equal(first, "first", 5);
	assert_int_equal(second_size, 6);
	assert_memory_equal(second, "second", 6);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(reader_next(one, &first, &first_size, &err), 0);
		assert_int_equal(first_size, 0);
	}
	reader_close(one);
	reader_close(two);
	buffer_clear(&tar);
}

/* Old `docker save` writes a layer once and links to it. */
static void test_links(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "aaa/layer.tar", "layer");
	tar_add_link(&tar, '2', "bbb/layer.tar", "../aaa/layer.tar");
	tar_add_link(&tar, '2', "ccc/layer.tar", ".././bbb//layer.tar");
	tar_add_link(&tar, '1', "ddd/layer.tar", "aaa/layer.tar");
	tar_add_link(&tar, '2', "absolute", "/aaa/layer.tar");
	tar_add_link(&tar, '2', "beside", "absolute");
	tar_add_link(&tar, '2', "dangling", "nothing");
	tar_add_link(&tar, '2', "outside", "../aaa/layer.tar");
	tar_add_link(&tar, '2', "loop", "loop");
	tar_add_link(&tar, '2', "ping", "pong");
	tar_add_link(&tar, '2', "pong", "ping");
	tar_end(&tar);
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	check_text(archive, "bbb/layer.tar", "layer");
	check_text(archive, "ccc/layer.tar", "layer");
	check_text(archive, "ddd/layer.tar", "layer");
	check_text(archive, "absolute", "layer");
	check_text(archive, "beside", "layer");
	check_absent(archive, "dangling");
	check_absent(archive, "outside");
	check_absent(archive, "loop");
	check_absent(archive, "ping");
	buffer_clear(&tar);
}

static void test_last_of_one_name(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	tar_add_file(&tar, "file", "one");
	tar_add_file(&tar, "./file", "three");
	tar_add_file(&tar, "other", "two");
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	check_text(archive, "file", "three");
	check_text(archive, "other", "two");
	buffer_clear(&tar);
}

static void test_long_names(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer pax = BYTES;
	pax_add(&pax, "path", "a/name/from/pax");
	tar_add(&tar, '0', "padding", "x", 1);
	tar_add(&tar, 'x', "PaxHeaders/x", pax.bytes, pax.size);
	tar_add_file(&tar, "x", "pax content");
	tar_add(&tar, 'L', "././@LongLink", "a/name/from/gnu", 16);
	tar_add_file(&tar, "y", "gnu content");
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	check_text(archive, "a/name/from/pax", "pax content");
	check_text(archive, "a/name/from/gnu", "gnu content");
	check_absent(archive, "x");
	buffer_clear(&pax);
	buffer_clear(&tar);
}

static void add_sparse(struct buffer *tar, const char *realsize, const char *map,
					   const char *content)
{
	struct buffer pax = BYTES;
	struct buffer body = BYTES;
	pax_add(&pax, "GNU.sparse.major", "1");
	pax_add(&pax, "GNU.sparse.minor", "0");
	pax_add(&pax, "GNU.sparse.name", "sparse");
	pax_add(&pax, "GNU.sparse.realsize", realsize);
	bytes_add(&body, map, strlen(map));
	tar_pad(&body);
	bytes_add(&body, content, strlen(content));
	tar_add(tar, 'x', "PaxHeaders/x", pax.bytes, pax.size);
	tar_add(tar, '0', "x", body.bytes, body.size);
	buffer_clear(&pax);
	buffer_clear(&body);
}

/* Holes at the start, in the middle and at the end are zeros. */
static void test_sparse(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer plain = BYTES;
	add_sparse(&tar, "300000", "3\n100000\n3\n200000\n2\n300000\n0\n", "onetw");
	tar_end(&tar);
	bytes_add_fill(&plain, 0, 300000);
	memcpy(plain.bytes + 100000, "one", 3);
	memcpy(plain.bytes + 200000, "tw", 2);
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	check_member(archive, "sparse", plain.bytes, plain.size);
	buffer_clear(&plain);
	buffer_clear(&tar);
}

static void test_sparse_nonsense(void **state)
{
	(void)state;
	const char *const maps[] = {"2\n100\n3\n50\n3\n", "1\n5000\n3\n"};
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct buffer tar = BYTES;
		struct buffer out = BYTES;
		struct error err = ERROR_INIT;
		add_sparse(&tar, "1000", maps[i], "onetwo");
		tar_end(&tar);
		struct tar_file *archive = open_bytes(&tar);
		assert_int_equal(read_member(archive, "sparse", &out, &err), -1);
		check_error(&err, ERROR_MALFORMED,
					"tar entry 1: sparse file whose pieces overlap or pass its end");
		tar_file_close(archive);
		buffer_clear(&out);
		buffer_clear(&tar);
	}
}

/* What passes the end is left out: it would not be looked at if it came in a chunk of its own. */
static void test_sparse_over_its_end(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer plain = BYTES;
	add_sparse(&tar, "1000", "1\n998\n3\n", "one");
	tar_end(&tar);
	bytes_add_fill(&plain, 0, 998);
	bytes_add(&plain, "on", 2);
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	check_member(archive, "sparse", plain.bytes, plain.size);
	buffer_clear(&plain);
	buffer_clear(&tar);
}

static void test_buffer_maximum(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer out = BUFFER_INIT(3);
	struct error err = ERROR_INIT;
	tar_add_file(&tar, "three", "abc");
	tar_add_file(&tar, "four", "abcd");
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&tar);
	assert_int_equal(read_member(archive, "three", &out, &err), 0);
	buffer_reset(&out);
	assert_int_equal(read_member(archive, "four", &out, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	buffer_clear(&out);
	buffer_clear(&tar);
}

static void test_broken(void **state)
{
	(void)state;
	struct buffer bytes = BYTES;
	check_open_fails(&bytes, ERROR_MALFORMED, ": not a tar file");
	bytes_add(&bytes, "BZh91AY", 7);
	check_open_fails(&bytes, ERROR_MALFORMED, ": not a tar file");
	buffer_clear(&bytes);
	tar_add_file(&bytes, "file", "content");
	tar_add_header(&bytes, '0', "cut", 5000, "");
	check_open_fails(&bytes, ERROR_MALFORMED, ": tar entry 2: Truncated tar archive");
	buffer_clear(&bytes);
	gzip_add(&bytes, "no tar", 6);
	check_open_fails(&bytes, ERROR_MALFORMED, ": tar entry 1: Unrecognized archive format");
	buffer_clear(&bytes);
	struct buffer tar = BYTES;
	tar_add_file(&tar, "file", "content");
	gzip_add(&bytes, tar.bytes, tar.size);
	bytes.size -= 9;
	check_open_fails(&bytes, ERROR_MALFORMED, ": gzip member 1: ends early");
	buffer_clear(&bytes);
	buffer_clear(&tar);
}

static void test_no_file(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_null(tar_file_open("/nowhere/at.all", &err));
	check_error(&err, ERROR_SYSTEM, "/nowhere/at.all: No such file or directory");
	err = (struct error)ERROR_INIT;
	assert_null(tar_file_open("/", &err));
	check_error(&err, ERROR_SYSTEM, "/: not a regular file");
}

/* Another archive is written over the one that was opened. */
static void test_changed_file(void **state)
{
	(void)state;
	struct buffer before = BYTES;
	struct buffer after = BYTES;
	struct error err = ERROR_INIT;
	tar_add_file(&before, "file", "content");
	tar_add_file(&after, "file", "other");
	CLEANUP(tar_file_close_at) struct tar_file *archive = open_bytes(&before);
	write_file(&after);
	assert_null(tar_file_member_open(archive, "file", &err));
	check_path_error(&err, ERROR_SYSTEM, ": file: the file changed while it was read");
	after.size = 100;
	write_file(&after);
	assert_null(tar_file_member_open(archive, "file", &err));
	check_path_error(&err, ERROR_MALFORMED, ": file: tar entry 1: Unrecognized archive format");
	buffer_clear(&before);
	buffer_clear(&after);
}

static void test_name_limits(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer name = BYTES;
	bytes_add_fill(&name, 'n', 65000);
	for (int i = 0; i < 259; i++) {
		tar_add(&tar, 'L', "././@LongLink", name.bytes, name.size);
		tar_add_file(&tar, "x", "");
	}
	check_open_fails(&tar, ERROR_OVER_LIMIT, ": names of more than 16777216 bytes");
	buffer_clear(&tar);
	bytes_add_fill(&name, 'n', 1000);
	tar_add(&tar, 'L', "././@LongLink", name.bytes, name.size);
	tar_add_file(&tar, "x", "");
	check_open_fails(&tar, ERROR_OVER_LIMIT, ": tar entry 1: path of more than 65536 bytes");
	buffer_clear(&tar);
	buffer_clear(&name);
}

static void test_member_limit(void **state)
{
	(void)state;
	struct buffer tar = BYTES;
	struct buffer packed = BYTES;
	for (int i = 0; i < 100000; i++)
		tar_add_header(&tar, '0', "file", 0, "");
	gzip_add(&packed, tar.bytes, tar.size);
	tar_file_close(open_bytes(&packed));
	tar_add_header(&tar, '0', "file", 0, "");
	buffer_clear(&packed);
	gzip_add(&packed, tar.bytes, tar.size);
	check_open_fails(&packed, ERROR_OVER_LIMIT, ": more than 100000 members");
	buffer_clear(&packed);
	buffer_clear(&tar);
}

static void test_close_nothing(void **state)
{
	(void)state;
	tar_file_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),         cmocka_unit_test(test_readers_are_independent),
		cmocka_unit_test(test_links),           cmocka_unit_test(test_last_of_one_name),
		cmocka_unit_test(test_long_names),      cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_sparse_nonsense), cmocka_unit_test(test_sparse_over_its_end),
		cmocka_unit_test(test_buffer_maximum),  cmocka_unit_test(test_broken),
		cmocka_unit_test(test_no_file),         cmocka_unit_test(test_changed_file),
		cmocka_unit_test(test_name_limits),     cmocka_unit_test(test_member_limit),
		cmocka_unit_test(test_close_nothing),
	};
	return cmocka_run_group_tests(tests, make_path, remove_path);
}
