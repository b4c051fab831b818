#include "utf8.h"

#include <stdbool.h>
#include <string.h>

enum { LENGTH_MAX = 4, ESCAPE_SIZE = 4 };

static bool is_continuation(uint8_t byte)
{
	return (byte & 0xC0) == 0x80;
}

/* What the first byte announces; 1 for those that begin no longer character. */
static size_t announced_length(uint8_t first)
{
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	if (first >= 0xE0 && first <= 0xEF)
		return 3;
	return first >= 0xC2 && first <= 0xDF ? 2 : 1;
}

/* RFC 3629 section 3: no longer form than needed, no surrogates, nothing above U+10FFFF. */
static bool is_legal(uint32_t point, size_t length)
{
	static const uint32_t least[LENGTH_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};
	return point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

size_t utf8_decode(const char *text, size_t size, uint32_t *point)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t length = announced_length(bytes[0]);
	if (length > size || (length == 1 && bytes[0] >= 0x80))
		return 0;
	uint32_t decoded = length == 1 ? bytes[0] : bytes[0] & (0xFFU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if (!is_continuation(bytes[i]))
			return 0;
		decoded = decoded << 6 | (bytes[i] & 0x3FU);
	}
	if (!is_legal(decoded, length))
		return 0;
	*point = decoded;
	return length;
}

size_t utf8_whole_size(const char *text, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)text;
	for (size_t back = 1; back < LENGTH_MAX && back <= size; back++)
		if (!is_continuation(bytes[size - back]))
			return announced_length(bytes[size - back]) > back ? size - back : size;
	return size;
}

/* Characters that steer a terminal or turn the order of what is read (Unicode UAX 9). */
static bool is_steering(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F) ||
		   (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
		   (point >= 0x2066 && point <= 0x206F) || point == 0x061C || point == 0xFEFF;
}

static void write_escape(uint8_t byte, char *out)
{
	static const char hex[] = "0123456789abcdef";
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[byte >> 4];
	out[3] = hex[byte & 15];
}

size_t utf8_write_printable(const char *text, size_t size, char *out, size_t room)
{
	size_t used = 0;
	for (size_t i = 0; i < size;) {
		uint32_t point = 0;
		size_t length = utf8_decode(text + i, size - i, &point);
		bool shown = length > 0 && !is_steering(point);
		if (length == 0)
			length = 1;
		size_t needed = shown ? length : length * ESCAPE_SIZE;
		if (needed > room - used)
			break;
		if (shown)
			memcpy(out + used, text + i, length);
		for (size_t j = 0; !shown && j < length; j++)
			write_escape((uint8_t)text[i + j], out + used + j * ESCAPE_SIZE);
		used += needed;
		i += length;
	}
	return used;
}
