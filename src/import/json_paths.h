/*
 * json_paths: which members stand in the beginning of a JSON file, for telling its format.
 *
 *   [{"a": {"b": 1}, "c": [{"d": 2}]}]    a  a.b  c  c.d
 *
 * Lists leave no trace in a path. The text may be cut off anywhere, and broken: what was seen by
 * then stands.
 */
#ifndef LAYERPROOF_JSON_PATHS_H
#define LAYERPROOF_JSON_PATHS_H

#include <stdbool.h>
#include <stddef.h>

struct json_paths {
	char *text; /* each path and a NUL, in the order met, the same one once */
	size_t size;
	size_t capacity;
	size_t count;
};

void json_paths_collect(struct json_paths *paths, const char *bytes, size_t size);
void json_paths_clear(struct json_paths *paths);

/* Whether there is `path`, behind `prefix` and a dot when the prefix is not empty. */
bool json_paths_has(const struct json_paths *paths, const char *prefix, const char *path);

#endif
