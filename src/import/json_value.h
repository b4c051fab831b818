/*
 * json_value: where one JSON value ends in a stream of bytes, without keeping them.
 *
 * Brackets must pair and a string must not hold a line end, so that a lost quote is found where it
 * is lost and cannot swallow the values behind it. All else inside is for a real parser to judge.
 */
#ifndef LAYERPROOF_JSON_VALUE_H
#define LAYERPROOF_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/limits.h"

/* A record may nest as deep as a document, and stand in a list in an object. */
enum { JSON_VALUE_DEPTH = LIMIT_JSON_DEPTH + 2 };

/* Open value; zero it before each value. */
struct json_value {
	uint8_t first; /* byte: tells the kind; 0 before it */
	uint8_t inner; /* first byte inside the brackets that is not blank; 0 before it */
	bool in_text;
	bool escaped;
	size_t values; /* inside so far, roughly: commas and brackets */
	size_t depth;
	char closing[JSON_VALUE_DEPTH]; /* what closes each open bracket */
};

enum json_value_state {
	JSON_VALUE_BROKEN = -1,
	JSON_VALUE_MORE = 0, /* all bytes belong to it and there will be more */
	JSON_VALUE_END = 1,  /* `*used` bytes belong to it */
};

/* Goes on with the value, whose first byte is not blank. A number or word ends before a byte that
 * cannot belong to it. */
enum json_value_state json_value_scan(struct json_value *value, const uint8_t *bytes, size_t size,
									  size_t *used, struct error *err);

static inline bool json_is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

#endif
