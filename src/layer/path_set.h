/*
 * path_set: the paths met in one layer, to see one that comes twice (image-spec layer.md: "Layer
 * archives MUST NOT include duplicate entries for file paths").
 *
 * A path is kept as the first eight bytes of its SHA-256, so that the memory is small and that no
 * tar can be made to fill one bucket. Paths beyond LIMIT_TAR_PATHS_COMPARED are not compared.
 */
#ifndef LAYER_PATH_SET_H
#define LAYER_PATH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero it before use. */
struct path_set {
	uint64_t *slots; /* 0: free */
	size_t capacity; /* a power of two */
	size_t count;
	char *spelling; /* the path at hand in its plain spelling */
	size_t spelling_size;
};

/* Notes a path, of a directory or of something else. Whether the same path was noted before, and
 * not both are directories. "a//b", "./a/b" and "a/b/" are one path. */
bool path_set_is_repeated(struct path_set *set, const char *path, bool is_directory);

void path_set_clear(struct path_set *set);

#endif
