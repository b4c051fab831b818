#include "json_paths.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_value.h"
#include "layerproof/memory.h"

enum { PATHS_MAX = 2000, PATH_SIZE = 512 };

/* Where the walk is. */
struct place {
	const char *at;
	const char *end;
	char path[PATH_SIZE]; /* of the object that is open */
	size_t length;
	size_t before[JSON_VALUE_DEPTH]; /* its length in front of each open bracket's member */
	bool is_object[JSON_VALUE_DEPTH];
	size_t depth;
	bool wants_name; /* a text now is a member's name */
};

bool json_paths_has(const struct json_paths *paths, const char *prefix, const char *path)
{
	size_t length = strlen(prefix);
	for (size_t at = 0; at < paths->size; at += strlen(paths->text + at) + 1) {
		const char *known = paths->text + at;
		if (length > 0 && (strncmp(known, prefix, length) != 0 || known[length] != '.')) {
			continue;
		}
		if (strcmp(known + (length > 0 ? length + 1 : 0), path) == 0) {
			return true;
		}
	}
	return false;
}

static void add_path(struct json_paths *paths, const char *path)
{
	size_t size = strlen(path) + 1;
	if (paths->count == PATHS_MAX || json_paths_has(paths, "", path)) {
		return;
	}
	while (paths->capacity - paths->size < size) {
		paths->capacity = 2 * paths->capacity + PATH_SIZE;
		paths->text = memory_resize(paths->text, paths->capacity, 1);
	}
	memcpy(paths->text + paths->size, path, size);
	paths->size += size;
	paths->count++;
}

/* The text at hand, without quotes, as it is written; false when it is cut off. */
static bool take_text(struct place *place, const char **text, size_t *size)
{
	const char *from = ++place->at;
	while (place->at < place->end && *place->at != '"') {
		place->at += *place->at == '\\' && place->end - place->at > 1 ? 2 : 1;
	}
	if (place->at >= place->end) {
		return false;
	}
	*text = from;
	*size = (size_t)(place->at++ - from);
	return true;
}

/* A member of the open object: its path becomes the current one until the member ends. */
static void take_name(struct json_paths *paths, struct place *place, const char *name, size_t size)
{
	size_t start = place->before[place->depth - 1];
	size_t dot = start > 0 ? 1 : 0;
	place->wants_name = false;
	if (start + dot + size + 1 > PATH_SIZE) {
		place->path[start] = '\0';
		place->length = start;
		return;
	}
	if (dot > 0) {
		place->path[start] = '.';
	}
	memcpy(place->path + start + dot, name, size);
	place->length = start + dot + size;
	place->path[place->length] = '\0';
	if (strlen(place->path) == place->length) { /* no name holds a NUL */
		add_path(paths, place->path);
	}
}

static bool open_bracket(struct place *place, bool is_object)
{
	if (place->depth == JSON_VALUE_DEPTH) {
		return false;
	}
	place->before[place->depth] = place->length;
	place->is_object[place->depth++] = is_object;
	place->wants_name = is_object;
	return true;
}

static bool close_bracket(struct place *place)
{
	if (place->depth == 0) {
		return false;
	}
	place->length = place->before[--place->depth];
	place->path[place->length] = '\0';
	place->wants_name = false;
	return true;
}

static bool step(struct json_paths *paths, struct place *place)
{
	const char *text;
	size_t size;
	switch (*place->at) {
	case '"':
		if (!take_text(place, &text, &size)) {
			return false;
		}
		if (place->wants_name) {
			take_name(paths, place, text, size);
		}
		return true;
	case '{':
	case '[':
		return open_bracket(place, *place->at++ == '{');
	case '}':
	case ']':
		place->at++;
		return close_bracket(place);
	case ',':
		place->at++;
		place->wants_name = place->depth > 0 && place->is_object[place->depth - 1];
		return true;
	default:
		place->at++;
		return true;
	}
}

void json_paths_collect(struct json_paths *paths, const char *bytes, size_t size)
{
	struct place place = {.at = bytes, .end = bytes + size};
	bool more = true;
	while (more && place.at < place.end) {
		more = step(paths, &place);
	}
}

void json_paths_clear(struct json_paths *paths)
{
	free(paths->text);
	*paths = (struct json_paths){0};
}
