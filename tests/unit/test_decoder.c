#include "layer_bytes.h"

#include "layer/decoder.h"

typedef struct decoder *decoder_new(struct reader *source);

/* What came out before the end or the failure. */
struct outcome {
	struct buffer bytes;
	uint64_t members;
	struct error err;
};

static struct outcome decode(decoder_new *make, struct reader *source)
{
	struct outcome outcome = {.bytes = BYTES, .err = ERROR_INIT};
	struct decoder *decoder = make(source);
	reader_read_all(&decoder->reader, &outcome.bytes, &outcome.err);
	outcome.members = decoder->members;
	decoder->reader.close(&decoder->reader);
	reader_close(source);
	return outcome;
}

static struct outcome decode_buffer(decoder_new *make, const struct buffer *blob, size_t chunk)
{
	return decode(make, chunk_reader_new(blob->bytes, blob->size, chunk));
}

static void check_equal(const struct buffer *a, const struct buffer *b)
{
	assert_int_equal(a->size, b->size);
	if (a->size > 0)
		assert_memory_equal(a->bytes, b->bytes, a->size);
}

static const size_t CHUNKS[] = {1, 2, 3, 7, 13, 4096, 1 << 30};
enum { CHUNK_COUNT = sizeof(CHUNKS) / sizeof(CHUNKS[0]) };

/* Each call of a decoder has its price: large blobs are not served by the byte. */
static size_t first_chunk(const struct buffer *blob)
{
	return blob->size > 10000 ? CHUNK_COUNT - 2 : 0;
}

/* Decodes in chunks of every size to `plain`. */
static void check_decodes(decoder_new *make, struct buffer *blob, const struct buffer *plain,
						  uint64_t members)
{
	for (size_t i = first_chunk(blob); i < CHUNK_COUNT; i++) {
		struct outcome outcome = decode_buffer(make, blob, CHUNKS[i]);
		check_error(&outcome.err, ERROR_NONE, "");
		check_equal(&outcome.bytes, plain);
		assert_int_equal(outcome.members, members);
		buffer_clear(&outcome.bytes);
	}
}

static void check_fails(decoder_new *make, const struct buffer *blob, enum error_code code,
						const char *text)
{
	for (size_t i = 0; i < CHUNK_COUNT; i++) {
		struct outcome outcome = decode_buffer(make, blob, CHUNKS[i]);
		check_error(&outcome.err, code, text);
		buffer_clear(&outcome.bytes);
	}
}

/* What cannot be compressed, what can, and more than the output holds at once. */
static void fill(struct buffer *plain, size_t size)
{
	bytes_add_noise(plain, size / 3);
	bytes_add_fill(plain, 'x', size / 3);
	bytes_add_noise(plain, size / 3);
}

static void check_sizes(decoder_new *make, void (*add)(struct buffer *, const void *, size_t))
{
	const size_t sizes[] = {0, 3, 300, 3 * 32768, 3 * DECODER_OUTPUT_SIZE};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buffer plain = BYTES;
		struct buffer blob = BYTES;
		fill(&plain, sizes[i]);
		add(&blob, plain.bytes, plain.size);
		check_decodes(make, &blob, &plain, 1);
		buffer_clear(&plain);
		buffer_clear(&blob);
	}
}

static void test_gzip_sizes(void **state)
{
	(void)state;
	check_sizes(gzip_decoder_new, gzip_add);
}

static void test_zstd_sizes(void **state)
{
	(void)state;
	check_sizes(zstd_decoder_new, zstd_add);
}

struct sample {
	const char *bytes;
	size_t size;
	const char *text; /* of the error; empty: none */
};

#define SAMPLE(literal, text)                                                                      \
	{                                                                                              \
		literal, sizeof(literal) - 1, text                                                         \
	}
/* Every part of the header that RFC 1952 section 2.3 allows: extra, name, comment, header CRC. */
static void test_gzip_header_fields(void **state)
{
	(void)state;
	const char header[] = "\x1f\x8b\x08\x1e\0\0\0\0\0\xff"
						  "\x05\0EXTRA"
						  "name\0"
						  "comment";
	struct buffer whole = BYTES;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	bytes_add(&plain, "content", 7);
	gzip_add(&whole, plain.bytes, plain.size);
	bytes_add(&blob, header, sizeof(header));
	uint32_t checksum = crc32_gzip_refl(0, (const uint8_t *)blob.bytes, blob.size);
	const uint8_t short_checksum[] = {(uint8_t)checksum, (uint8_t)(checksum >> 8)};
	bytes_add(&blob, short_checksum, 2);
	bytes_add(&blob, whole.bytes + 10, whole.size - 10);
	check_decodes(gzip_decoder_new, &blob, &plain, 1);
	blob.bytes[sizeof(header)] ^= 1;
	check_fails(gzip_decoder_new, &blob, ERROR_MALFORMED, "gzip member 1: wrong header checksum");
	buffer_clear(&whole);
	buffer_clear(&blob);
	buffer_clear(&plain);
}

/* Each single part, and a part that is there but empty. */
static void test_gzip_header_parts(void **state)
{
	(void)state;
	const struct sample headers[] = {
		SAMPLE("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x03\0abc", ""),
		SAMPLE("\x1f\x8b\x08\x0c\0\0\0\0\0\xff\0\0name\0", ""),
		SAMPLE("\x1f\x8b\x08\x08\0\0\0\0\0\xff\0", ""),
		SAMPLE("\x1f\x8b\x08\x10\0\0\0\0\0\xff"
			   "comment\0",
			   ""),
		SAMPLE("\x1f\x8b\x08\x01\1\2\3\4\0\xff", ""),
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct buffer whole = BYTES;
		struct buffer blob = BYTES;
		struct buffer plain = BYTES;
		bytes_add(&plain, "content", 7);
		gzip_add(&whole, plain.bytes, plain.size);
		bytes_add(&blob, headers[i].bytes, headers[i].size);
		bytes_add(&blob, whole.bytes + 10, whole.size - 10);
		check_decodes(gzip_decoder_new, &blob, &plain, 1);
		buffer_clear(&whole);
		buffer_clear(&blob);
		buffer_clear(&plain);
	}
}

static void test_gzip_members(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	for (int i = 0; i < 100; i++) {
		size_t before = plain.size;
		bytes_add_noise(&plain, (size_t)(i * 37 % 100));
		gzip_add(&blob, plain.bytes + before, plain.size - before);
	}
	check_decodes(gzip_decoder_new, &blob, &plain, 100);
	bytes_add_fill(&blob, 0, 10000);
	check_decodes(gzip_decoder_new, &blob, &plain, 100);
	bytes_add(&blob, "\x1f\x8b", 2);
	check_fails(gzip_decoder_new, &blob, ERROR_MALFORMED,
				"gzip: bytes behind member 100 that are no member");
	buffer_clear(&blob);
	buffer_clear(&plain);
}

static void test_gzip_trailing_junk(void **state)
{
	(void)state;
	const char *const junk[] = {"x", "\x8b", "\x1f\x9d", "\x1fx12345678"};
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		struct buffer blob = BYTES;
		gzip_add(&blob, "content", 7);
		bytes_add(&blob, junk[i], strlen(junk[i]));
		bytes_add_fill(&blob, 'x', 20);
		check_fails(gzip_decoder_new, &blob, ERROR_MALFORMED,
					"gzip: bytes behind member 1 that are no member");
		buffer_clear(&blob);
	}
}

/* Each way to cut the blob but those that leave whole members. */
static void check_truncated(decoder_new *make, const struct buffer *blob, size_t first_size,
							size_t shortest, const char *first, const char *second)
{
	for (size_t size = shortest; size < blob->size; size++) {
		if (size == first_size)
			continue;
		struct buffer cut = BYTES;
		bytes_add(&cut, blob->bytes, size);
		check_fails(make, &cut, ERROR_MALFORMED, size < first_size ? first : second);
		buffer_clear(&cut);
	}
}

static void test_gzip_truncated(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	gzip_add(&blob, "some content", 12);
	size_t first_size = blob.size;
	gzip_add(&blob, "and some more", 13);
	check_truncated(gzip_decoder_new, &blob, first_size, 1, "gzip member 1: ends early",
					"gzip member 2: ends early");
	buffer_clear(&blob);
}

static void test_zstd_truncated(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add(&blob, "some content", 12);
	size_t first_size = blob.size;
	zstd_add(&blob, "and some more", 13);
	check_truncated(zstd_decoder_new, &blob, first_size, 1, "zstd frame 1: ends early",
					"zstd frame 2: ends early");
	buffer_clear(&blob);
}

static void test_gzip_trailer(void **state)
{
	(void)state;
	for (size_t from_end = 1; from_end <= 8; from_end++) {
		struct buffer blob = BYTES;
		gzip_add(&blob, "content", 7);
		blob.bytes[blob.size - from_end] ^= 1;
		check_fails(gzip_decoder_new, &blob, ERROR_MALFORMED,
					"gzip member 1: wrong checksum or length");
		buffer_clear(&blob);
	}
}

#define GZIP_HEADER "\x1f\x8b\x08\0\0\0\0\0\0\xff"

static void test_gzip_broken(void **state)
{
	(void)state;
	const struct sample examples[] = {
		SAMPLE(GZIP_HEADER "\x07", "gzip member 1: invalid deflate block"),
		SAMPLE(GZIP_HEADER "\x01\x05\x00\x00\x00", "gzip member 1: invalid deflate block"),
		SAMPLE(GZIP_HEADER "\x03\x02\x00\x00\x00",
			   "gzip member 1: deflate distance before the start"),
		SAMPLE("\x1f\x8b\x07\0\0\0\0\0\0\xff\0\0",
			   "gzip member 1: compression method is not deflate"),
	};
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buffer blob = BYTES;
		bytes_add(&blob, examples[i].bytes, examples[i].size);
		bytes_add_fill(&blob, 0, 32);
		check_fails(gzip_decoder_new, &blob, ERROR_MALFORMED, examples[i].text);
		buffer_clear(&blob);
	}
}

static void test_zstd_frames(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	zstd_add_skippable(&blob, "before", 6);
	zstd_add(&blob, "one", 3);
	zstd_add_skippable(&blob, "", 0);
	zstd_add(&blob, "", 0);
	zstd_add(&blob, "two", 3);
	zstd_add_skippable(&blob, "table of contents", 17);
	bytes_add(&plain, "onetwo", 6);
	check_decodes(zstd_decoder_new, &blob, &plain, 3);
	buffer_clear(&blob);
	buffer_clear(&plain);
}

static void test_zstd_skippable_truncated(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add(&blob, "one", 3);
	size_t first_size = blob.size;
	zstd_add_skippable(&blob, "table", 5);
	check_truncated(zstd_decoder_new, &blob, first_size, 1, "zstd frame 1: ends early",
					"zstd skippable frame behind frame 1: ends early");
	buffer_clear(&blob);
}

static void test_zstd_trailing_junk(void **state)
{
	(void)state;
	const char *const junk[] = {"x", "\x28xxxxxxxx", "\x50xxxxxxxx", "\x27\xb5\x2f\xfdxxxx"};
	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		struct buffer blob = BYTES;
		zstd_add(&blob, "content", 7);
		bytes_add(&blob, junk[i], strlen(junk[i]));
		check_fails(zstd_decoder_new, &blob, ERROR_MALFORMED,
					"zstd: bytes behind frame 1 that are no frame");
		buffer_clear(&blob);
	}
}

static void test_zstd_checksum(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add(&blob, "content", 7);
	blob.bytes[blob.size - 1] ^= 1;
	check_fails(zstd_decoder_new, &blob, ERROR_MALFORMED, "zstd frame 1: wrong checksum");
	buffer_clear(&blob);
}

/* RFC 8878 section 3.1.1.1.2: the window's exponent is 10 + the upper five bits. */
static void test_zstd_window(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	bytes_add(&blob, "\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00", 9); /* 128 MiB, an empty block */
	check_decodes(zstd_decoder_new, &blob, &plain, 1);
	blob.bytes[5] = (char)0x89; /* 144 MiB */
	check_fails(zstd_decoder_new, &blob, ERROR_OVER_LIMIT,
				"zstd frame 1: window of more than 128 MiB");
	blob.bytes[5] = (char)0xff;
	check_fails(zstd_decoder_new, &blob, ERROR_OVER_LIMIT,
				"zstd frame 1: window of more than 128 MiB");
	buffer_clear(&blob);
}

/* A small frame says how large its content is: libzstd would take it at once, window or not. */
static void test_zstd_window_of_small_frame(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	bytes_add(&blob, "\x28\xb5\x2f\xfd\x40\x89\0\0\x03\x08\0x", 12); /* 144 MiB; 256 times x */
	check_fails(zstd_decoder_new, &blob, ERROR_OVER_LIMIT,
				"zstd frame 1: window of more than 128 MiB");
	buffer_clear(&blob);
}

/* What follows the magic number looks like a skippable frame of 51,819 bytes, and libzstd took it
 * for one where a chunk began with it: the content was passed over without an error. */
static void test_zstd_header_like_a_frame(void **state)
{
	(void)state;
	enum { CHUNK = 1 << 16 };
	const char long_skippable[] = "\x50\x2a\x4d\x18\xf4\xff\0"; /* its magic ends the first chunk */
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	bytes_add(&blob, long_skippable, 8);
	bytes_add_fill(&blob, 'p', CHUNK - 12);
	bytes_add(&blob, "\x28\xb5\x2f\xfd\x50\x2a\x4d\x18\x6b\xca\0\0", 12);
	bytes_add(&blob, long_skippable, 8);
	bytes_add_fill(&blob, 'p', CHUNK - 12);
	bytes_add_fill(&plain, 0, 6477);
	struct outcome outcome = decode_buffer(zstd_decoder_new, &blob, CHUNK);
	check_error(&outcome.err, ERROR_NONE, "");
	check_equal(&outcome.bytes, &plain);
	assert_int_equal(outcome.members, 1);
	buffer_clear(&outcome.bytes);
	buffer_clear(&blob);
	buffer_clear(&plain);
}

/* A frame of zstd 0.7, which libzstd knows, behind the first byte of one of today. */
static void test_zstd_old_magic(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add_skippable(&blob, "12345", 5);
	bytes_add(&blob, "\x28\x27\xb5\x2f\xfd\x04\x58\x29\0\0hello", 15);
	for (size_t chunk = 1; chunk <= blob.size; chunk++) {
		struct outcome outcome = decode_buffer(zstd_decoder_new, &blob, chunk);
		check_error(&outcome.err, ERROR_MALFORMED, "zstd: bytes behind frame 0 that are no frame");
		assert_int_equal(outcome.members, 0);
		buffer_clear(&outcome.bytes);
	}
	buffer_clear(&blob);
}

/* Section 3.1.1.1.3: a dictionary that nobody has. */
static void test_zstd_dictionary(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	bytes_add(&blob, "\x28\xb5\x2f\xfd\x01\x00\x07\x01\x00\x00", 10);
	check_fails(zstd_decoder_new, &blob, ERROR_UNSUPPORTED, "zstd frame 1: Dictionary mismatch");
	buffer_clear(&blob);
}

/* A content size of 2^60 bytes is neither believed nor allocated. */
static void test_zstd_content_size(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	bytes_add(&blob, "\x28\xb5\x2f\xfd\xc0\x00\0\0\0\0\0\0\0\x10\x19\x00\x00xxx", 20);
	check_fails(zstd_decoder_new, &blob, ERROR_MALFORMED, "zstd frame 1: Data corruption detected");
	buffer_clear(&blob);
}

/* 64 MiB of zeros in 2 KiB: the decoding stops at the slack. */
static void test_ratio(void **state)
{
	(void)state;
	struct buffer plain = BYTES;
	struct buffer blob = BYTES;
	bytes_add_fill(&plain, 0, 64 << 20);
	zstd_add(&blob, plain.bytes, plain.size);
	for (size_t i = 0; i < CHUNK_COUNT; i += CHUNK_COUNT - 1) {
		struct outcome outcome = decode_buffer(zstd_decoder_new, &blob, CHUNKS[i]);
		check_error(&outcome.err, ERROR_OVER_LIMIT,
					"34865152 bytes uncompressed: more than 1032 to 1 compressed");
		buffer_clear(&outcome.bytes);
	}
	buffer_clear(&plain);
	buffer_clear(&blob);
}

/* Zeros within the slack, and then bytes enough to have earned them. */
static void test_ratio_kept(void **state)
{
	(void)state;
	struct buffer plain = BYTES;
	struct buffer blob = BYTES;
	bytes_add_fill(&plain, 0, 30 << 20);
	bytes_add_noise(&plain, 100000);
	bytes_add_fill(&plain, 0, 30 << 20);
	zstd_add(&blob, plain.bytes, plain.size);
	struct outcome outcome = decode_buffer(zstd_decoder_new, &blob, 4096);
	check_error(&outcome.err, ERROR_NONE, "");
	check_equal(&outcome.bytes, &plain);
	buffer_clear(&outcome.bytes);
	buffer_clear(&plain);
	buffer_clear(&blob);
}

/* What was decoded before a failure is handed on before it. */
static void test_output_before_failure(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	gzip_add(&blob, "content", 7);
	bytes_add(&blob, "junk", 4);
	struct outcome outcome = decode_buffer(gzip_decoder_new, &blob, 4096);
	assert_int_equal(outcome.err.code, ERROR_MALFORMED);
	assert_int_equal(outcome.bytes.size, 7);
	assert_memory_equal(outcome.bytes.bytes, "content", 7);
	buffer_clear(&outcome.bytes);
	buffer_clear(&blob);
}

/* ISA-L counts a copy from before the start, or of an unknown distance, that it did not make. */
static void test_nothing_before_failure(void **state)
{
	(void)state;
	const struct sample examples[] = {
		SAMPLE("\xc3\xcf\x4b\x05\0", "gzip member 1: deflate distance before the start"),
		SAMPLE("\x03\x7e\x4b\x05\0", "gzip member 1: invalid deflate symbol"),
	};
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buffer blob = BYTES;
		bytes_add(&blob, GZIP_HEADER, 10);
		bytes_add(&blob, examples[i].bytes, examples[i].size);
		bytes_add_fill(&blob, 0, 32);
		struct outcome outcome = decode_buffer(gzip_decoder_new, &blob, 4096);
		check_error(&outcome.err, ERROR_MALFORMED, examples[i].text);
		assert_int_equal(outcome.bytes.size, 0);
		buffer_clear(&outcome.bytes);
		buffer_clear(&blob);
	}
}

static void test_source_failure(void **state)
{
	(void)state;
	decoder_new *const makers[] = {gzip_decoder_new, zstd_decoder_new};
	for (size_t i = 0; i < 2; i++) {
		struct outcome outcome = decode(makers[i], failing_reader_new("", 0, 1));
		check_error(&outcome.err, ERROR_UNREACHABLE, "connection lost");
	}
}

/* The end is told again at each call after it. */
static void test_end_repeats(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	gzip_add(&blob, "", 0);
	struct reader *source = chunk_reader_new(blob.bytes, blob.size, 5);
	struct decoder *decoder = gzip_decoder_new(source);
	for (int i = 0; i < 3; i++) {
		const uint8_t *bytes;
		size_t size = 1;
		struct error err = ERROR_INIT;
		assert_int_equal(reader_next(&decoder->reader, &bytes, &size, &err), 0);
		assert_int_equal(size, 0);
	}
	decoder->reader.close(&decoder->reader);
	reader_close(source);
	buffer_clear(&blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip_sizes),
		cmocka_unit_test(test_gzip_header_fields),
		cmocka_unit_test(test_gzip_header_parts),
		cmocka_unit_test(test_gzip_members),
		cmocka_unit_test(test_gzip_trailing_junk),
		cmocka_unit_test(test_gzip_truncated),
		cmocka_unit_test(test_gzip_trailer),
		cmocka_unit_test(test_gzip_broken),
		cmocka_unit_test(test_zstd_sizes),
		cmocka_unit_test(test_zstd_frames),
		cmocka_unit_test(test_zstd_truncated),
		cmocka_unit_test(test_zstd_skippable_truncated),
		cmocka_unit_test(test_zstd_trailing_junk),
		cmocka_unit_test(test_zstd_checksum),
		cmocka_unit_test(test_zstd_window),
		cmocka_unit_test(test_zstd_dictionary),
		cmocka_unit_test(test_zstd_content_size),
		cmocka_unit_test(test_zstd_window_of_small_frame),
		cmocka_unit_test(test_zstd_header_like_a_frame),
		cmocka_unit_test(test_zstd_old_magic),
		cmocka_unit_test(test_nothing_before_failure),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_ratio_kept),
		cmocka_unit_test(test_output_before_failure),
		cmocka_unit_test(test_source_failure),
		cmocka_unit_test(test_end_repeats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
