/*
 * zstd: RFC 8878 frames through libzstd.
 *
 * Any number of frames, skippable ones among them (zstd:chunked keeps its table of contents in
 * one). Nothing is allocated by the content size that a frame claims, only by its window, which is
 * bounded by LIMIT_ZSTD_WINDOW_LOG.
 */
#include <inttypes.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "decoder.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

struct zstd_decoder {
	struct decoder decoder;
	ZSTD_DCtx *context;
	bool in_frame;
	bool in_skippable;
};

static int trailing_junk(uint64_t frames, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "zstd: bytes behind frame %" PRIu64 " that are no frame",
					 frames);
}

/* Section 3.1.1: a frame begins with 0x28; section 3.1.2: a skippable one with 0x50 to 0x5F. What
 * follows in the magic number is checked by libzstd. */
static int begin_frame(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	if (decoder->input_size == 0) {
		decoder->ended = true;
		return 0;
	}
	self->in_skippable = (decoder->input[0] & 0xf0) == 0x50;
	if (!self->in_skippable && decoder->input[0] != 0x28)
		return trailing_junk(decoder->members, err);
	if (!self->in_skippable)
		decoder->members++;
	self->in_frame = true;
	return 0;
}

static int frame_error(const struct zstd_decoder *self, size_t result, struct error *err)
{
	uint64_t frame = self->decoder.members;
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_prefix_unknown:
		return trailing_junk(self->in_skippable ? frame : frame - 1, err);
	case ZSTD_error_frameParameter_windowTooLarge:
		return error_set(err, ERROR_OVER_LIMIT,
						 "zstd frame %" PRIu64 ": window of more than %d MiB", frame,
						 1 << (LIMIT_ZSTD_WINDOW_LOG - 20));
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_version_unsupported:
	case ZSTD_error_dictionary_wrong:
		return error_set(err, ERROR_UNSUPPORTED, "zstd frame %" PRIu64 ": %s", frame,
						 ZSTD_getErrorName(result));
	case ZSTD_error_checksum_wrong:
		return error_set(err, ERROR_MALFORMED, "zstd frame %" PRIu64 ": wrong checksum", frame);
	case ZSTD_error_memory_allocation:
		return error_set(err, ERROR_SYSTEM, "zstd frame %" PRIu64 ": out of memory", frame);
	default:
		return error_set(err, ERROR_MALFORMED, "zstd frame %" PRIu64 ": %s", frame,
						 ZSTD_getErrorName(result));
	}
}

static int decompress_frame(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	bool last = decoder->input_size == 0;
	ZSTD_inBuffer input = {.src = decoder->input, .size = decoder->input_size};
	ZSTD_outBuffer output = {.dst = decoder->output + decoder->output_size,
							 .size = DECODER_OUTPUT_SIZE - decoder->output_size};
	size_t result = ZSTD_decompressStream(self->context, &output, &input);
	decoder_take(decoder, input.pos);
	decoder->output_size += output.pos;
	if (ZSTD_isError(result))
		return frame_error(self, result, err);
	if (result == 0)
		self->in_frame = false;
	else if (last && output.pos == 0)
		return error_set(err, ERROR_MALFORMED, "zstd %s %" PRIu64 ": ends early",
						 self->in_skippable ? "skippable frame behind frame" : "frame",
						 decoder->members);
	return 0;
}

static int zstd_step(struct decoder *decoder, struct error *err)
{
	struct zstd_decoder *self = (struct zstd_decoder *)decoder;
	if (!self->context)
		return error_set(err, ERROR_SYSTEM, "zstd: out of memory");
	return self->in_frame ? decompress_frame(self, err) : begin_frame(self, err);
}

static void zstd_free(struct decoder *decoder)
{
	struct zstd_decoder *self = (struct zstd_decoder *)decoder;
	ZSTD_freeDCtx(self->context);
	free(self);
}

struct decoder *zstd_decoder_new(struct reader *source)
{
	struct zstd_decoder *self = memory_alloc(1, sizeof(*self));
	decoder_init(&self->decoder, source, zstd_step, zstd_free);
	self->context = ZSTD_createDCtx();
	if (self->context)
		ZSTD_DCtx_setParameter(self->context, ZSTD_d_windowLogMax, LIMIT_ZSTD_WINDOW_LOG);
	return &self->decoder;
}
