/*
 * import_shape: what the beginning of an export shows, and which format it is therefore.
 */
#ifndef LAYERPROOF_IMPORT_SHAPE_H
#define LAYERPROOF_IMPORT_SHAPE_H

#include "import_csv_header.h"
#include "import_format.h"
#include "json_paths.h"

struct import_shape {
	const char *head; /* borrowed; from its first character */
	size_t size;
	bool is_json;
	struct json_paths paths;  /* of JSON */
	struct csv_header header; /* of all else */
};

void import_shape_set(struct import_shape *shape, const char *head, size_t size);
void import_shape_clear(struct import_shape *shape);

/* Whether the export has all signs of the format. `*list` is then, of JSON, where its records
 * stand. */
bool import_shape_shows(const struct import_shape *shape, const struct import_format *format,
						const char **list);

/* The list of a format that the user has named: the first that is there, or else the last. */
const char *import_shape_list(const struct import_shape *shape, const struct import_format *format);

#endif
