#include "layerproof/text.h"

#include <errno.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "layerproof/memory.h"
#include "utf8.h"

/* Bytes that one byte becomes at most: \xNN. */
enum { ESCAPED_MAX = 4 };

/* U+FFFD */
#define REPLACEMENT "\xEF\xBF\xBD"

bool text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text);
	size_t tail = strlen(suffix);
	return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

void text_trim(const char **text, size_t *size)
{
	while (*size > 0 && text_is_blank(**text)) {
		(*text)++;
		(*size)--;
	}
	while (*size > 0 && text_is_blank((*text)[*size - 1]))
		(*size)--;
}

bool text_equal_fold(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

char *text_printable(const char *text)
{
	size_t size = strlen(text);
	char *out = memory_alloc(ESCAPED_MAX * size + 1, 1);
	utf8_write_printable(text, size, out, ESCAPED_MAX * size);
	return out;
}

char *text_utf8(const char *text, size_t size)
{
	char *out = memory_alloc((sizeof(REPLACEMENT) - 1) * size + 1, 1);
	char *end = out;
	for (size_t i = 0; i < size;) {
		uint32_t point = 0;
		size_t length = utf8_decode(text + i, size - i, &point);
		if (length == 0 || point == 0) {
			end = stpcpy(end, REPLACEMENT);
			i++;
			continue;
		}
		memcpy(end, text + i, length);
		end += length;
		i += length;
	}
	*end = '\0';
	return out;
}

void text_use_utf8(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

/* Bytes of the first character of what is left, and the columns it takes. */
static size_t measure(const char *text, size_t left, size_t *columns)
{
	uint32_t point = 0;
	size_t length = utf8_decode(text, left, &point);
	int width = length == 0 ? 1 : wcwidth((wchar_t)point);
	*columns = width < 0 ? 1 : (size_t)width;
	return length == 0 ? 1 : length;
}

size_t text_width(const char *text)
{
	size_t size = strlen(text);
	size_t width = 0;
	size_t columns;
	for (size_t i = 0; i < size; width += columns)
		i += measure(text + i, size - i, &columns);
	return width;
}

void text_cut(char *text, size_t width)
{
	size_t size = strlen(text);
	size_t end = 0;
	size_t columns;
	for (size_t i = 0; i < size; end = i, width -= columns) {
		i += measure(text + i, size - i, &columns);
		if (columns > width)
			break;
	}
	text[end] = '\0';
}

const char *text_format_size(long long bytes, char *out, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;
	/* 1023.95 KiB and more would be printed as 1024.0 KiB. */
	while (value >= (unit == 0 ? 1024 : 1023.95) && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(out, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return out;
}

/* 1 for no unit, 0 for none that there is. */
static uint64_t unit_of(const char *text)
{
	static const char letters[] = "KMG";
	const char *letter = *text == '\0' ? NULL : strchr(letters, *text);
	if (*text == '\0')
		return 1;
	return letter == NULL || text[1] != '\0' ? 0 : UINT64_C(1024) << (10 * (letter - letters));
}

int text_parse_size(const char *text, uint64_t *out)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	uint64_t unit = unit_of(end);
	if (*text < '0' || *text > '9' || errno != 0 || value == 0 || unit == 0 ||
		value > UINT64_MAX / unit)
		return -1;
	*out = value * unit;
	return 0;
}
