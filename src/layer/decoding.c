#include "decoding.h"

#include "blob_format.h"

static int unsupported(const uint8_t *bytes, size_t size, struct error *err)
{
	const char *guess = blob_format_guess(bytes, size);
	if (guess)
		return error_set(err, ERROR_UNSUPPORTED, "looks like %s: not gzip, zstd or tar", guess);
	return error_set(err, ERROR_UNSUPPORTED, "not gzip, zstd or tar");
}

int decoding_open(struct decoding *self, struct reader *blob, struct crew *crew, struct error *err)
{
	const uint8_t *bytes;
	size_t size;
	self->prefix = prefix_reader_new(blob);
	self->tar = &self->prefix->reader;
	if (prefix_reader_peek(self->prefix, &bytes, &size, err) == -1)
		return -1;
	self->format = blob_format_tell(bytes, size);
	if (self->format == LAYER_UNKNOWN)
		return unsupported(bytes, size, err);
	if (self->format == LAYER_GZIP)
		self->decoder = gzip_decoder_new(self->tar);
	else if (self->format == LAYER_ZSTD)
		self->decoder = zstd_decoder_new(self->tar);
	if (!self->decoder)
		return 0;
	if (crew != NULL && self->format == LAYER_ZSTD)
		zstd_decoder_share_windows(self->decoder, crew->windows);
	if (crew != NULL && hashers_can_help(crew->hashers))
		decoder_keep_outputs(self->decoder);
	self->tar = &self->decoder->reader;
	return 0;
}

void decoding_close(struct decoding *self)
{
	if (self->decoder)
		self->decoder->reader.close(&self->decoder->reader);
	if (self->prefix)
		self->prefix->reader.close(&self->prefix->reader);
	*self = (struct decoding){.format = LAYER_UNKNOWN};
}
