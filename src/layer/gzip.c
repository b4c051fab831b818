/*
 * gzip: RFC 1952 members through ISA-L.
 *
 * A blob may hold any number of members (eStargz and pigz write them); padding of zeros behind the
 * last is tolerated as gzip(1) does, and anything else is an error.
 */
#include <inttypes.h>
#include <isa-l/igzip_lib.h>

#include "decoder.h"
#include "gzip_header.h"
#include "layerproof/memory.h"

enum gzip_place {
	BETWEEN_MEMBERS,
	IN_HEADER,
	IN_DATA,
	IN_PADDING,
};

struct gzip_decoder {
	struct decoder decoder;
	enum gzip_place place;
	struct gzip_header header;
	struct inflate_state inflate;
};

static int trailing_junk(uint64_t members, struct error *err)
{
	return error_set(err, ERROR_MALFORMED,
					 "gzip: bytes behind member %" PRIu64 " that are no member", members);
}

static int member_error(const struct gzip_decoder *self, const char *reason, struct error *err)
{
	return error_set(err, ERROR_MALFORMED, "gzip member %" PRIu64 ": %s", self->decoder.members,
					 reason);
}

static int begin_member(struct gzip_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	if (decoder->input_size == 0) {
		decoder->ended = true;
	} else if (decoder->input[0] == 0 && decoder->members > 0) {
		self->place = IN_PADDING;
	} else if (decoder->input[0] != 0x1f) {
		return trailing_junk(decoder->members, err);
	} else {
		decoder->members++;
		self->header = (struct gzip_header){.part = GZIP_HEADER_FIXED};
		self->place = IN_HEADER;
	}
	return 0;
}

static void begin_data(struct gzip_decoder *self)
{
	isal_inflate_reset(&self->inflate);
	self->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER;
	self->place = IN_DATA;
}

static int read_header(struct gzip_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	if (decoder->input_size == 0)
		return member_error(self, "ends early", err);
	enum gzip_header_result result = GZIP_HEADER_MORE;
	while (result == GZIP_HEADER_MORE && decoder->input_size > 0) {
		result = gzip_header_take(&self->header, decoder->input[0]);
		decoder_take(decoder, 1);
	}
	switch (result) {
	case GZIP_HEADER_MORE:
		break;
	case GZIP_HEADER_END:
		begin_data(self);
		break;
	case GZIP_HEADER_NO_MEMBER:
		return trailing_junk(--decoder->members, err);
	case GZIP_HEADER_NO_DEFLATE:
		return member_error(self, "compression method is not deflate", err);
	case GZIP_HEADER_CHECKSUM:
		return member_error(self, "wrong header checksum", err);
	}
	return 0;
}

static int inflate_error(const struct gzip_decoder *self, int result, struct error *err)
{
	switch (result) {
	case ISAL_INVALID_BLOCK:
		return member_error(self, "invalid deflate block", err);
	case ISAL_INVALID_SYMBOL:
		return member_error(self, "invalid deflate symbol", err);
	case ISAL_INVALID_LOOKBACK:
		return member_error(self, "deflate distance before the start", err);
	case ISAL_INCORRECT_CHECKSUM:
		return member_error(self, "wrong checksum or length", err);
	default:
		return member_error(self, "not deflate", err);
	}
}

/* ISA-L keeps input and output of its own: it is asked once more after the last input, and only
 * when nothing comes of that has the member ended early (it reports no error then). */
static int inflate_data(struct gzip_decoder *self, struct error *err)
{
	struct decoder *decoder = &self->decoder;
	struct inflate_state *inflate = &self->inflate;
	uint32_t room = (uint32_t)(DECODER_OUTPUT_SIZE - decoder->output_size);
	uint32_t given = decoder->input_size < INT32_MAX ? (uint32_t)decoder->input_size
													 : (uint32_t)INT32_MAX;
	/* isal_inflate() only reads from next_in, though it is not declared const. */
	inflate->next_in = (uint8_t *)(uintptr_t)decoder->input;
	inflate->avail_in = given;
	inflate->next_out = decoder->output + decoder->output_size;
	inflate->avail_out = room;
	int result = isal_inflate(inflate);
	decoder_take(decoder, given - inflate->avail_in);
	/* With these two it also counts the copy that it could not make. */
	if (result != ISAL_INVALID_SYMBOL && result != ISAL_INVALID_LOOKBACK)
		decoder->output_size += room - inflate->avail_out;
	if (result < 0)
		return inflate_error(self, result, err);
	if (inflate->block_state == ISAL_BLOCK_FINISH)
		self->place = BETWEEN_MEMBERS;
	else if (given == 0 && inflate->avail_out == room)
		return member_error(self, "ends early", err);
	return 0;
}

static int skip_padding(struct decoder *decoder, struct error *err)
{
	decoder->ended = decoder->input_size == 0;
	while (decoder->input_size > 0) {
		if (decoder->input[0] != 0)
			return trailing_junk(decoder->members, err);
		decoder_take(decoder, 1);
	}
	return 0;
}

static int gzip_step(struct decoder *decoder, struct error *err)
{
	struct gzip_decoder *self = (struct gzip_decoder *)decoder;
	switch (self->place) {
	case BETWEEN_MEMBERS:
		return begin_member(self, err);
	case IN_HEADER:
		return read_header(self, err);
	case IN_DATA:
		return inflate_data(self, err);
	case IN_PADDING:
		break;
	}
	return skip_padding(decoder, err);
}

static void gzip_free(struct decoder *decoder)
{
	free(decoder);
}

struct decoder *gzip_decoder_new(struct reader *source)
{
	struct gzip_decoder *self = memory_alloc(1, sizeof(*self));
	decoder_init(&self->decoder, source, gzip_step, gzip_free);
	isal_inflate_init(&self->inflate);
	return &self->decoder;
}
