/*
 * zstd: RFC 8878 frames through libzstd.
 *
 * Any number of frames, skippable ones among them (zstd:chunked keeps its table of contents in
 * one). Nothing is allocated by the content size that a frame claims, only by its window, which is
 * bounded by LIMIT_ZSTD_WINDOW_LOG. One of more than LIMIT_LAYER_WINDOW_LOG, which builders do not
 * write unless told to, is taken from what all layers share, until its frame ends.
 */
#include <inttypes.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "decoder.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* RFC 8878 section 3.1.1.1: the magic number and the longest header. */
enum { HEADER_SIZE_MOST = 4 + 14 };

struct zstd_decoder {
	struct decoder decoder;
	struct allowance *windows; /* borrowed; NULL */
	ZSTD_DCtx *context;
	int window_log;                   /* what the context may take */
	int64_t taken;                    /* bytes of `windows` */
	uint8_t header[HEADER_SIZE_MOST]; /* the first bytes of the frame */
	size_t header_size;
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
	self->header_size = 0;
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
						 "zstd frame %" PRIu64 ": window of more than %d MiB%s", frame,
						 1 << (self->window_log - 20),
						 self->window_log < LIMIT_ZSTD_WINDOW_LOG
							 ? ", the most that the memory for all layers has room for"
							 : "");
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

/* ---- Windows ---- */

static int make_context(struct zstd_decoder *self, int window_log, struct error *err)
{
	ZSTD_freeDCtx(self->context);
	self->context = ZSTD_createDCtx();
	if (self->context == NULL)
		return error_set(err, ERROR_SYSTEM, "zstd: out of memory");
	ZSTD_DCtx_setParameter(self->context, ZSTD_d_windowLogMax, window_log);
	self->window_log = window_log;
	return 0;
}

static void give_window_back(struct zstd_decoder *self)
{
	if (self->taken > 0)
		allowance_give_back(self->windows, self->taken);
	self->taken = 0;
}

/* A context keeps the memory of the largest window it has had: a new one takes its place. */
static int end_frame(struct zstd_decoder *self, struct error *err)
{
	self->in_frame = false;
	if (self->window_log == LIMIT_LAYER_WINDOW_LOG)
		return 0;
	int result = make_context(self, LIMIT_LAYER_WINDOW_LOG, err);
	give_window_back(self);
	return result;
}

static bool may_grow(const struct zstd_decoder *self)
{
	int64_t window = (int64_t)2 << self->window_log;
	return self->window_log < LIMIT_ZSTD_WINDOW_LOG &&
		   (self->windows == NULL || window <= allowance_size(self->windows));
}

/* Allows the frame twice the window, and begins it again with the `size` bytes of it that came in
 * earlier chunks. */
static int grow_window(struct zstd_decoder *self, size_t size, struct error *err)
{
	int window_log = self->window_log + 1;
	give_window_back(self); /* nobody waits with a part in hand */
	if (make_context(self, window_log, err) == -1)
		return -1;
	if (self->windows != NULL) {
		if (allowance_take(self->windows, (int64_t)1 << window_log, err) == -1)
			return -1;
		self->taken = (int64_t)1 << window_log;
	}
	ZSTD_inBuffer input = {.src = self->header, .size = size};
	ZSTD_outBuffer output = {.size = 0};
	ZSTD_decompressStream(self->context, &output, &input); /* fails as before, or with the rest */
	return 0;
}

/* ---- Bytes ---- */

/* Keeps the first bytes of the frame, in case that it must be begun again. Returns how many came in
 * earlier chunks. */
static size_t keep_header(struct zstd_decoder *self)
{
	size_t before = self->header_size;
	size_t room = HEADER_SIZE_MOST - before;
	size_t more = self->decoder.input_size < room ? self->decoder.input_size : room;
	if (more > 0)
		memcpy(self->header + before, self->decoder.input, more);
	self->header_size += more;
	return before;
}

static size_t decompress(struct zstd_decoder *self, ZSTD_outBuffer *output)
{
	struct decoder *decoder = &self->decoder;
	ZSTD_inBuffer input = {.src = decoder->input, .size = decoder->input_size};
	size_t result = ZSTD_decompressStream(self->context, output, &input);
	bool is_too_large = ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge;
	if (!is_too_large)
		decoder_take(decoder, input.pos);
	return result;
}

static int decompress_frame(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	bool last = decoder->input_size == 0;
	size_t before = keep_header(self);
	ZSTD_outBuffer output = {.dst = decoder->output + decoder->output_size,
							 .size = DECODER_OUTPUT_SIZE - decoder->output_size};
	size_t result = decompress(self, &output);
	while (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge &&
		   may_grow(self)) {
		if (grow_window(self, before, err) == -1)
			return -1;
		result = decompress(self, &output);
	}
	decoder->output_size += output.pos;
	if (ZSTD_isError(result))
		return frame_error(self, result, err);
	if (result == 0)
		return end_frame(self, err);
	if (last && output.pos == 0)
		return error_set(err, ERROR_MALFORMED, "zstd %s %" PRIu64 ": ends early",
						 self->in_skippable ? "skippable frame behind frame" : "frame",
						 decoder->members);
	return 0;
}

static int zstd_step(struct decoder *decoder, struct error *err)
{
	struct zstd_decoder *self = (struct zstd_decoder *)decoder;
	if (self->context == NULL && make_context(self, LIMIT_LAYER_WINDOW_LOG, err) == -1)
		return -1;
	return self->in_frame ? decompress_frame(self, err) : begin_frame(self, err);
}

static void zstd_free(struct decoder *decoder)
{
	struct zstd_decoder *self = (struct zstd_decoder *)decoder;
	ZSTD_freeDCtx(self->context);
	give_window_back(self);
	free(self);
}

struct decoder *zstd_decoder_new(struct reader *source)
{
	struct zstd_decoder *self = memory_alloc(1, sizeof(*self));
	decoder_init(&self->decoder, source, zstd_step, zstd_free);
	return &self->decoder;
}

void zstd_decoder_share_windows(struct decoder *decoder, struct allowance *windows)
{
	((struct zstd_decoder *)decoder)->windows = windows;
}
