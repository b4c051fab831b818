#include "json_plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "utf8.h"

enum { DIGITS_MAX = 18 }; /* as many are less than any bound of a json_int_t */

/* A text of the document: where it stands, or in `scan.unescaped`. */
struct span {
	const char *text;
	size_t size;
};

struct scan {
	const char *at;
	const char *end;
	json_t *root;
	json_t *open[LIMIT_JSON_DEPTH]; /* borrowed: each is in the one before it */
	size_t depth;                   /* of those */
	struct span name;               /* of the member whose value comes next */
	size_t values;                  /* brackets and commas */
	char *unescaped;                /* room for any text of the document; NULL: not needed yet */
	size_t size;                    /* of the document */
};

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end &&
		   (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
		scan->at++;
}

static bool take(struct scan *scan, char wanted)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

/* ---- Texts ---- */

/* Goes on behind characters that stand for themselves; false for what is none in any text. */
static bool skip_plain(struct scan *scan)
{
	while (scan->at < scan->end) {
		uint8_t byte = (uint8_t)*scan->at;
		uint32_t point;
		if (byte == '"' || byte == '\\')
			return true;
		size_t length = 1;
		if (byte >= 0x80)
			length = utf8_decode(scan->at, (size_t)(scan->end - scan->at), &point);
		if (byte < 0x20 || length == 0)
			return false;
		scan->at += length;
	}
	return false;
}

static int value_of_hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* \u0026 and its like, which Go writes for what HTML minds; NUL and others are left to jansson. */
static bool read_code(struct scan *scan, char *out)
{
	if (scan->end - scan->at < 4 || scan->at[0] != '0' || scan->at[1] != '0')
		return false;
	int high = value_of_hex(scan->at[2]);
	int low = value_of_hex(scan->at[3]);
	if (high < 0 || high > 7 || low < 0 || high + low == 0)
		return false;
	*out = (char)(high << 4 | low);
	scan->at += 4;
	return true;
}

/* What stands behind a backslash. */
static bool read_escape(struct scan *scan, char *out)
{
	static const char LETTERS[] = "\"\\/bfnrt";
	static const char MEANT[] = "\"\\/\b\f\n\r\t";
	if (scan->at == scan->end || *scan->at == '\0')
		return false;
	char letter = *scan->at++;
	if (letter == 'u')
		return read_code(scan, out);
	const char *found = strchr(LETTERS, letter);
	if (found == NULL)
		return false;
	*out = MEANT[found - LETTERS];
	return true;
}

/* The text whose first escape `scan->at` stands at, begun at `start`. */
static bool read_escaped(struct scan *scan, const char *start, struct span *out)
{
	if (scan->unescaped == NULL)
		scan->unescaped = memory_alloc(scan->size, 1);
	char *to = scan->unescaped;
	for (;;) {
		size_t plain = (size_t)(scan->at - start);
		memcpy(to, start, plain);
		to += plain;
		if (*scan->at++ == '"')
			break;
		if (!read_escape(scan, to++))
			return false;
		start = scan->at;
		if (!skip_plain(scan))
			return false;
	}
	*out = (struct span){scan->unescaped, (size_t)(to - scan->unescaped)};
	return true;
}

/* Behind its opening quote. */
static bool read_text(struct scan *scan, struct span *out)
{
	const char *start = scan->at;
	if (!skip_plain(scan))
		return false;
	if (*scan->at == '\\')
		return read_escaped(scan, start, out);
	*out = (struct span){start, (size_t)(scan->at++ - start)};
	return true;
}

/* ---- Values ---- */

static json_t *read_word(struct scan *scan, const char *word, json_t *value)
{
	size_t size = strlen(word);
	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
		return NULL;
	scan->at += size;
	return value;
}

static bool is_digit(const struct scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Whatever is no whole number of a few digits ends where neither a comma nor a bracket stands. */
static json_t *read_number(struct scan *scan)
{
	bool is_negative = *scan->at == '-';
	if (is_negative)
		scan->at++;
	const char *first = scan->at;
	json_int_t value = 0;
	while (is_digit(scan) && scan->at - first < DIGITS_MAX)
		value = value * 10 + (*scan->at++ - '0');
	bool has_leading_zero = scan->at - first > 1 && *first == '0';
	if (scan->at == first || has_leading_zero)
		return NULL;
	return json_integer(is_negative ? -value : value);
}

static json_t *read_scalar(struct scan *scan)
{
	struct span text;
	switch (*scan->at) {
	case '"':
		scan->at++;
		return read_text(scan, &text) ? json_stringn_nocheck(text.text, text.size) : NULL;
	case 't':
		return read_word(scan, "true", json_true());
	case 'f':
		return read_word(scan, "false", json_false());
	case 'n':
		return read_word(scan, "null", json_null());
	default:
		return read_number(scan);
	}
}

/* Puts a value where it belongs, and releases it if that cannot be. */
static bool add(struct scan *scan, json_t *value)
{
	if (value == NULL)
		return false;
	if (scan->depth == 0) {
		scan->root = value;
		return true;
	}
	json_t *parent = scan->open[scan->depth - 1];
	if (json_is_array(parent))
		return json_array_append_new(parent, value) == 0;
	size_t before = json_object_size(parent);
	/* A member that was there already is replaced, so their number stays. */
	return json_object_setn_new_nocheck(parent, scan->name.text, scan->name.size, value) == 0 &&
		   json_object_size(parent) > before;
}

static bool open_brackets(struct scan *scan, json_t *value)
{
	scan->at++;
	scan->values++;
	if (scan->depth == LIMIT_JSON_DEPTH) {
		json_decref(value);
		return false;
	}
	if (!add(scan, value))
		return false;
	scan->open[scan->depth++] = value;
	return true;
}

static bool read_value(struct scan *scan)
{
	skip_blanks(scan);
	if (scan->at == scan->end)
		return false;
	if (*scan->at == '{')
		return open_brackets(scan, json_object());
	if (*scan->at == '[')
		return open_brackets(scan, json_array());
	return add(scan, read_scalar(scan));
}

/* The end of the innermost brackets, or the next of what stands in them. */
static bool read_on(struct scan *scan)
{
	json_t *inner = scan->open[scan->depth - 1];
	bool is_object = json_is_object(inner);
	bool is_first = (is_object ? json_object_size(inner) : json_array_size(inner)) == 0;
	if (take(scan, is_object ? '}' : ']')) {
		scan->depth--;
		return true;
	}
	if (!is_first && (!take(scan, ',') || ++scan->values > LIMIT_JSON_VALUES))
		return false;
	if (is_object && (!take(scan, '"') || !read_text(scan, &scan->name) ||
					  scan->name.text == scan->unescaped || !take(scan, ':')))
		return false;
	return read_value(scan);
}

json_t *json_plain_read(const char *bytes, size_t size)
{
	struct scan scan = {.at = bytes, .end = bytes + size, .size = size};
	bool is_good = read_value(&scan);
	while (is_good && scan.depth > 0)
		is_good = read_on(&scan) && scan.values <= LIMIT_JSON_VALUES;
	skip_blanks(&scan);
	free(scan.unescaped);
	if (is_good && scan.at == scan.end)
		return scan.root;
	json_decref(scan.root);
	return NULL;
}
