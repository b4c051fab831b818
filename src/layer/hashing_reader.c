#include "hashing_reader.h"

#include <inttypes.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"

static int check_time(const struct hashing_reader *self, struct error *err)
{
	int64_t seconds = self->options.seconds_limit;
	if (seconds == 0 || clock_monotonic_ms() - self->begun_ms <= seconds * 1000)
		return 0;
	return error_set(err, ERROR_OVER_LIMIT,
					 "%s: more than %" PRId64 " seconds, after %" PRId64 " bytes",
					 self->options.name, seconds, self->size);
}

static int pull_source(struct hashing_reader *self, const uint8_t **bytes, size_t *size,
					   struct error *err)
{
	unsigned kept = self->source->kept > 0 ? self->source->kept : 1;
	for (int i = 0; i < HASHING_DIGESTS; i++)
		if (self->lines[i] != NULL)
			hash_line_wait(self->lines[i], kept - 1);
	if (self->options.is_waited_for && self->options.hashers != NULL)
		hashers_pause(self->options.hashers);
	int result = reader_next(self->source, bytes, size, err);
	if (self->options.is_waited_for && self->options.hashers != NULL)
		hashers_begin(self->options.hashers);
	return result;
}

/* Also where a signal takes hold: a layer may take minutes. */
static int pull(struct hashing_reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	if (interrupt_requested())
		return error_set(err, ERROR_INTERRUPTED, "interrupted after %" PRId64 " bytes", self->size);
	if (pull_source(self, bytes, size, err) == -1 || check_time(self, err) == -1)
		return -1;
	if (*size > (uint64_t)(self->options.limit - self->size))
		return error_set(err, ERROR_OVER_LIMIT, "%s: more than %" PRId64 " bytes",
						 self->options.name, self->options.limit);
	self->size += (int64_t)*size;
	for (int i = 0; i < HASHING_DIGESTS; i++)
		if (self->lines[i] != NULL)
			hash_line_add(self->lines[i], *bytes, *size);
	if (self->options.on_progress != NULL && *size > 0)
		self->options.on_progress(self->options.context, self->size);
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
	for (int i = 0; i < HASHING_DIGESTS; i++)
		hash_line_free(self->lines[i]);
	free(self);
}

struct hashing_reader *hashing_reader_new(struct reader *source,
										  const struct hashing_options *options)
{
	struct hashing_reader *self = memory_alloc(1, sizeof(*self));
	self->reader.next = hashing_reader_next;
	self->reader.close = hashing_reader_close;
	self->reader.kept = source->kept;
	self->source = source;
	self->options = *options;
	self->begun_ms = options->seconds_limit > 0 ? clock_monotonic_ms() : 0;
	for (int i = 0; i < HASHING_DIGESTS; i++)
		if (options->algorithms[i] != DIGEST_NONE)
			self->lines[i] = hash_line_new(options->hashers, options->algorithms[i]);
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

int hashing_reader_finish(struct hashing_reader *self, struct digest out[static HASHING_DIGESTS],
						  struct error *err)
{
	if (drain(self) == -1) {
		*err = self->failure;
		return -1;
	}
	for (int i = 0; i < HASHING_DIGESTS; i++) {
		out[i] = (struct digest){.algorithm = DIGEST_NONE};
		if (self->lines[i] != NULL)
			hash_line_finish(self->lines[i], &out[i]);
	}
	return 0;
}
