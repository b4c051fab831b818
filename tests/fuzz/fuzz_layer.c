/*
 * fuzz_layer: any bytes as a layer. Beside not breaking, the answer must not depend on how the
 * bytes come, and must be consistent with itself.
 */
#include <stdlib.h>
#include <string.h>

#include "layerproof/layer.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Serves each chunk in memory of exactly its size, so that a read past its end is seen. */
struct chunk_reader {
	struct reader reader;
	const uint8_t *data;
	size_t size;
	size_t chunk;
	uint8_t *held;
};

static int next_chunk(struct reader *reader, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct chunk_reader *self = (struct chunk_reader *)reader;
	(void)err;
	free(STEAL(self->held));
	*size = self->size < self->chunk ? self->size : self->chunk;
	if (*size == 0)
		return 0;
	self->held = memory_alloc(*size, 1);
	memcpy(self->held, self->data, *size);
	*bytes = self->held;
	self->data += *size;
	self->size -= *size;
	return 0;
}

static void close_chunks(struct reader *reader)
{
	free(((struct chunk_reader *)reader)->held);
}

static void require(int condition)
{
	if (!condition)
		abort();
}

static struct layer_result read_chunks(const uint8_t *data, size_t size, size_t chunk)
{
	const struct layer_options options = {.uncompressed_limit = 1 << 22, .entry_limit = 1000};
	struct chunk_reader blob = {
		.reader = {.next = next_chunk, .close = close_chunks},
		.data = data,
		.size = size,
		.chunk = chunk,
	};
	struct layer_result result;
	struct error err = ERROR_INIT;
	require(layer_read(&blob.reader, &options, &result, &err) == 0);
	reader_close(&blob.reader);
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
	require(strcmp(a->walk_error.text, b->walk_error.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t chunk = size > 0 ? 1 + data[size - 1] % 64u : 1;
	struct layer_result whole = read_chunks(data, size, size);
	struct layer_result chunks = read_chunks(data, size, chunk);
	check_itself(&whole, data, size);
	check_same(&whole, &chunks);
	return 0;
}
