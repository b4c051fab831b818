/*
 * import_field: what an export may say of an image, and by which names.
 */
#ifndef LAYERPROOF_IMPORT_FIELD_H
#define LAYERPROOF_IMPORT_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"
#include "layerproof/import.h"

enum import_field {
	IMPORT_NAME,
	IMPORT_DIGEST,
	IMPORT_CONFIG,
	IMPORT_LAYERS,
	IMPORT_DIFF_IDS,
	IMPORT_PLATFORM,
	IMPORT_ORIGIN,
	IMPORT_FIELD_COUNT,
};

/* As --map and the documentation spell it. */
const char *import_field_name(enum import_field field);

/* Whether an image can be told by this field: all but platform and origin. */
bool import_field_identifies(enum import_field field);

/* Which column or member holds each field. */
struct import_columns {
	const char *name[IMPORT_FIELD_COUNT]; /* borrowed from the options; or the field's own name */
	bool mapped[IMPORT_FIELD_COUNT];      /* asked for with --map */
};

/* ERROR_USAGE when a field is mapped twice or does not exist. */
int import_columns_set(const struct import_map *map, size_t count, struct import_columns *out,
					   struct error *err);

#endif
