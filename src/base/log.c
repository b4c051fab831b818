#include "layerproof/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 2048 };

static _Atomic int current_level = LOG_NORMAL;

void log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

enum log_level log_get_level(void)
{
	return (enum log_level)atomic_load(&current_level);
}

/* Copies with control characters as \xNN. No allocation: this also reports that there is no memory.
 */
static size_t escape(const char *text, char *out, size_t size)
{
	size_t used = 0;
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0' && used + 5 < size; c++) {
		/* C1 controls are U+0080 to U+009F: C2 80 to C2 9F in UTF-8. */
		bool c1 = c[0] == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F;
		if (*c < 0x20 || *c == 0x7F || c1)
			used += (size_t)snprintf(out + used, size - used, "\\x%02x", *c);
		else
			out[used++] = (char)*c;
	}
	return used;
}

static void write_line(const char *kind, const char *format, va_list arguments)
{
	char text[LINE_SIZE];
	char line[LINE_SIZE * 2];
	vsnprintf(text, sizeof(text), format, arguments);
	size_t used = (size_t)snprintf(line, sizeof(line), "layerproof: %s", kind);
	used += escape(text, line + used, sizeof(line) - used - 1);
	line[used++] = '\n';
	/* Nobody is left to tell when standard error itself fails. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
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
