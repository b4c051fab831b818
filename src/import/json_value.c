#include "json_value.h"

#include <string.h>

/* Bytes of the text up to the next that means something in it. */
static size_t plain_text(const uint8_t *bytes, size_t size)
{
	size_t at = 0;
	while (at < size && bytes[at] != '"' && bytes[at] != '\\' && bytes[at] >= 0x20) {
		at++;
	}
	return at;
}

/* Goes on inside a string; `*at` is behind the bytes taken. */
static int scan_text(struct json_value *value, const uint8_t *bytes, size_t size, size_t *at,
					 struct error *err)
{
	if (!value->escaped) {
		*at += plain_text(bytes + *at, size - *at);
	}
	if (*at == size) {
		return 0;
	}
	uint8_t byte = bytes[(*at)++];
	if (byte < 0x20) {
		return error_set(err, ERROR_MALFORMED, "a control character inside a string");
	}
	value->in_text = value->escaped || byte != '"';
	value->escaped = !value->escaped && byte == '\\';
	return 0;
}

static int open_bracket(struct json_value *value, char closing, struct error *err)
{
	if (value->depth == JSON_VALUE_DEPTH) {
		return error_set(err, ERROR_OVER_LIMIT, "nested deeper than %d", JSON_VALUE_DEPTH);
	}
	value->values++;
	value->closing[value->depth++] = closing;
	return 0;
}

static int close_bracket(struct json_value *value, char closing, struct error *err)
{
	if (value->depth == 0 || value->closing[value->depth - 1] != closing) {
		return error_set(err, ERROR_MALFORMED, "\"%c\" closes nothing", closing);
	}
	value->depth--;
	return 0;
}

static int scan_byte(struct json_value *value, uint8_t byte, struct error *err)
{
	if (value->depth == 1 && value->inner == 0 && !json_is_blank(byte)) {
		value->inner = byte;
	}
	switch (byte) {
	case '"':
		value->in_text = true;
		return 0;
	case '{':
		return open_bracket(value, '}', err);
	case '[':
		return open_bracket(value, ']', err);
	case '}':
	case ']':
		return close_bracket(value, (char)byte, err);
	case ',':
		value->values++;
		return 0;
	default:
		return 0;
	}
}

static bool ends_word(uint8_t byte)
{
	return json_is_blank(byte) || (byte != '\0' && strchr(",:]}[{\"", byte) != NULL);
}

static bool is_word(const struct json_value *value)
{
	return value->first != '"' && value->first != '{' && value->first != '[';
}

enum json_value_state json_value_scan(struct json_value *value, const uint8_t *bytes, size_t size,
									  size_t *used, struct error *err)
{
	size_t at = 0;
	while (at < size) {
		if (value->first != 0 && is_word(value) && ends_word(bytes[at])) {
			*used = at;
			return JSON_VALUE_END;
		}
		if (value->in_text) {
			if (scan_text(value, bytes, size, &at, err) != 0) {
				return JSON_VALUE_BROKEN;
			}
		} else {
			if (value->first == 0) {
				value->first = bytes[at];
			}
			if (scan_byte(value, bytes[at++], err) != 0) {
				return JSON_VALUE_BROKEN;
			}
		}
		if (value->depth == 0 && !value->in_text && !is_word(value)) {
			*used = at;
			return JSON_VALUE_END;
		}
	}
	*used = size;
	return JSON_VALUE_MORE;
}
