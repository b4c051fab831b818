#include "import_scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PREFIX = 6, SHA256_HEX = 64, SHA512_HEX = 128 };

/* Bytes of "sha256" and what parts it from the digits; 0 when the text begins otherwise. */
static size_t prefix_size(const char *text, size_t size, size_t *digits)
{
	if (size <= PREFIX) {
		return 0;
	}
	if (strncasecmp(text, "sha256", PREFIX) == 0) {
		*digits = SHA256_HEX;
	} else if (strncasecmp(text, "sha512", PREFIX) == 0) {
		*digits = SHA512_HEX;
	} else {
		return 0;
	}
	if (text[PREFIX] == ':' || text[PREFIX] == '-') {
		return PREFIX + 1;
	}
	bool is_encoded = size >= PREFIX + 3 && strncasecmp(text + PREFIX, "%3a", 3) == 0;
	return is_encoded ? PREFIX + 3 : 0;
}

static size_t hex_run(const char *text, size_t size)
{
	size_t run = 0;
	while (run < size && isxdigit((unsigned char)text[run])) {
		run++;
	}
	return run;
}

bool import_scan(const char *text, size_t size, size_t *at, struct digest *out)
{
	for (size_t i = *at; i < size; i++) {
		if (text[i] != 's' && text[i] != 'S') {
			continue;
		}
		if (i > 0 && isalnum((unsigned char)text[i - 1])) {
			continue;
		}
		size_t digits = 0;
		size_t prefix = prefix_size(text + i, size - i, &digits);
		if (prefix == 0 || hex_run(text + i + prefix, size - i - prefix) != digits) {
			continue;
		}
		size_t end = i + prefix + digits;
		struct error ignored = ERROR_INIT;
		if (end < size && isalnum((unsigned char)text[end])) {
			continue;
		}
		if (digest_parse_lenient(text + i, prefix + digits, out, &ignored) == 0) {
			*at = end;
			return true;
		}
	}
	*at = size;
	return false;
}
