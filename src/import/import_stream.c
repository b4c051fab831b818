#include "import_stream.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/decompress.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

/* What tells the format of an export: enough for its first record or row. */
enum { HEAD_SIZE = 64 << 10 };

static const uint8_t byte_order_mark[3] = {0xEF, 0xBB, 0xBF};

/* The file's own bytes, hashed on their way. */
struct hashed_file {
	struct reader reader;
	struct reader *file;
	struct digest_stream *hash;
};

struct import_stream {
	struct reader reader;
	struct hashed_file hashed;
	struct reader *plain;    /* decompressed */
	uint8_t head[HEAD_SIZE]; /* read, not yet handed out */
	size_t head_size;
	const uint8_t *rest; /* of the chunk that did not fit into the head */
	size_t rest_size;
	bool looked;
};

static int hashed_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct hashed_file *hashed = (struct hashed_file *)self;
	if (reader_next(hashed->file, bytes, size, err) != 0) {
		return -1;
	}
	digest_stream_add(hashed->hash, *bytes, *size);
	return 0;
}

static size_t mark_size(const struct import_stream *stream)
{
	bool marked = stream->head_size >= sizeof(byte_order_mark) &&
				  memcmp(stream->head, byte_order_mark, sizeof(byte_order_mark)) == 0;
	return marked ? sizeof(byte_order_mark) : 0;
}

static size_t first_text(const struct import_stream *stream)
{
	size_t at = mark_size(stream);
	while (at < stream->head_size && text_is_blank((char)stream->head[at])) {
		at++;
	}
	return at;
}

/* A chunk is borrowed until the next is read, so the bytes looked at are copied; what does not fit
 * is the last chunk read. */
static int fill_head(struct import_stream *stream, struct error *err)
{
	while (stream->head_size < HEAD_SIZE) {
		const uint8_t *bytes;
		size_t size;
		if (reader_next(stream->plain, &bytes, &size, err) != 0) {
			return -1;
		}
		if (size == 0) {
			break;
		}
		size_t room = HEAD_SIZE - stream->head_size;
		size_t taken = size < room ? size : room;
		memcpy(stream->head + stream->head_size, bytes, taken);
		stream->head_size += taken;
		stream->rest = bytes + taken;
		stream->rest_size = size - taken;
	}
	stream->looked = true;
	return 0;
}

static int stream_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct import_stream *stream = (struct import_stream *)self;
	if (!stream->looked && fill_head(stream, err) != 0) {
		return -1;
	}
	if (stream->head_size != 0) {
		size_t skipped = mark_size(stream);
		*bytes = stream->head + skipped;
		*size = stream->head_size - skipped;
		stream->head_size = 0;
		if (*size != 0) {
			return 0;
		}
	}
	if (stream->rest_size != 0) {
		*bytes = stream->rest;
		*size = stream->rest_size;
		stream->rest_size = 0;
		return 0;
	}
	return reader_next(stream->plain, bytes, size, err);
}

static void stream_close(struct reader *self)
{
	struct import_stream *stream = (struct import_stream *)self;
	reader_close(stream->plain);
	digest_stream_free(stream->hashed.hash);
	free(stream);
}

struct reader *import_stream_new(struct reader *file)
{
	struct import_stream *stream = memory_alloc(1, sizeof(*stream));
	stream->reader.next = stream_next;
	stream->reader.close = stream_close;
	stream->hashed.reader.next = hashed_next;
	stream->hashed.file = file;
	stream->hashed.hash = digest_stream_new();
	digest_stream_start(stream->hashed.hash, DIGEST_SHA256);
	stream->plain = decompress_new(&stream->hashed.reader);
	return &stream->reader;
}

int import_stream_look(struct reader *self, const uint8_t **head, size_t *size, struct error *err)
{
	struct import_stream *stream = (struct import_stream *)self;
	if (!stream->looked && fill_head(stream, err) != 0) {
		return -1;
	}
	size_t first = first_text(stream);
	*head = stream->head + first;
	*size = stream->head_size - first;
	return 0;
}

int import_stream_finish(struct reader *self, struct digest *out, struct error *err)
{
	struct import_stream *stream = (struct import_stream *)self;
	const uint8_t *bytes;
	size_t size;
	do {
		if (stream_next(self, &bytes, &size, err) != 0) {
			return -1;
		}
	} while (size != 0);
	digest_stream_finish(stream->hashed.hash, out);
	return 0;
}
