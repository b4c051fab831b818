#include "tar_content.h"

#include <inttypes.h>

void tar_content_begin(struct tar_content *self, struct tar_stream *tar, int64_t size)
{
	*self = (struct tar_content){.tar = tar, .size = size};
}

/* Gets the next piece that holds bytes; at the end, an empty one at the content's own end. Headers
 * may give a file a smaller size than its bytes take: what passes it is left out, as it would be if
 * it came in a chunk of its own. */
static int get_piece(struct tar_content *self, struct error *err)
{
	if (tar_stream_content(self->tar, &self->piece, &self->piece_size, &self->piece_offset, err) ==
		-1)
		return -1;
	if (self->piece_size == 0)
		self->piece_offset = self->size;
	if (self->piece_offset < self->given || self->piece_offset > self->size)
		return error_set(err, ERROR_MALFORMED,
						 "tar entry %" PRIu64 ": sparse file whose pieces overlap or pass its end",
						 self->tar->entries);
	if (self->piece_size > (uint64_t)(self->size - self->piece_offset))
		self->piece_size = (size_t)(self->size - self->piece_offset);
	return 0;
}

int tar_content_next(struct tar_content *self, const uint8_t **bytes, size_t *size,
					 struct error *err)
{
	static const uint8_t zeros[64 * 1024];
	*size = 0;
	if (self->given == self->size)
		return 0;
	if (self->piece_size == 0 && self->piece_offset <= self->given && get_piece(self, err) == -1)
		return -1;
	if (self->given < self->piece_offset) {
		int64_t hole = self->piece_offset - self->given;
		*bytes = zeros;
		*size = hole < (int64_t)sizeof(zeros) ? (size_t)hole : sizeof(zeros);
		self->holes += (int64_t)*size;
	} else {
		*bytes = self->piece;
		*size = self->piece_size;
		self->piece_size = 0;
	}
	self->given += (int64_t)*size;
	return 0;
}
