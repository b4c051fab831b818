/*
 * fuzz_layer: any bytes as a layer. Beside not breaking, the answer must not depend on how the
 * bytes come, nor on whether other cores help, and must be consistent with itself.
 */
#include <string.h>

#include "chunk_target.h"
#include "layerproof/layer.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the listed files add up to. */
struct files {
	struct digest_stream *listing;
	uint64_t content_count;
};

static int note_file(void *context, const struct layer_file *file, struct error *err)
{
	struct files *files = context;
	(void)err;
	digest_stream_add(files->listing, file->path, strlen(file->path) + 1);
	digest_stream_add(files->listing, &file->size, sizeof(file->size));
	digest_stream_add(files->listing, file->digest.bytes, digest_size(file->digest.algorithm));
	files->content_count += file->size > 0;
	return 0;
}

/* With a crew, other cores hash beside this one. `listing` is of the files. */
static struct layer_result read_chunks(const uint8_t *data, size_t size, size_t chunk,
									   struct crew *crew, struct digest *listing)
{
	struct files files = {.listing = digest_stream_new()};
	const struct layer_options options = {
		.crew = crew,
		.uncompressed_limit = 1 << 22,
		.entry_limit = 1000,
		.on_file = note_file,
		.context = &files,
	};
	struct chunk_reader blob = chunk_reader_over(data, size, chunk);
	struct layer_result result;
	struct error err = ERROR_INIT;
	digest_stream_start(files.listing, DIGEST_SHA256);
	require(layer_read(&blob.reader, &options, &result, &err) == 0);
	reader_close(&blob.reader);
	digest_stream_finish(files.listing, listing);
	digest_stream_free(files.listing);
	require(result.walk_error.code != ERROR_NONE || files.content_count == result.content_files);
	return result;
}

static void check_itself(const struct layer_result *result, const uint8_t *data, size_t size)
{
	struct digest digest;
	digest_of(DIGEST_SHA256, data, size, &digest);
	require(digest_equal(&result->digest, &digest));
	require(result->size == (int64_t)size);
	require(digest_is_set(&result->diff_id) == (result->decode_error.code == ERROR_NONE));
	require(result->content_files <= result->entries);
	require(!layer_is_empty(result) || result->content_files == 0);
	require(result->decode_error.code == ERROR_NONE || result->walk_error.code != ERROR_NONE ||
			result->entries > 0);
}

static void check_same(const struct layer_result *a, const struct layer_result *b)
{
	require(a->format == b->format);
	require(a->members == b->members);
	require(digest_equal(&a->diff_id, &b->diff_id));
	require(a->decode_error.code == b->decode_error.code);
	require(strcmp(a->decode_error.text, b->decode_error.text) == 0);
	if (a->decode_error.code != ERROR_NONE)
		return; /* how far the tar was walked before is not the same */
	require(a->uncompressed == b->uncompressed);
	require(a->entries == b->entries);
	require(a->content_files == b->content_files);
	require(a->has_os_release == b->has_os_release);
	require(a->oddities == b->oddities);
	require(strcmp(a->walk_error.text, b->walk_error.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crew *crew; /* its threads stay from one input to the next */
	if (crew == NULL)
		crew = crew_new(2, 0);
	size_t chunk = size > 0 ? 1 + data[size - 1] % 64u : 1;
	struct digest files[3];
	struct layer_result whole = read_chunks(data, size, size, NULL, &files[0]);
	struct layer_result chunks = read_chunks(data, size, chunk, NULL, &files[1]);
	struct layer_result helped = read_chunks(data, size, chunk, crew, &files[2]);
	check_itself(&whole, data, size);
	check_itself(&helped, data, size);
	check_same(&whole, &chunks);
	check_same(&whole, &helped);
	if (whole.decode_error.code == ERROR_NONE)
		require(digest_equal(&files[0], &files[1]) && digest_equal(&files[0], &files[2]));
	return 0;
}
