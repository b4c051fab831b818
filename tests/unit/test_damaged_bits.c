/* Every single bit of a small gzip member and of a small zstd frame changed in turn: there is an
 * error, or the same content, however the bytes come. */
#include "layer_bytes.h"

#include "layer/decoder.h"

typedef struct decoder *decoder_new(struct reader *source);

static const char CONTENT[] = "some content, some content, some content, and more of it";

struct outcome {
	struct buffer bytes;
	struct error err;
};

static struct outcome decode(decoder_new *make, const struct buffer *blob, size_t chunk)
{
	struct outcome outcome = {.bytes = BYTES, .err = ERROR_INIT};
	struct reader *source = chunk_reader_new(blob->bytes, blob->size, chunk);
	struct decoder *decoder = make(source);
	reader_read_all(&decoder->reader, &outcome.bytes, &outcome.err);
	decoder->reader.close(&decoder->reader);
	reader_close(source);
	return outcome;
}

/* Whether the blob still decodes: then to the same content. */
static bool is_taken(decoder_new *make, const struct buffer *blob)
{
	struct outcome whole = decode(make, blob, blob->size);
	struct outcome bytes = decode(make, blob, 1);
	bool taken = whole.err.code == ERROR_NONE;
	assert_string_equal(whole.err.text, bytes.err.text);
	assert_int_equal(whole.err.code, bytes.err.code);
	if (taken) {
		assert_int_equal(whole.bytes.size, sizeof(CONTENT));
		assert_memory_equal(whole.bytes.bytes, CONTENT, sizeof(CONTENT));
		assert_int_equal(bytes.bytes.size, sizeof(CONTENT));
		assert_memory_equal(bytes.bytes.bytes, CONTENT, sizeof(CONTENT));
	}
	buffer_clear(&whole.bytes);
	buffer_clear(&bytes.bytes);
	return taken;
}

/* How many bits from byte `first` to before `end` may be changed. */
static int count_taken(decoder_new *make, struct buffer *blob, size_t first, size_t end)
{
	int taken = 0;
	for (size_t bit = 8 * first; bit < 8 * end; bit++) {
		char *byte = &blob->bytes[bit / 8];
		*byte = (char)(*byte ^ 1 << bit % 8);
		taken += is_taken(make, blob);
		*byte = (char)(*byte ^ 1 << bit % 8);
	}
	assert_true(is_taken(make, blob));
	return taken;
}

/* RFC 1952 section 2.3: of the ten bytes of the header, the time, the two that say who packed it,
 * and the flags for text and reserved ones change nothing; of the trailer nothing may be changed.
 */
static void test_gzip(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	gzip_add(&blob, CONTENT, sizeof(CONTENT));
	assert_int_equal(count_taken(gzip_decoder_new, &blob, 0, 2), 0);
	assert_int_equal(count_taken(gzip_decoder_new, &blob, 2, 3), 0);
	assert_int_equal(count_taken(gzip_decoder_new, &blob, 3, 4), 4);
	assert_int_equal(count_taken(gzip_decoder_new, &blob, 4, 10), 48);
	assert_int_equal(count_taken(gzip_decoder_new, &blob, blob.size - 8, blob.size), 0);
	/* the bits behind the last code fill its byte */
	assert_true(count_taken(gzip_decoder_new, &blob, 10, blob.size - 8) < 8);
	buffer_clear(&blob);
}

/* With a checksum of its own nothing of the header may be changed. */
static void test_gzip_with_header_checksum(void **state)
{
	(void)state;
	const char header[] = "\x1f\x8b\x08\x1e\1\2\3\4\0\xff"
						  "\x05\0EXTRA"
						  "name\0"
						  "comment";
	struct buffer whole = BYTES;
	struct buffer blob = BYTES;
	gzip_add(&whole, CONTENT, sizeof(CONTENT));
	bytes_add(&blob, header, sizeof(header));
	uint32_t checksum = crc32_gzip_refl(0, (const uint8_t *)blob.bytes, blob.size);
	bytes_add(&blob, (const uint8_t[]){(uint8_t)checksum, (uint8_t)(checksum >> 8)}, 2);
	bytes_add(&blob, whole.bytes + 10, whole.size - 10);
	assert_int_equal(count_taken(gzip_decoder_new, &blob, 0, sizeof(header) + 2), 0);
	buffer_clear(&whole);
	buffer_clear(&blob);
}

/* RFC 8878 section 3.1.1: the magic number; the descriptor, of which one bit is unused and one
 * makes the size of the content a size of the window; that size; blocks; and the checksum of the
 * content.
 */
static void test_zstd(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add(&blob, CONTENT, sizeof(CONTENT));
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 0, 4), 0);
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 4, 5), 2);
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 5, 6), 0);
	assert_int_equal(count_taken(zstd_decoder_new, &blob, blob.size - 4, blob.size), 0);
	count_taken(zstd_decoder_new, &blob, 6, blob.size - 4); /* the same content, if any */
	buffer_clear(&blob);
}

/* Section 3.1.2: any of sixteen magic numbers, and a length, which must lead to a frame. */
static void test_zstd_skippable(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add_skippable(&blob, "table of contents", 17);
	zstd_add(&blob, CONTENT, sizeof(CONTENT));
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 0, 4), 4);
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 4, 8), 0);
	assert_int_equal(count_taken(zstd_decoder_new, &blob, 8, 25), 8 * 17);
	buffer_clear(&blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_gzip_with_header_checksum),
		cmocka_unit_test(test_zstd),
		cmocka_unit_test(test_zstd_skippable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
