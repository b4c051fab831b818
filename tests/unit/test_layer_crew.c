#include "layer_bytes.h"

#include <pthread.h>
#include <time.h>

#include "layerproof/crew.h"
#include "layerproof/layer.h"
#include "layerproof/limits.h"

enum { CORES = 3, THREADS = 6 };

/* Two megabytes of a tar, which are many chunks, and it in each format. */
static struct buffer tar = BYTES;
static struct buffer blobs[3] = {BYTES, BYTES, BYTES};
enum { GZIP, ZSTD, PLAIN, FORMATS };

static void make_blobs(void)
{
	struct buffer noise = BYTES;
	bytes_add_noise(&noise, 1 << 18);
	for (int i = 0; i < 4; i++) {
		char *zeros = memory_alloc(1 << 18, 1);
		tar_add(&tar, '0', "noise", noise.bytes, noise.size);
		tar_add(&tar, '0', "zeros", zeros, 1 << 18);
		tar_add_file(&tar, "small", "hello\n");
		free(zeros);
	}
	tar_end(&tar);
	gzip_add(&blobs[GZIP], tar.bytes, 3 << 18);
	gzip_add(&blobs[GZIP], tar.bytes + (3 << 18), tar.size - (3 << 18));
	zstd_add(&blobs[ZSTD], tar.bytes, tar.size);
	bytes_add_buffer(&blobs[PLAIN], &tar);
	buffer_clear(&noise);
}

static int count_file(void *context, const struct layer_file *file, struct error *err)
{
	(void)file;
	(void)err;
	++*(int *)context;
	return 0;
}

static void check_digest_of(const struct digest *digest, const struct buffer *bytes)
{
	struct digest expected;
	digest_of(digest->algorithm, bytes->bytes, bytes->size, &expected);
	assert_true(digest_equal(digest, &expected));
}

static void check_others(const struct layer_result *result, const struct buffer *blob,
						 bool has_both)
{
	assert_int_equal(digest_is_set(&result->other_digest), has_both);
	assert_int_equal(digest_is_set(&result->other_diff_id), has_both);
	if (!has_both)
		return;
	assert_int_not_equal(result->other_digest.algorithm, result->digest.algorithm);
	assert_int_not_equal(result->other_diff_id.algorithm, result->diff_id.algorithm);
	check_digest_of(&result->other_digest, blob);
	check_digest_of(&result->other_diff_id, &tar);
}

static void read_blob(struct crew *crew, int format, size_t chunk,
					  enum digest_algorithm tar_algorithm, bool has_both)
{
	int files = 0;
	struct layer_options options = {
		.crew = crew,
		.tar_algorithm = tar_algorithm,
		.has_both_algorithms = has_both,
		.on_file = count_file,
		.context = &files,
	};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *blob = chunk_reader_new(blobs[format].bytes, blobs[format].size, chunk);
	assert_int_equal(layer_read(blob, &options, &result, &err), 0);
	reader_close(blob);
	check_error(&result.walk_error, ERROR_NONE, "");
	check_digest_of(&result.digest, &blobs[format]);
	check_digest_of(&result.diff_id, &tar);
	assert_int_equal(result.diff_id.algorithm, tar_algorithm);
	check_others(&result, &blobs[format], has_both);
	assert_int_equal(result.uncompressed, tar.size);
	assert_int_equal(result.entries, 12);
	assert_int_equal(files, 12);
	assert_int_equal(result.oddities, LAYER_DUPLICATE_PATH);
}

static void test_formats(void **state)
{
	(void)state;
	const size_t chunks[] = {4096, 60000, 1 << 24};
	struct crew *crew = crew_new(CORES, 0);
	for (int format = 0; format < FORMATS; format++)
		for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
			for (int algorithm = DIGEST_SHA256; algorithm <= DIGEST_SHA512; algorithm++)
				for (int both = 0; both <= 1; both++)
					read_blob(crew, format, chunks[i], (enum digest_algorithm)algorithm, both);
	crew_free(crew);
}

static void *read_on_thread(void *context)
{
	for (int format = 0; format < FORMATS; format++)
		read_blob(context, format, 1 << 17, DIGEST_SHA256, false);
	return NULL;
}

/* With the least memory two layers are read at one time, and the others wait. */
static void test_many_layers(void **state)
{
	(void)state;
	const int64_t memories[] = {0, LIMIT_MEMORY_LEAST, 1};
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		pthread_t threads[THREADS];
		struct crew *crew = crew_new(CORES, memories[i]);
		for (int j = 0; j < THREADS; j++)
			assert_int_equal(pthread_create(&threads[j], NULL, read_on_thread, crew), 0);
		for (int j = 0; j < THREADS; j++)
			assert_int_equal(pthread_join(threads[j], NULL), 0);
		crew_free(crew);
	}
}

/* Bytes that end, or are damaged, while others are still at those before. */
static void test_failures(void **state)
{
	(void)state;
	struct crew *crew = crew_new(CORES, 0);
	const struct layer_options options = {.crew = crew};
	for (int format = 0; format < FORMATS; format++) {
		size_t half = blobs[format].size / 2;
		struct layer_result result;
		struct error err = ERROR_INIT;
		struct reader *blob = failing_reader_new(blobs[format].bytes, half, 1 << 17);
		assert_int_equal(layer_read(blob, &options, &result, &err), -1);
		reader_close(blob);
		check_error(&err, ERROR_UNREACHABLE, "connection lost");
		assert_false(digest_is_set(&result.digest));
		assert_false(digest_is_set(&result.diff_id));
		assert_int_equal(result.size, half);
	}
	struct buffer damaged = BYTES;
	bytes_add_buffer(&damaged, &blobs[GZIP]);
	damaged.bytes[damaged.size - 5] ^= 1;
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *blob = chunk_reader_new(damaged.bytes, damaged.size, 1 << 17);
	assert_int_equal(layer_read(blob, &options, &result, &err), 0);
	reader_close(blob);
	check_error(&result.decode_error, ERROR_MALFORMED, "gzip member 2: wrong checksum or length");
	check_digest_of(&result.digest, &damaged);
	buffer_clear(&damaged);
	crew_free(crew);
}

/* ---- Windows ---- */

static void zstd_add_window(struct buffer *out, int window_log, const void *bytes, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t room = ZSTD_compressBound(size);
	char *made = memory_alloc(room, 1);
	ZSTD_inBuffer input = {.src = bytes, .size = size};
	ZSTD_outBuffer output = {.dst = made, .size = room};
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
	ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
	/* Without a known size the window is what was asked for. */
	assert_false(ZSTD_isError(ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush)));
	assert_int_equal(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0);
	bytes_add(out, made, output.pos);
	free(made);
	ZSTD_freeCCtx(context);
}

static struct layer_result read_windows(const struct buffer *blob, int64_t memory, size_t chunk)
{
	struct crew *crew = memory > 0 ? crew_new(CORES, memory) : NULL;
	const struct layer_options options = {.crew = crew};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *reader = chunk_reader_new(blob->bytes, blob->size, chunk);
	assert_int_equal(layer_read(reader, &options, &result, &err), 0);
	reader_close(reader);
	crew_free(crew);
	check_digest_of(&result.digest, blob);
	return result;
}

/* Frames of small and large windows by turns, also where the header comes byte by byte. */
static void test_windows(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	struct buffer plain = BYTES;
	for (int window_log = 20; window_log <= 27; window_log++)
		zstd_add_window(&blob, window_log == 21 ? 27 : window_log, tar.bytes + 512, 100 * 512);
	for (int i = 0; i < 8; i++)
		bytes_add(&plain, tar.bytes + 512, 100 * 512);
	const size_t chunks[] = {1, 7, 1 << 20};
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
		for (int64_t memory = 0; memory <= LIMIT_MIB(256); memory += LIMIT_MIB(256)) {
			struct layer_result result = read_windows(&blob, memory, chunks[i]);
			check_error(&result.decode_error, ERROR_NONE, "");
			check_digest_of(&result.diff_id, &plain);
			assert_int_equal(result.members, 8);
		}
	buffer_clear(&plain);
	buffer_clear(&blob);
}

static void test_window_limits(void **state)
{
	(void)state;
	struct buffer blob = BYTES;
	zstd_add_window(&blob, 28, tar.bytes, 100 * 512);
	struct layer_result result = read_windows(&blob, LIMIT_MIB(1024), 100);
	check_error(&result.decode_error, ERROR_OVER_LIMIT,
				"zstd frame 1: window of more than 128 MiB");
	result = read_windows(&blob, 0, 100);
	check_error(&result.decode_error, ERROR_OVER_LIMIT,
				"zstd frame 1: window of more than 128 MiB");
	buffer_clear(&blob);
	blob = (struct buffer)BYTES;
	zstd_add_window(&blob, 25, tar.bytes, 100 * 512);
	zstd_add_window(&blob, 26, tar.bytes, 100 * 512);
	result = read_windows(&blob, LIMIT_MEMORY_LEAST, 100);
	check_error(&result.decode_error, ERROR_OVER_LIMIT,
				"zstd frame 2: window of more than 32 MiB, the most that the memory for all "
				"layers has room for");
	buffer_clear(&blob);
}

static void *read_large_window(void *context)
{
	struct crew *crew = context;
	const struct layer_options options = {.crew = crew};
	struct buffer blob = BYTES;
	for (int i = 0; i < 4; i++)
		zstd_add_window(&blob, 25, tar.bytes + 512, 100 * 512);
	for (int i = 0; i < 4; i++) {
		struct layer_result result;
		struct error err = ERROR_INIT;
		struct reader *reader = chunk_reader_new(blob.bytes, blob.size, 100);
		assert_int_equal(layer_read(reader, &options, &result, &err), 0);
		reader_close(reader);
		check_error(&result.decode_error, ERROR_NONE, "");
	}
	buffer_clear(&blob);
	return NULL;
}

/* There is room for one such window at a time: the layers take turns, and all come to their end. */
static void test_windows_take_turns(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	struct crew *crew = crew_new(CORES, LIMIT_MEMORY_LEAST);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_large_window, crew), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	crew_free(crew);
}

/* ---- Time and progress ---- */

struct slow_reader {
	struct reader reader;
	int chunks; /* still to come */
};

static int slow_next(struct reader *reader, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct slow_reader *self = (struct slow_reader *)reader;
	const struct timespec second = {.tv_sec = 0, .tv_nsec = 600 * 1000 * 1000};
	(void)err;
	nanosleep(&second, NULL);
	*bytes = (const uint8_t *)tar.bytes;
	*size = self->chunks-- > 0 ? 512 : 0;
	return 0;
}

static void test_time_limit(void **state)
{
	(void)state;
	struct slow_reader blob = {.reader = {.next = slow_next}, .chunks = 100};
	const struct layer_options options = {.seconds_limit = 1};
	struct layer_result result;
	struct error err = ERROR_INIT;
	assert_int_equal(layer_read(&blob.reader, &options, &result, &err), -1);
	assert_int_equal(err.code, ERROR_OVER_LIMIT);
	assert_memory_equal(err.text, "compressed: more than 1 seconds, after ", 39);
	assert_in_range(result.size, 0, 1024);
	assert_false(digest_is_set(&result.digest));
}

static void note_progress(void *context, int64_t size)
{
	int64_t *progress = context;
	progress[0]++;
	assert_true(size > progress[1]);
	progress[1] = size;
}

static void test_progress(void **state)
{
	(void)state;
	int64_t progress[2] = {0, 0};
	const struct layer_options options = {.on_progress = note_progress, .context = progress};
	struct layer_result result;
	struct error err = ERROR_INIT;
	struct reader *blob = chunk_reader_new(blobs[PLAIN].bytes, blobs[PLAIN].size, 1 << 17);
	assert_int_equal(layer_read(blob, &options, &result, &err), 0);
	reader_close(blob);
	assert_int_equal(progress[0], (blobs[PLAIN].size + (1 << 17) - 1) >> 17);
	assert_int_equal(progress[1], blobs[PLAIN].size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),       cmocka_unit_test(test_many_layers),
		cmocka_unit_test(test_failures),      cmocka_unit_test(test_windows),
		cmocka_unit_test(test_window_limits), cmocka_unit_test(test_windows_take_turns),
		cmocka_unit_test(test_time_limit),    cmocka_unit_test(test_progress),
	};
	make_blobs();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (int format = 0; format < FORMATS; format++)
		buffer_clear(&blobs[format]);
	buffer_clear(&tar);
	return failed;
}
