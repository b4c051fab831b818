#include "file_reader.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layerproof/memory.h"

enum { FILE_CHUNK_SIZE = 256 * 1024 };

struct file_reader {
	struct reader reader;
	int descriptor;
	const char *name;
	int64_t offset;
	uint8_t *chunk;
};

static int file_reader_next(struct reader *reader, const uint8_t **bytes, size_t *size,
							struct error *err)
{
	struct file_reader *self = (struct file_reader *)reader;
	ssize_t got;
	do
		got = pread(self->descriptor, self->chunk, FILE_CHUNK_SIZE, self->offset);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return error_set_errno(err, "%s", self->name);
	self->offset += got;
	*bytes = self->chunk;
	*size = (size_t)got;
	return 0;
}

static void file_reader_close(struct reader *reader)
{
	struct file_reader *self = (struct file_reader *)reader;
	free(self->chunk);
	free(self);
}

struct reader *file_reader_new(int descriptor, int64_t start, const char *name)
{
	struct file_reader *self = memory_alloc(1, sizeof(*self));
	self->reader.next = file_reader_next;
	self->reader.close = file_reader_close;
	self->descriptor = descriptor;
	self->name = name;
	self->offset = start;
	self->chunk = memory_alloc_pages(FILE_CHUNK_SIZE);
	return &self->reader;
}

int64_t file_reader_skip(struct reader *reader, int64_t size)
{
	struct file_reader *self = (struct file_reader *)reader;
	struct stat status;
	if (fstat(self->descriptor, &status) == -1 || status.st_size <= self->offset)
		return 0;
	int64_t left = status.st_size - self->offset;
	int64_t skipped = size < left ? size : left;
	self->offset += skipped;
	return skipped;
}
