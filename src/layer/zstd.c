/*
 * zstd: RFC 8878 frames through libzstd.
 *
 * Any number of frames, skippable ones among them (zstd:chunked keeps its table of contents in
 * one). Nothing is allocated by the content size that a frame claims, only by its window, which is
 * bounded by LIMIT_ZSTD_WINDOW_LOG. One of more than LIMIT_LAYER_WINDOW_LOG, which builders do not
 * write unless told to, is taken from what all layers share, until its frame ends.
 */
#include <inttypes.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "decoder.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* RFC 8878 sections 3.1.1 and 3.1.2 */
enum {
	MAGIC_SIZE = 4,
	DESCRIPTOR_AT = MAGIC_SIZE,
	HEADER_SIZE_MOST = MAGIC_SIZE + 14,
	SKIPPABLE_HEADER_SIZE = MAGIC_SIZE + 4,
};
static const uint8_t frame_magic[MAGIC_SIZE] = {0x28, 0xb5, 0x2f, 0xfd};
static const uint8_t skippable_magic[MAGIC_SIZE] = {0x50, 0x2a, 0x4d, 0x18}; /* 0x50 to 0x5f */

enum zstd_place {
	BETWEEN_FRAMES,
	IN_HEADER,
	IN_FRAME,
};

struct zstd_decoder {
	struct decoder decoder;
	struct allowance *windows; /* borrowed; NULL */
	ZSTD_DCtx *context;
	int window_log;                   /* what the context may take */
	int64_t taken;                    /* bytes of `windows` */
	uint8_t header[HEADER_SIZE_MOST]; /* of the frame at hand, as far as it has come */
	size_t header_size;
	enum zstd_place place;
	bool is_skippable;
};

/* What follows the last frame, and perhaps begins like one. */
static int trailing_junk(struct zstd_decoder *self, struct error *err)
{
	if (self->place != BETWEEN_FRAMES && !self->is_skippable)
		self->decoder.members--;
	return error_set(err, ERROR_MALFORMED, "zstd: bytes behind frame %" PRIu64 " that are no frame",
					 self->decoder.members);
}

static int ends_early(const struct zstd_decoder *self, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "zstd %s %" PRIu64 ": ends early",
					 self->is_skippable ? "skippable frame behind frame" : "frame",
					 self->decoder.members);
}

static int begin_frame(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	if (decoder->input_size == 0) {
		decoder->ended = true;
		return 0;
	}
	self->is_skippable = (decoder->input[0] & 0xf0) == skippable_magic[0];
	if (!self->is_skippable && decoder->input[0] != frame_magic[0])
		return trailing_junk(self, err);
	if (!self->is_skippable)
		decoder->members++;
	self->place = IN_HEADER;
	self->header_size = 0;
	return 0;
}

static int frame_error(const struct zstd_decoder *self, size_t result, struct error *err)
{
	uint64_t frame = self->decoder.members;
	switch (ZSTD_getErrorCode(result)) {
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
	self->place = BETWEEN_FRAMES;
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

/* Allows frames twice the window. */
static int grow_window(struct zstd_decoder *self, struct error *err)
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
	return 0;
}

/* ---- Headers ---- */

/* RFC 8878 section 3.1.1.1, as far as the header at hand tells. */
static size_t header_length(const struct zstd_decoder *self)
{
	static const uint8_t dictionary_sizes[] = {0, 1, 2, 4};
	static const uint8_t content_sizes[] = {0, 2, 4, 8};
	if (self->is_skippable)
		return SKIPPABLE_HEADER_SIZE;
	if (self->header_size <= DESCRIPTOR_AT)
		return DESCRIPTOR_AT + 1;
	uint8_t descriptor = self->header[DESCRIPTOR_AT];
	size_t length = DESCRIPTOR_AT + 1u + dictionary_sizes[descriptor & 3] +
					content_sizes[descriptor >> 6];
	bool is_single_segment = (descriptor & 0x20) != 0;
	bool has_window = !is_single_segment;
	bool has_short_content_size = is_single_segment && descriptor >> 6 == 0;
	return length + has_window + has_short_content_size;
}

static bool is_magic(const struct zstd_decoder *self, uint8_t byte)
{
	size_t place = self->header_size;
	if (place == 0 || place >= MAGIC_SIZE)
		return true; /* begin_frame() looked at the first */
	return byte == (self->is_skippable ? skippable_magic : frame_magic)[place];
}

/* libzstd takes another way with a frame of which it is given all at once, without a bound for the
 * window; and it looks for the magic number of other kinds of frames at the start of any piece in
 * which a header ends. So it is given headers whole, cut where no such number can stand, and each
 * blob is read in one way however its bytes come. */
static size_t give_header(struct zstd_decoder *self)
{
	ZSTD_inBuffer first = {.src = self->header, .size = 1};
	ZSTD_inBuffer rest = {.src = self->header + 1, .size = self->header_size - 1};
	ZSTD_outBuffer none = {.size = 0};
	size_t result = ZSTD_decompressStream(self->context, &none, &first);
	return ZSTD_isError(result) ? result : ZSTD_decompressStream(self->context, &none, &rest);
}

static int open_frame(struct zstd_decoder *self, struct error *err)
{
	size_t result = give_header(self);
	while (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge &&
		   may_grow(self)) {
		if (grow_window(self, err) == -1)
			return -1;
		result = give_header(self);
	}
	if (ZSTD_isError(result))
		return frame_error(self, result, err);
	self->place = IN_FRAME;
	return result == 0 ? end_frame(self, err) : 0;
}

static int read_header(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	if (decoder->input_size == 0)
		return ends_early(self, err);
	while (decoder->input_size > 0) {
		if (!is_magic(self, decoder->input[0]))
			return trailing_junk(self, err);
		self->header[self->header_size++] = decoder->input[0];
		decoder_take(decoder, 1);
		if (self->header_size == header_length(self))
			return open_frame(self, err);
	}
	return 0;
}

/* ---- Content ---- */

static int read_frame(struct zstd_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	bool is_last = decoder->input_size == 0;
	ZSTD_inBuffer input = {.src = decoder->input, .size = decoder->input_size};
	ZSTD_outBuffer output = {.dst = decoder->output + decoder->output_size,
							 .size = DECODER_OUTPUT_SIZE - decoder->output_size};
	size_t result = ZSTD_decompressStream(self->context, &output, &input);
	decoder_take(decoder, input.pos);
	decoder->output_size += output.pos;
	if (ZSTD_isError(result))
		return frame_error(self, result, err);
	if (result == 0)
		return end_frame(self, err);
	return is_last && output.pos == 0 ? ends_early(self, err) : 0;
}

static int zstd_step(struct decoder *decoder, struct error *err)
{
	struct zstd_decoder *self = (struct zstd_decoder *)decoder;
	if (self->context == NULL && make_context(self, LIMIT_LAYER_WINDOW_LOG, err) == -1)
		return -1;
	switch (self->place) {
	case BETWEEN_FRAMES:
		return begin_frame(self, err);
	case IN_HEADER:
		return read_header(self, err);
	case IN_FRAME:
		break;
	}
	return read_frame(self, err);
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
