#include "layerproof/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

/* PIPE_BUF of pipe(7): a line of that size comes whole out of a pipe that several write to. */
enum { TEXT_SIZE = 2048, LINE_SIZE = 4096 };

static _Atomic int current_level = LOG_NORMAL;

void log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

enum log_level log_get_level(void)
{
	return (enum log_level)atomic_load(&current_level);
}

static struct {
	void (*before)(void *context);
	void (*after)(void *context);
	void *context;
} frame;

void log_set_frame(void (*before)(void *context), void (*after)(void *context), void *context)
{
	frame.before = before;
	frame.after = after;
	frame.context = context;
}

static void write_framed(const char *line, size_t size)
{
	if (frame.before != NULL)
		frame.before(frame.context);
	/* Nobody is left to tell when standard error itself fails. */
	ssize_t written = write(STDERR_FILENO, line, size);
	(void)written;
	if (frame.after != NULL)
		frame.after(frame.context);
}

/* No allocation: this also reports that there is no memory. */
static void __attribute__((format(printf, 2, 0)))
write_line(const char *kind, const char *format, va_list arguments)
{
	char text[TEXT_SIZE];
	char line[LINE_SIZE];
	int reason = errno;
	int length = vsnprintf(text, sizeof(text), format, arguments);
	size_t size = strnlen(text, sizeof(text));
	if (length >= TEXT_SIZE)
		size = utf8_whole_size(text, size);
	size_t used = (size_t)snprintf(line, sizeof(line), "layerproof: %s", kind);
	used += utf8_write_printable(text, size, line + used, sizeof(line) - used - 1);
	line[used++] = '\n';
	write_framed(line, used);
	errno = reason;
}

#define DEFINE_LEVEL(name, level, kind)                                                            \
	void name(const char *format, ...)                                                             \
	{                                                                                              \
		if (atomic_load(&current_level) < (level))                                                 \
			return;                                                                                \
		va_list arguments;                                                                         \
		va_start(arguments, format);                                                               \
		write_line(kind, format, arguments);                                                       \
		va_end(arguments);                                                                         \
	}

DEFINE_LEVEL(log_error, LOG_QUIET, "")
DEFINE_LEVEL(log_warning, LOG_NORMAL, "warning: ")
DEFINE_LEVEL(log_note, LOG_NORMAL, "")
DEFINE_LEVEL(log_verbose, LOG_VERBOSE, "")
DEFINE_LEVEL(log_debug, LOG_DEBUG, "debug: ")
