/*
 * fuzz_inflate: any bytes as gzip members or zstd frames. Beside not breaking, what comes out must
 * not depend on how the bytes come, and libarchive's own gzip (by zlib), told to take the same
 * bytes, must make the same of them. The first byte says how they come: its lowest bit is set for
 * zstd, the others give the size of the chunks.
 */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "chunk_target.h"
#include "layer/decoder.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLAIN_MAXIMUM = 1 << 20 };

typedef struct decoder *decoder_new(struct reader *source);

/* What came out, and why it ended. */
struct outcome {
	struct buffer plain;
	uint64_t members;
	struct error err;
};

static struct outcome decode(decoder_new *make, const uint8_t *data, size_t size, size_t chunk)
{
	struct outcome outcome = {.plain = BUFFER_INIT(PLAIN_MAXIMUM), .err = ERROR_INIT};
	struct chunk_reader blob = chunk_reader_over(data, size, chunk);
	struct decoder *decoder = make(&blob.reader);
	int result = reader_read_all(&decoder->reader, &outcome.plain, &outcome.err);
	require((result == 0) == (outcome.err.code == ERROR_NONE));
	outcome.members = decoder->members;
	reader_close(&decoder->reader);
	reader_close(&blob.reader);
	return outcome;
}

/* Whether all that came before the end is sure: of a block, or of a whole zstd frame, that is
 * damaged, more or less is made, as its bytes came. */
static bool is_exact(const struct outcome *outcome)
{
	return outcome->err.code == ERROR_NONE || strstr(outcome->err.text, "ends early") ||
		   strstr(outcome->err.text, "that are no");
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	require(a->err.code == b->err.code);
	require(strcmp(a->err.text, b->err.text) == 0);
	require(a->members == b->members || a->err.code == ERROR_OVER_LIMIT);
	if (!is_exact(a))
		return;
	require(a->plain.size == b->plain.size);
	require(a->plain.size == 0 || memcmp(a->plain.bytes, b->plain.bytes, a->plain.size) == 0);
}

/* Whether libarchive's gzip comes to an end without an error, and, where we did, to our bytes. It
 * makes no entry of nothing at all. */
static bool reads_to_end(struct archive *archive, const struct outcome *outcome)
{
	struct archive_entry *entry;
	const void *bytes;
	size_t size;
	int64_t offset;
	size_t at = 0;
	int result;
	if (archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return false;
	while ((result = archive_read_data_block(archive, &bytes, &size, &offset)) == ARCHIVE_OK) {
		if (outcome->err.code == ERROR_NONE)
			require(size <= outcome->plain.size - at &&
					memcmp(outcome->plain.bytes + at, bytes, size) == 0);
		at += size;
	}
	require(outcome->err.code != ERROR_NONE || at == outcome->plain.size);
	return result == ARCHIVE_EOF;
}

/* Whether something may be the header of a member with reserved flags: container runtimes take such
 * a member, and so do we, but libarchive does not. */
static bool has_reserved_flags(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 3 < size; i++)
		if (memcmp(data + i, "\x1f\x8b\x08", 3) == 0 && (data[i + 3] & 0xe0))
			return true;
	return false;
}

/* libarchive checks no checksum, and takes bytes that are no member for the end: but what is
 * deflate and what is not it must say as we do. */
static void check_with_zlib(const struct outcome *outcome, const uint8_t *data, size_t size)
{
	bool accepted = outcome->err.code == ERROR_NONE && outcome->plain.size > 0;
	bool refused = outcome->members == 1 && (strstr(outcome->err.text, "invalid deflate") ||
											 strstr(outcome->err.text, "deflate distance"));
	if (has_reserved_flags(data, size))
		return;
	if (!accepted && !refused)
		return;
	struct archive *archive = archive_read_new();
	archive_read_support_filter_gzip(archive);
	archive_read_support_format_raw(archive);
	bool read = archive_read_open_memory(archive, data, size) == ARCHIVE_OK &&
				reads_to_end(archive, outcome);
	require(read == accepted);
	archive_read_free(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	bool is_zstd = data[0] & 1;
	size_t chunk = 1 + data[0] / 2u;
	decoder_new *make = is_zstd ? zstd_decoder_new : gzip_decoder_new;
	struct outcome whole = decode(make, data + 1, size - 1, size);
	struct outcome chunks = decode(make, data + 1, size - 1, chunk);
	check_same(&whole, &chunks);
	if (!is_zstd)
		check_with_zlib(&whole, data + 1, size - 1);
	buffer_clear(&whole.plain);
	buffer_clear(&chunks.plain);
	return 0;
}
