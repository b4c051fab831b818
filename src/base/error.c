#include "layerproof/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

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

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	err->code = code;
	err->retry_at = 0;
	int length = vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	/* Error texts end up in JSON: one that did not fit ends with a whole character. */
	if (length >= ERROR_TEXT_SIZE)
		err->text[utf8_whole_size(err->text, ERROR_TEXT_SIZE - 1)] = '\0';
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
	(void)error_set(err, inner.code, "%s: %s", context, inner.text);
	err->retry_at = inner.retry_at;
	return -1;
}

const char *error_code_name(enum error_code code)
{
	return code < ERROR_CODE_COUNT ? names[code] : "unknown";
}
