#include "decoder.h"

#include <inttypes.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

static int pull(struct decoder *self, struct error *err)
{
	if (reader_next(self->source, &self->input, &self->input_size, err) == -1)
		return -1;
	self->input_ended = self->input_size == 0;
	self->pulled += (int64_t)self->input_size;
	return 0;
}

/* Counts what was used rather than what was pulled, so that the answer does not depend on how the
 * bytes came in chunks. */
static int check_ratio(const struct decoder *self, struct error *err)
{
	int64_t used = self->pulled - (int64_t)self->input_size;
	int64_t made = self->produced + (int64_t)self->output_size;
	if (made <= LIMIT_LAYER_RATIO_SLACK ||
		made - LIMIT_LAYER_RATIO_SLACK <= used * LIMIT_LAYER_RATIO)
		return 0;
	return error_set(err, ERROR_OVER_LIMIT,
					 "%" PRId64 " bytes uncompressed: more than %d to 1 compressed", made,
					 LIMIT_LAYER_RATIO);
}

static int advance(struct decoder *self, struct error *err)
{
	if (self->input_size == 0 && !self->input_ended && pull(self, err) == -1)
		return -1;
	return self->step(self, err);
}

static void next_output(struct decoder *self)
{
	self->produced += (int64_t)self->output_size;
	self->output_size = 0;
	if (self->reader.kept > 1)
		self->turn = (self->turn + 1) % self->reader.kept;
	if (self->outputs[self->turn] == NULL)
		self->outputs[self->turn] = memory_alloc(DECODER_OUTPUT_SIZE, 1);
	self->output = self->outputs[self->turn];
}

/* Fills the whole output before handing it on: many small members cost no more than one. */
static int decoder_next(struct reader *reader, const uint8_t **bytes, size_t *size,
						struct error *err)
{
	struct decoder *self = (struct decoder *)reader;
	next_output(self);
	while (!self->ended && self->output_size < DECODER_OUTPUT_SIZE)
		if (advance(self, &self->failure) == -1)
			self->ended = true;
	if (check_ratio(self, err) == -1)
		return -1;
	if (self->output_size == 0 && self->failure.code != ERROR_NONE) {
		*err = self->failure;
		return -1;
	}
	*bytes = self->output;
	*size = self->output_size;
	return 0;
}

static void decoder_close(struct reader *reader)
{
	struct decoder *self = (struct decoder *)reader;
	for (unsigned i = 0; i < DECODER_OUTPUTS; i++)
		free(self->outputs[i]);
	self->free(self);
}

void decoder_init(struct decoder *self, struct reader *source,
				  int (*step)(struct decoder *self, struct error *err),
				  void (*release)(struct decoder *self))
{
	self->reader.next = decoder_next;
	self->reader.close = decoder_close;
	self->source = source;
	self->step = step;
	self->free = release;
}

void decoder_keep_outputs(struct decoder *self)
{
	self->reader.kept = DECODER_OUTPUTS;
}
