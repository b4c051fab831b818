#include "layerproof/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

enum { FIRST_CAPACITY = 256 };

void buffer_clear(struct buffer *buffer)
{
	free(buffer->bytes);
	buffer->bytes = NULL;
	buffer->size = 0;
	buffer->capacity = 0;
}

void buffer_reset(struct buffer *buffer)
{
	buffer->size = 0;
	if (buffer->bytes != NULL)
		buffer->bytes[0] = '\0';
}

/* Makes room for `more` bytes and the NUL. */
static int reserve(struct buffer *buffer, size_t more, struct error *err)
{
	if (more > buffer->maximum - buffer->size)
		return error_set(err, ERROR_OVER_LIMIT, "more than %zu bytes", buffer->maximum);
	size_t needed = buffer->size + more + 1;
	if (needed <= buffer->capacity)
		return 0;
	size_t capacity = buffer->capacity == 0 ? FIRST_CAPACITY : buffer->capacity;
	while (capacity < needed)
		capacity *= 2;
	if (capacity > buffer->maximum + 1)
		capacity = buffer->maximum + 1;
	buffer->bytes = memory_resize(buffer->bytes, capacity, 1);
	buffer->capacity = capacity;
	return 0;
}

int buffer_add(struct buffer *buffer, const void *bytes, size_t size, struct error *err)
{
	if (reserve(buffer, size, err) != 0)
		return -1;
	if (size > 0)
		memcpy(buffer->bytes + buffer->size, bytes, size);
	buffer->size += size;
	buffer->bytes[buffer->size] = '\0';
	return 0;
}

int buffer_add_format(struct buffer *buffer, struct error *err, const char *format, ...)
{
	CLEANUP(free_at) char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		text = NULL;
		return error_set_errno(err, "format");
	}
	return buffer_add(buffer, text, (size_t)length, err);
}

char *buffer_steal(struct buffer *buffer)
{
	char *bytes = buffer->bytes == NULL ? memory_copy_span("", 0) : buffer->bytes;
	buffer->bytes = NULL;
	buffer_clear(buffer);
	return bytes;
}
