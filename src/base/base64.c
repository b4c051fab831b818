#include "layerproof/base64.h"

static const char *const LETTERS[] = {
	[BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	[BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* The characters that 1, 2 and 3 bytes take without padding. */
static const size_t GROUP_TEXT[] = {0, 2, 3, 4};

size_t base64_encode(enum base64_alphabet alphabet, const void *bytes, size_t size, char *text)
{
	const char *letters = LETTERS[alphabet];
	const uint8_t *from = bytes;
	char *to = text;
	while (size > 0) {
		size_t taken = size < 3 ? size : 3;
		uint32_t group = 0;
		for (size_t i = 0; i < 3; i++)
			group = group << 8 | (i < taken ? from[i] : 0U);
		for (size_t i = 0; i < 4; i++) {
			if (i < GROUP_TEXT[taken])
				*to++ = letters[group >> (18 - 6 * i) & 63];
			else if (alphabet == BASE64_STANDARD)
				*to++ = '=';
		}
		from += taken;
		size -= taken;
	}
	*to = '\0';
	return (size_t)(to - text);
}

/* The six bits that a character stands for, or -1. */
static int letter_value(enum base64_alphabet alphabet, char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		return letter - 'A';
	if (letter >= 'a' && letter <= 'z')
		return letter - 'a' + 26;
	if (letter >= '0' && letter <= '9')
		return letter - '0' + 52;
	if (letter == LETTERS[alphabet][62])
		return 62;
	if (letter == LETTERS[alphabet][63])
		return 63;
	return -1;
}

/* Decodes 2 to 4 letters into 1 to 3 bytes. */
static int decode_group(enum base64_alphabet alphabet, const char *letters, size_t count,
						uint8_t *out)
{
	uint32_t group = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i < count ? letter_value(alphabet, letters[i]) : 0;
		if (value < 0)
			return -1;
		group = group << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i + 1 < count; i++)
		out[i] = (uint8_t)(group >> (16 - 8 * i));
	/* Bits behind the last whole byte: zero, or another text would mean the same bytes. */
	uint32_t left_over = group & (0xffffffU >> (8 * (count - 1)));
	return left_over == 0 ? 0 : -1;
}

/* How many of the characters are padding; -1 when there are as many as no group can have. */
static int count_padding(enum base64_alphabet alphabet, const char *text, size_t size)
{
	if (alphabet == BASE64_URL)
		return size % 4 == 1 ? -1 : 0;
	if (size % 4 != 0)
		return -1;
	if (size == 0 || text[size - 1] != '=')
		return 0;
	return text[size - 2] == '=' ? 2 : 1;
}

int base64_decode(enum base64_alphabet alphabet, const char *text, size_t size, uint8_t *out,
				  size_t *out_size)
{
	int padding = count_padding(alphabet, text, size);
	if (padding < 0)
		return -1;
	size_t letters = size - (size_t)padding;
	size_t written = 0;
	for (size_t at = 0; at < letters; at += 4) {
		size_t count = letters - at < 4 ? letters - at : 4;
		if (decode_group(alphabet, text + at, count, out + written) != 0)
			return -1;
		written += count - 1;
	}
	*out_size = written;
	return 0;
}
