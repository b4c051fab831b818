#include "import_record.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { SHA256_HEX = 64 };

static size_t span_of(const char *text, size_t size, const char *set)
{
	size_t span = 0;
	while (span < size && text[span] != '\0' && strchr(set, text[span]) != NULL) {
		span++;
	}
	return span;
}

/* A long number as a spreadsheet shows it: 1.2E+63, or with a decimal comma. */
static bool is_spreadsheet_number(const char *text, size_t size)
{
	const char *digits = "0123456789.,";
	size_t mantissa = span_of(text, size, digits);
	if (mantissa == 0 || size - mantissa < 3 || strchr("eE", text[mantissa]) == NULL ||
		text[mantissa + 1] != '+') {
		return false;
	}
	size_t exponent = span_of(text + mantissa + 2, size - mantissa - 2, "0123456789");
	return exponent != 0 && mantissa + 2 + exponent == size;
}

/* ########, #NAME?, #N/A */
static bool is_spreadsheet_error(const char *text, size_t size)
{
	return size > 1 && text[0] == '#';
}

/* Hexadecimal digits, all but an optional algorithm in front; 0 for other text. */
static size_t hex_digits(const char *text, size_t size)
{
	if (size >= 7 && strncasecmp(text, "sha256:", 7) == 0) {
		text += 7;
		size -= 7;
	}
	return span_of(text, size, "0123456789abcdefABCDEF") == size ? size : 0;
}

/* Says what happened to text that is no digest, where it shows (cspm-formats, section 5). */
static int explain(const char *text, size_t size, struct error *err)
{
	enum { SHOWN = 24 };
	size_t digits = hex_digits(text, size);
	if (is_spreadsheet_number(text, size)) {
		return error_set(err, ERROR_MALFORMED,
						 "%.*s is a number that a spreadsheet made of a digest; export the column "
						 "as text",
						 size < SHOWN ? (int)size : (int)SHOWN, text);
	}
	if (is_spreadsheet_error(text, size)) {
		return error_set(err, ERROR_MALFORMED, "an error value of a spreadsheet, not a digest");
	}
	if (digits != 0 && digits < SHA256_HEX) {
		return error_set(err, ERROR_MALFORMED,
						 "%zu of %d hexadecimal digits: a short or cut digest cannot be matched",
						 digits, SHA256_HEX);
	}
	return -1;
}

int import_digest_parse(const char *text, size_t size, struct digest *out, struct error *err)
{
	if (digest_parse_lenient(text, size, out, err) == 0) {
		return 0;
	}
	return explain(text, size, err);
}
