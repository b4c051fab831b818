#include "layerproof/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[ERROR_CODE_COUNT] = {
	[ERROR_NONE] = "none",
	[ERROR_USAGE] = "usage",
	[ERROR_SYSTEM] = "system",
	[ERROR_MALFORMED] = "malformed",
	[ERROR_BAD_REFERENCE] = "bad_reference",
	[ERROR_NOT_FOUND] = "not_found",
	[ERROR_DENIED] = "denied",
	[ERROR_RATE_LIMITED] = "rate_limited",
	[ERROR_UNREACHABLE] = "unreachable",
	[ERROR_OVER_LIMIT] = "over_limit",
	[ERROR_UNSUPPORTED] = "unsupported",
	[ERROR_TAMPERED] = "tampered",
	[ERROR_INTERRUPTED] = "interrupted",
};

/* Cuts a text that did not fit at a whole UTF-8 character: error texts end up in JSON. */
static void end_on_character(char *text, size_t size)
{
	size_t end = strnlen(text, size - 1);
	if (end < size - 1)
		return;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
		end--;
	if (end > 0 && ((unsigned char)text[end - 1] & 0x80) != 0)
		end--;
	text[end] = '\0';
}

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	err->code = code;
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	end_on_character(err->text, sizeof(err->text));
	return -1;
}

int error_set_errno(struct error *err, const char *format, ...)
{
	int reason = errno;
	char what[ERROR_TEXT_SIZE];
	char why[128];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return error_set(err, ERROR_SYSTEM, "%s: %s", what, strerror_r(reason, why, sizeof(why)));
}

int error_add_context(struct error *err, const char *format, ...)
{
	struct error inner = *err;
	char context[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(context, sizeof(context), format, arguments);
	va_end(arguments);
	return error_set(err, inner.code, "%s: %s", context, inner.text);
}

const char *error_code_name(enum error_code code)
{
	return code < ERROR_CODE_COUNT ? names[code] : "unknown";
}
