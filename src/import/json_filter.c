#include "json_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

/* ---- What is wanted ---- */

static void want(struct json_wanted *wanted, const char *prefix, const char *path)
{
	size_t size = strlen(prefix) + strlen(path) + 2;
	char *whole = memory_alloc(size, 1);
	snprintf(whole, size, "%s%s%s", prefix, *prefix == '\0' ? "" : ".", path);
	wanted->paths = memory_resize(wanted->paths, wanted->count + 1, sizeof(*wanted->paths));
	wanted->paths[wanted->count++] = whole;
}

/* A place of a format with inner records is in each kind of them. */
static void want_place(struct json_wanted *wanted, const struct import_format *format,
					   const char *path)
{
	if (path[0] == '/') {
		want(wanted, "", path + 1);
		return;
	}
	if (format->each == NULL) {
		want(wanted, "", path);
		return;
	}
	for (size_t i = 0; format->each[i] != NULL; i++) {
		want(wanted, format->each[i], path);
	}
}

void json_wanted_set(const struct import_format *format, const struct import_places *places,
					 struct json_wanted *out)
{
	*out = (struct json_wanted){.sets = format->sets};
	for (size_t i = 0; i < places->count; i++) {
		want_place(out, format, places->items[i].place.path);
	}
	const struct import_condition *condition = format->conditions;
	for (; condition != NULL && condition->path != NULL; condition++) {
		want_place(out, format, condition->path);
	}
}

void json_wanted_clear(struct json_wanted *wanted)
{
	for (size_t i = 0; i < wanted->count; i++) {
		free(wanted->paths[i]);
	}
	free(wanted->paths);
	*wanted = (struct json_wanted){0};
}

static enum json_filter_choice choose(const struct json_wanted *wanted, const char *path,
									  size_t size)
{
	enum json_filter_choice choice = JSON_FILTER_SKIP;
	for (size_t i = 0; i < wanted->count; i++) {
		const char *known = wanted->paths[i];
		if (strncmp(known, path, size) != 0) {
			continue;
		}
		if (known[size] == '\0') {
			return JSON_FILTER_ALL;
		}
		if (known[size] == '.') {
			choice = JSON_FILTER_ENTER;
		}
	}
	return choice;
}

/* ---- The walk ---- */

static bool is_whole(const struct json_filter *filter)
{
	return filter->wanted == NULL ||
		   (filter->depth > 0 && filter->open[filter->depth - 1].is_whole);
}

/* The name of a member has ended: whether its value is kept, and its path. A name that is escaped
 * or too long is left to the parser. */
static int end_name(struct json_filter *filter, struct buffer *out, struct error *err)
{
	size_t start = filter->open[filter->depth - 1].path_size;
	size_t dot = start > 0 ? 1 : 0;
	filter->wants_name = false;
	bool is_plain = filter->name_size < JSON_FILTER_NAME_SIZE &&
					memchr(filter->name, '\\', filter->name_size) == NULL &&
					memchr(filter->name, '\0', filter->name_size) == NULL;
	if (!is_plain || start + dot + filter->name_size >= JSON_FILTER_PATH_SIZE) {
		filter->path_size = start;
		return error_set(err, ERROR_MALFORMED, "a member whose name is escaped or very long");
	}
	if (dot > 0) {
		filter->path[start] = '.';
	}
	memcpy(filter->path + start + dot, filter->name, filter->name_size);
	filter->path_size = start + dot + filter->name_size;
	filter->choice = choose(filter->wanted, filter->path, filter->path_size);
	if (filter->choice == JSON_FILTER_SKIP) {
		filter->skipping = true;
		filter->skipped_depth = 0;
		filter->skipped_values = 0;
		filter->in_word = false;
		return 0;
	}
	const char *before = filter->open[filter->depth - 1].has_member ? ",\"" : "\"";
	filter->values += filter->open[filter->depth - 1].has_member;
	filter->open[filter->depth - 1].has_member = true;
	return buffer_add(out, before, strlen(before), err) != 0 ||
				   buffer_add(out, filter->name, filter->name_size, err) != 0 ||
				   buffer_add(out, "\"", 1, err) != 0
			   ? -1
			   : 0;
}

static bool is_set(const struct json_filter *filter)
{
	const char *const *path = filter->same == NULL ? NULL : filter->wanted->sets;
	for (; path != NULL && *path != NULL; path++) {
		if (strlen(*path) == filter->path_size &&
			memcmp(*path, filter->path, filter->path_size) == 0) {
			return true;
		}
	}
	return false;
}

/* A bracket has opened, and is not yet written: of a set, or of an element of one. */
static void enter_set(struct json_filter *filter, size_t at)
{
	if (filter->open[filter->depth - 1].is_set && filter->set.depth == 0) {
		filter->set.depth = filter->depth;
		filter->set.end = at + 1;
		filter->set.values = filter->values;
	}
	if (filter->set.depth != 0 && filter->depth == filter->set.depth + 1) {
		filter->set.start = at;
	}
}

/* A comma and blanks alone: what else stands there is for the parser. */
static bool is_separator(const char *text, size_t size)
{
	size_t commas = 0;
	for (size_t i = 0; i < size; i++) {
		commas += text[i] == ',';
		if (text[i] != ',' && !json_is_blank((uint8_t)text[i])) {
			return false;
		}
	}
	return commas == 1;
}

/* A bracket has closed. An element that is there already goes, with the comma before it. */
static void leave_set(struct json_filter *filter, struct buffer *out)
{
	if (filter->set.depth == 0 || filter->depth > filter->set.depth) {
		return;
	}
	if (filter->depth < filter->set.depth) {
		filter->set.depth = 0;
		return;
	}
	if (json_same_add(filter->same, out->bytes, filter->set.start, out->size - filter->set.start) &&
		is_separator(out->bytes + filter->set.end, filter->set.start - filter->set.end)) {
		out->size = filter->set.end;
		filter->values = filter->set.values;
	}
	filter->set.end = out->size;
	filter->set.values = filter->values;
}

static int open_bracket(struct json_filter *filter, uint8_t byte, struct buffer *out,
						struct error *err)
{
	if (filter->depth == JSON_VALUE_DEPTH) {
		return error_set(err, ERROR_OVER_LIMIT, "nested deeper than %d", JSON_VALUE_DEPTH);
	}
	bool whole = is_whole(filter) || filter->choice == JSON_FILTER_ALL;
	filter->open[filter->depth].is_object = byte == '{';
	filter->open[filter->depth].is_whole = whole;
	filter->open[filter->depth].has_member = false;
	filter->open[filter->depth].is_set = byte == '[' && !whole && is_set(filter);
	filter->open[filter->depth++].path_size = filter->path_size;
	filter->wants_name = byte == '{' && !whole;
	filter->values++;
	enter_set(filter, out->size);
	return buffer_add(out, &byte, 1, err);
}

/* Behind a value: the list it stands in, if any, goes on with the same choice. */
static int close_bracket(struct json_filter *filter, uint8_t byte, struct buffer *out,
						 struct error *err)
{
	if (filter->depth > 0) {
		filter->path_size = filter->open[--filter->depth].path_size;
	}
	filter->choice = JSON_FILTER_ENTER;
	filter->wants_name = false;
	if (buffer_add(out, &byte, 1, err) != 0) {
		return -1;
	}
	leave_set(filter, out);
	return 0;
}

/* A comma in an object is written before the next member that is kept. */
static int take_comma(struct json_filter *filter, struct buffer *out, struct error *err)
{
	bool is_object = filter->depth > 0 && filter->open[filter->depth - 1].is_object;
	if (is_object && !is_whole(filter)) {
		filter->wants_name = true;
		return 0;
	}
	filter->values++;
	return buffer_add(out, ",", 1, err);
}

static int take_byte(struct json_filter *filter, uint8_t byte, struct buffer *out,
					 struct error *err)
{
	switch (byte) {
	case '"':
		filter->in_text = true;
		filter->is_name = filter->wants_name;
		filter->name_size = 0;
		return filter->is_name ? 0 : buffer_add(out, &byte, 1, err);
	case '{':
	case '[':
		return open_bracket(filter, byte, out, err);
	case '}':
	case ']':
		return close_bracket(filter, byte, out, err);
	case ',':
		return take_comma(filter, out, err);
	default:
		return filter->wants_name && json_is_blank(byte) ? 0 : buffer_add(out, &byte, 1, err);
	}
}

/* Bytes of the text up to the next that means something in it. */
static size_t plain_text(const uint8_t *bytes, size_t size)
{
	size_t at = 0;
	while (at < size && bytes[at] != '"' && bytes[at] != '\\') {
		at++;
	}
	return at;
}

static int keep_text(struct json_filter *filter, const uint8_t *bytes, size_t size,
					 struct buffer *out, struct error *err)
{
	if (filter->skipping) {
		return 0;
	}
	if (!filter->is_name) {
		return buffer_add(out, bytes, size, err);
	}
	size_t room = JSON_FILTER_NAME_SIZE - filter->name_size;
	size_t taken = size < room ? size : room;
	memcpy(filter->name + filter->name_size, bytes, taken);
	filter->name_size += taken;
	return 0;
}

/* Inside a text; `*at` is moved behind what was taken. */
static int take_text(struct json_filter *filter, const uint8_t *bytes, size_t size, size_t *at,
					 struct buffer *out, struct error *err)
{
	size_t from = *at;
	*at += filter->escaped ? 0 : plain_text(bytes + from, size - from);
	bool ends = *at < size && !filter->escaped && bytes[*at] == '"';
	if (*at < size && !ends) {
		filter->escaped = !filter->escaped && bytes[*at] == '\\';
		++*at;
	}
	if (keep_text(filter, bytes + from, *at - from, out, err) != 0) {
		return -1;
	}
	if (!ends) {
		return 0;
	}
	++*at;
	filter->in_text = false;
	if (filter->skipping) {
		return 0;
	}
	return filter->is_name ? end_name(filter, out, err) : buffer_add(out, "\"", 1, err);
}

static int begin_skipped(struct json_filter *filter, struct error *err)
{
	if (filter->skipped_depth == 0 && ++filter->skipped_values > 1) {
		return error_set(err, ERROR_MALFORMED, "two values without a comma between them");
	}
	return 0;
}

/* A byte of what is left out, in no text. `*used` is 0 when it is behind it. */
static int skip_byte(struct json_filter *filter, uint8_t byte, size_t *used, struct error *err)
{
	bool was_word = filter->in_word;
	filter->in_word = false;
	switch (byte) {
	case '"':
		filter->in_text = true;
		filter->is_name = false;
		return begin_skipped(filter, err);
	case '{':
	case '[':
		if (begin_skipped(filter, err) != 0) {
			return -1;
		}
		filter->skipped_depth++;
		return 0;
	case '}':
	case ']':
	case ',':
		if (filter->skipped_depth == 0) {
			filter->skipping = false;
			*used = 0;
			return filter->skipped_values == 1
					   ? 0
					   : error_set(err, ERROR_MALFORMED, "a member without a value");
		}
		filter->skipped_depth -= byte == ',' ? 0 : 1;
		return 0;
	default:
		if (json_is_blank(byte) || (byte == ':' && filter->skipped_values == 0)) {
			return 0;
		}
		filter->in_word = true;
		return was_word ? 0 : begin_skipped(filter, err);
	}
}

int json_filter_add(struct json_filter *filter, const uint8_t *bytes, size_t size,
					struct buffer *out, struct error *err)
{
	if (filter->wanted == NULL) {
		return buffer_add(out, bytes, size, err);
	}
	for (size_t at = 0; at < size;) {
		size_t used = 1;
		int status;
		if (filter->in_text) {
			status = take_text(filter, bytes, size, &at, out, err);
			used = 0;
		} else if (filter->skipping) {
			status = skip_byte(filter, bytes[at], &used, err);
		} else {
			status = take_byte(filter, bytes[at], out, err);
		}
		if (status != 0) {
			return -1;
		}
		at += used;
	}
	return 0;
}
