#include "layerproof/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/log.h"

enum { EXIT_OUT_OF_MEMORY = 2, GROW_START = 8 };

void *memory_require(void *memory)
{
	if (memory == NULL) {
		log_error("out of memory");
		_Exit(EXIT_OUT_OF_MEMORY);
	}
	return memory;
}

void *memory_alloc(size_t count, size_t size)
{
	/* calloc checks the product; a NULL for nothing would read as failure. */
	return memory_require(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *memory_alloc_pages(size_t size)
{
	void *pages = NULL;
	int failure = posix_memalign(&pages, (size_t)sysconf(_SC_PAGESIZE), size);
	return memory_require(failure == 0 ? pages : NULL);
}

void *memory_resize(void *old, size_t count, size_t size)
{
	/* realloc(3) to nothing frees, and returns NULL. */
	return memory_require(reallocarray(old, count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *memory_grow(void *array, size_t used, size_t *capacity, size_t size)
{
	if (used < *capacity)
		return array;
	*capacity = *capacity == 0 ? GROW_START : *capacity * 2;
	return memory_resize(array, *capacity, size);
}

char *memory_copy_text(const char *text)
{
	return text == NULL ? NULL : memory_require(strdup(text));
}

char *memory_copy_span(const char *text, size_t size)
{
	char *copy = memory_alloc(size + 1, 1);
	if (size > 0)
		memcpy(copy, text, size);
	return copy;
}

char *memory_format(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return memory_require(length < 0 ? NULL : text);
}
