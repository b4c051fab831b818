#include "import_shape.h"

#include <string.h>

static const char *const value_itself[] = {"", NULL};

static const char *const *lists_of(const struct import_format *format)
{
	return format->lists != NULL ? format->lists : value_itself;
}

void import_shape_set(struct import_shape *shape, const char *head, size_t size)
{
	*shape = (struct import_shape){.head = head, .size = size};
	shape->is_json = size > 0 && (head[0] == '{' || head[0] == '[');
	if (shape->is_json) {
		json_paths_collect(&shape->paths, head, size);
	} else {
		csv_header_read(&shape->header, head, size);
	}
}

void import_shape_clear(struct import_shape *shape)
{
	json_paths_clear(&shape->paths);
	csv_header_clear(&shape->header);
}

static bool shows_members(const struct json_paths *paths, const char *list,
						  const char *const *signs)
{
	for (; *signs != NULL; signs++) {
		if (!json_paths_has(paths, list, *signs)) {
			return false;
		}
	}
	return true;
}

static bool shows_headers(const struct csv_header *header, const char *const *signs)
{
	size_t first;
	size_t last;
	for (; *signs != NULL; signs++) {
		if (csv_header_find(header, *signs, false, &first, &last) == 0) {
			return false;
		}
	}
	return true;
}

bool import_shape_shows(const struct import_shape *shape, const struct import_format *format,
						const char **list)
{
	*list = NULL;
	if (format->encoding == IMPORT_TEXT) {
		return !shape->is_json && format->told_by != NULL &&
			   format->told_by(shape->head, shape->size);
	}
	if (format->signs == NULL || shape->is_json != (format->encoding == IMPORT_JSON)) {
		return false;
	}
	if (format->encoding == IMPORT_CSV) {
		return shows_headers(&shape->header, format->signs);
	}
	for (const char *const *known = lists_of(format); *known != NULL; known++) {
		if (shows_members(&shape->paths, *known, format->signs) ||
			(format->other_signs != NULL &&
			 shows_members(&shape->paths, *known, format->other_signs))) {
			*list = *known;
			return true;
		}
	}
	return false;
}

const char *import_shape_list(const struct import_shape *shape, const struct import_format *format)
{
	const char *const *known = lists_of(format);
	for (; known[1] != NULL; known++) {
		if (json_paths_has(&shape->paths, "", *known)) {
			break;
		}
	}
	return *known;
}
