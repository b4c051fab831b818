#include "hashing_reader.h"

#include <inttypes.h>

#include "layerproof/interrupt.h"

/* Also where a signal takes hold: a layer may take minutes. */
static int pull(struct hashing_reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	if (interrupt_requested())
		return error_set(err, ERROR_INTERRUPTED, "interrupted after %" PRId64 " bytes", self->size);
	if (reader_next(self->source, bytes, size, err) == -1)
		return -1;
	if (*size > (uint64_t)(self->limit - self->size))
		return error_set(err, ERROR_OVER_LIMIT, "%s: more than %" PRId64 " bytes", self->name,
						 self->limit);
	self->size += (int64_t)*size;
	if (self->stream)
		digest_stream_add(self->stream, *bytes, *size);
	return 0;
}

static int hashing_reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
							   struct error *err)
{
	struct hashing_reader *self = (struct hashing_reader *)reader;
	if (pull(self, bytes, size, &self->failure) == -1) {
		*err = self->failure;
		return -1;
	}
	return 0;
}

static void hashing_reader_close(struct reader *reader)
{
	struct hashing_reader *self = (struct hashing_reader *)reader;
	digest_stream_free(self->stream);
	free(self);
}

struct hashing_reader *hashing_reader_new(struct reader *source, enum digest_algorithm algorithm,
										  int64_t limit, const char *name)
{
	struct hashing_reader *self = memory_alloc(1, sizeof(*self));
	self->reader.next = hashing_reader_next;
	self->reader.close = hashing_reader_close;
	self->source = source;
	self->name = name;
	self->limit = limit;
	if (algorithm != DIGEST_NONE) {
		self->stream = digest_stream_new();
		digest_stream_start(self->stream, algorithm);
	}
	return self;
}

void hashing_reader_free(struct hashing_reader *self)
{
	if (self)
		hashing_reader_close(&self->reader);
}

static int drain(struct hashing_reader *self)
{
	const uint8_t *bytes;
	size_t size = 1;
	struct error ignored = ERROR_INIT; /* kept in `failure` */
	while (self->failure.code == ERROR_NONE && size > 0)
		if (hashing_reader_next(&self->reader, &bytes, &size, &ignored) == -1)
			return -1;
	return self->failure.code == ERROR_NONE ? 0 : -1;
}

int hashing_reader_finish(struct hashing_reader *self, struct digest *out, struct error *err)
{
	if (drain(self) == -1) {
		*err = self->failure;
		return -1;
	}
	*out = (struct digest){.algorithm = DIGEST_NONE};
	if (self->stream)
		digest_stream_finish(self->stream, out);
	return 0;
}
