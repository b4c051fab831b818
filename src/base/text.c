#include "layerproof/text.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "layerproof/memory.h"

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

bool text_equal_fold(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

/* RFC 3629: the length of the character at `bytes` and its code point, or 0 when it is not UTF-8.
 */
static size_t decode_character(const uint8_t *bytes, size_t size, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (bytes[0] < 0x80) {
		*point = bytes[0];
		return 1;
	}
	size_t length = bytes[0] >= 0xF0 && bytes[0] < 0xF8 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
	if (bytes[0] < 0xC2 || bytes[0] >= 0xF5 || length > size)
		return 0;
	*point = bytes[0] & (0xFFU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
		*point = *point << 6 | (bytes[i] & 0x3FU);
	}
	bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
	return *point < least[length] || *point > 0x10FFFF || surrogate ? 0 : length;
}

/* Characters that steer a terminal or reverse the order of what is read (Unicode UAX 9). */
static bool is_steering(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F) ||
		   (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
		   (point >= 0x2066 && point <= 0x2069) || point == 0x061C || point == 0xFEFF;
}

char *text_printable(const char *text)
{
	size_t size = strlen(text);
	char *out = memory_alloc(4 * size + 1, 1);
	char *end = out;
	const uint8_t *bytes = (const uint8_t *)text;
	for (size_t i = 0; i < size;) {
		uint32_t point = 0;
		size_t length = decode_character(bytes + i, size - i, &point);
		bool shown = length > 0 && !is_steering(point);
		if (length == 0)
			length = 1;
		for (size_t j = 0; j < length; j++)
			end = shown ? stpncpy(end, text + i + j, 1)
						: end + snprintf(end, 5, "\\x%02x", bytes[i + j]);
		i += length;
	}
	*end = '\0';
	return out;
}

char *text_utf8(const char *text, size_t size)
{
	char *out = memory_alloc(3 * size + 1, 1);
	char *end = out;
	const uint8_t *bytes = (const uint8_t *)text;
	for (size_t i = 0; i < size;) {
		uint32_t point = 0;
		size_t length = decode_character(bytes + i, size - i, &point);
		if (length == 0 || point == 0) {
			end = stpcpy(end, "\xEF\xBF\xBD");
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

size_t text_width(const char *text)
{
	size_t size = strlen(text);
	size_t width = 0;
	for (size_t i = 0; i < size;) {
		uint32_t point = 0;
		size_t length = decode_character((const uint8_t *)text + i, size - i, &point);
		int columns = length == 0 ? 1 : wcwidth((wchar_t)point);
		width += columns < 0 ? 1 : (size_t)columns;
		i += length == 0 ? 1 : length;
	}
	return width;
}

const char *text_format_size(long long bytes, char *out, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;
	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(out, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return out;
}
