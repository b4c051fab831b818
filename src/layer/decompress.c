#include "layerproof/decompress.h"

#include "blob_format.h"
#include "decoding.h"
#include "layerproof/memory.h"

struct decompress {
	struct reader reader;
	struct prefix_reader *prefix;
	struct decoder *decoder; /* NULL: not compressed, or not looked at yet */
	bool looked;
};

static int look(struct decompress *self, struct error *err)
{
	const uint8_t *bytes;
	size_t size;
	self->looked = true;
	if (prefix_reader_peek(self->prefix, &bytes, &size, err) == -1)
		return -1;
	enum layer_format format = blob_format_tell(bytes, size);
	if (format == LAYER_GZIP)
		self->decoder = gzip_decoder_new(&self->prefix->reader);
	else if (format == LAYER_ZSTD)
		self->decoder = zstd_decoder_new(&self->prefix->reader);
	return 0;
}

static int decompress_next(struct reader *reader, const uint8_t **bytes, size_t *size,
						   struct error *err)
{
	struct decompress *self = (struct decompress *)reader;
	if (!self->looked && look(self, err) == -1)
		return -1;
	return reader_next(self->decoder ? &self->decoder->reader : &self->prefix->reader, bytes, size,
					   err);
}

static void decompress_close(struct reader *reader)
{
	struct decompress *self = (struct decompress *)reader;
	if (self->decoder)
		reader_close(&self->decoder->reader);
	reader_close(&self->prefix->reader);
	free(self);
}

struct reader *decompress_new(struct reader *source)
{
	struct decompress *self = memory_alloc(1, sizeof(*self));
	self->reader.next = decompress_next;
	self->reader.close = decompress_close;
	self->prefix = prefix_reader_new(source);
	return &self->reader;
}
