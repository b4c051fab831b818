#include "bounded_reader.h"

#include <inttypes.h>

#include "layerproof/memory.h"

struct bounded_reader {
	struct reader reader;
	struct reader *inner;
	int64_t declared; /* -1: none */
	uint64_t taken;
	uint64_t *count;
};

static int bounded_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct bounded_reader *bounded = (struct bounded_reader *)self;
	if (reader_next(bounded->inner, bytes, size, err) != 0)
		return -1;
	bounded->taken += *size;
	if (bounded->count != NULL)
		*bounded->count += *size;
	if (bounded->declared >= 0 && bounded->taken > (uint64_t)bounded->declared)
		return error_set(err, ERROR_TAMPERED, "more than the declared %" PRId64 " bytes",
						 bounded->declared);
	return 0;
}

static void bounded_close(struct reader *self)
{
	struct bounded_reader *bounded = (struct bounded_reader *)self;
	reader_close(bounded->inner);
	free(bounded);
}

struct reader *bounded_reader_new(struct reader *inner, int64_t declared, uint64_t *count)
{
	struct bounded_reader *bounded = memory_alloc(1, sizeof(*bounded));
	bounded->reader = (struct reader){.next = bounded_next, .close = bounded_close};
	bounded->inner = inner;
	bounded->declared = declared;
	bounded->count = count;
	return &bounded->reader;
}
