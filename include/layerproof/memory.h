/*
 * memory: allocation that cannot return NULL, and ownership made visible.
 *
 * Every size that comes from the wire or from a file is bounded by limits.h before it
 * reaches these functions. When the system has no memory left the process ends with a
 * message and exit code 2: no caller has a path for it, so no caller has an untested one.
 */
#ifndef LAYERPROOF_MEMORY_H
#define LAYERPROOF_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/* Zeroed memory for `count` objects of `size` bytes. Free with free(). */
void *memory_alloc(size_t count, size_t size);

/* Memory for `size` bytes, undefined ones, that begins with a page: the kernel copies a file into
 * what begins a little behind a page, as from malloc(3), at a fraction of the speed. Free with
 * free(). */
void *memory_alloc_pages(size_t size);

/* Grows or shrinks `old` (which may be NULL) to `count` objects of `size` bytes; new bytes are
 * undefined. */
void *memory_resize(void *old, size_t count, size_t size);

/* Makes room for one more element behind `used`: doubles `*capacity` when it is full. Returns the
 * (perhaps moved) array. */
void *memory_grow(void *array, size_t used, size_t *capacity, size_t size);

/* A copy of `text`, or NULL for NULL. Free with free(). */
char *memory_copy_text(const char *text);

/* A copy of the first `size` bytes at `text`, with a terminating NUL added. Free with free(). */
char *memory_copy_span(const char *text, size_t size);

/* printf into new memory. Free with free(). */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a library allocated, handed on; NULL ends the process. */
void *memory_require(void *memory);

/* Calls `release` on the address of the variable when it leaves its scope. */
#define CLEANUP(release) __attribute__((cleanup(release)))

/* Defines `release##_at`, for CLEANUP, from a function that takes the pointer itself. */
#define DEFINE_CLEANUP(type, release)                                                              \
	static inline void release##_at(type **held)                                                   \
	{                                                                                              \
		release(*held);                                                                            \
	}

static inline void free_at(void *held)
{
	free(*(void **)held);
}

/* Hands on what `variable` owns: evaluates to its value and leaves NULL in it. */
#define STEAL(variable)                                                                            \
	__extension__({                                                                                \
		__typeof__(variable) stolen = variable;                                                    \
		variable = NULL;                                                                           \
		stolen;                                                                                    \
	})

#endif
