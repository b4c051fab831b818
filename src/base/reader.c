#include "layerproof/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

enum { FILE_CHUNK = 256 * 1024 };

void reader_close(struct reader *reader)
{
	if (reader != NULL)
		reader->close(reader);
}

struct bytes_reader {
	struct reader reader;
	const uint8_t *bytes;
	size_t size;
	void *owned;
};

static int bytes_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct bytes_reader *held = (struct bytes_reader *)self;
	(void)err;
	*bytes = held->bytes;
	*size = held->size;
	held->size = 0;
	return 0;
}

static void bytes_close(struct reader *self)
{
	struct bytes_reader *held = (struct bytes_reader *)self;
	free(held->owned);
	free(held);
}

struct reader *reader_from_bytes(const void *bytes, size_t size)
{
	struct bytes_reader *held = memory_alloc(1, sizeof(*held));
	held->reader = (struct reader){.next = bytes_next, .close = bytes_close};
	held->bytes = bytes;
	held->size = size;
	return &held->reader;
}

struct reader *reader_from_owned_bytes(void *bytes, size_t size)
{
	struct reader *reader = reader_from_bytes(bytes, size);
	((struct bytes_reader *)reader)->owned = bytes;
	return reader;
}

struct file_reader {
	struct reader reader;
	int descriptor;
	int own;
	bool heeds_interrupt;
	char *name;
	uint8_t *chunk;
};

static int file_next(struct reader *self, const uint8_t **bytes, size_t *size, struct error *err)
{
	struct file_reader *file = (struct file_reader *)self;
	ssize_t got;
	do {
		if (file->heeds_interrupt && !interrupt_wait_for_input(file->descriptor))
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		got = read(file->descriptor, file->chunk, FILE_CHUNK);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_set_errno(err, "%s", file->name);
	*bytes = file->chunk;
	*size = (size_t)got;
	return 0;
}

static void file_close(struct reader *self)
{
	struct file_reader *file = (struct file_reader *)self;
	if (file->own)
		close(file->descriptor);
	free(file->name);
	free(file->chunk);
	free(file);
}

struct reader *reader_from_file(int descriptor, int own, const char *name)
{
	struct file_reader *file = memory_alloc(1, sizeof(*file));
	file->reader = (struct reader){.next = file_next, .close = file_close};
	file->descriptor = descriptor;
	file->own = own;
	file->name = memory_copy_text(name);
	file->chunk = memory_alloc_pages(FILE_CHUNK);
	return &file->reader;
}

/* A FIFO is opened without waiting for its writer: reading waits, and heeds signals as it does. */
static int open_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor >= 0)
		fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
	return descriptor;
}

struct reader *reader_open(const char *path, struct error *err)
{
	bool is_input = strcmp(path, "-") == 0;
	int descriptor = is_input ? STDIN_FILENO : open_file(path);
	if (descriptor < 0) {
		error_set_errno(err, "%s", path);
		return NULL;
	}
	struct reader *reader = reader_from_file(descriptor, !is_input,
											 is_input ? "standard input" : path);
	((struct file_reader *)reader)->heeds_interrupt = true;
	return reader;
}

int reader_read_all(struct reader *reader, struct buffer *out, struct error *err)
{
	for (;;) {
		const uint8_t *bytes;
		size_t size;
		if (reader_next(reader, &bytes, &size, err) != 0)
			return -1;
		if (size == 0)
			return 0;
		if (buffer_add(out, bytes, size, err) != 0)
			return -1;
	}
}
