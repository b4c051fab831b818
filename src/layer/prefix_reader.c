#include "prefix_reader.h"

#include <string.h>

#include "layerproof/memory.h"

static int prefix_reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
							  struct error *err)
{
	struct prefix_reader *self = (struct prefix_reader *)reader;
	if (self->copy_size > 0) {
		*bytes = self->copy;
		*size = self->copy_size;
		self->copy_size = 0;
		return 0;
	}
	if (self->rest_size > 0) {
		*bytes = self->rest;
		*size = self->rest_size;
		self->rest_size = 0;
		return 0;
	}
	return reader_next(self->source, bytes, size, err);
}

static void prefix_reader_close(struct reader *reader)
{
	free(reader);
}

struct prefix_reader *prefix_reader_new(struct reader *source)
{
	struct prefix_reader *self = memory_alloc(1, sizeof(*self));
	self->reader.next = prefix_reader_next;
	self->reader.close = prefix_reader_close;
	self->source = source;
	return self;
}

/* Moves the head of the last chunk into the copy, as far as there is room. */
static void collect(struct prefix_reader *self)
{
	size_t room = PREFIX_SIZE - self->copy_size;
	size_t take = self->rest_size < room ? self->rest_size : room;
	memcpy(self->copy + self->copy_size, self->rest, take);
	self->copy_size += take;
	self->rest += take;
	self->rest_size -= take;
}

int prefix_reader_peek(struct prefix_reader *self, const uint8_t **bytes, size_t *size,
					   struct error *err)
{
	do {
		if (reader_next(self->source, &self->rest, &self->rest_size, err) == -1)
			return -1;
		if (self->copy_size == 0 && self->rest_size >= PREFIX_SIZE) {
			*bytes = self->rest;
			*size = self->rest_size;
			return 0;
		}
		if (self->rest_size == 0)
			break;
		collect(self);
	} while (self->copy_size < PREFIX_SIZE);
	*bytes = self->copy;
	*size = self->copy_size;
	return 0;
}
