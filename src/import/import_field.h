/*
 * import_field: what an export may say of an image, and by which names.
 */
#ifndef LAYERPROOF_IMPORT_FIELD_H
#define LAYERPROOF_IMPORT_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/import.h"

enum import_field {
	IMPORT_NAME,       /* a whole reference, or a digest in its stead; a digest in it is of an
						* image. Of several the first stands, the digests of all are taken */
	IMPORT_REGISTRY,   /* parts of a name, where there is no whole one */
	IMPORT_REPOSITORY, /* with or without the registry in front */
	IMPORT_TAG,        /* the first of several */
	IMPORT_DIGEST,     /* of an index, a manifest or a config: the export does not say */
	IMPORT_INDEX,      /* of an image index or manifest list */
	IMPORT_MANIFEST,   /* of the manifest of one platform */
	IMPORT_CONFIG,     /* image ID */
	IMPORT_MEDIA_TYPE, /* of what IMPORT_DIGEST names: tells its kind, and what is no image */
	IMPORT_LAYERS,     /* blob digests, bottom first */
	IMPORT_DIFF_IDS,   /* bottom first */
	IMPORT_LAYER,      /* a blob digest that the image holds at a place not known */
	IMPORT_DIFF_ID,    /* the same, uncompressed */
	IMPORT_PLATFORM,   /* os/architecture[/variant] */
	IMPORT_OS,         /* parts of a platform, where there is no whole one */
	IMPORT_ARCHITECTURE,
	IMPORT_SEVERITY,        /* word: of what this row, or the image as a whole, has found */
	IMPORT_SEVERITY_CLASS,  /* word: what IMPORT_SEVERITY is about: "os..." or anything else */
	IMPORT_SEVERITY_LAYER,  /* digest of the layer that IMPORT_SEVERITY is attributed to */
	IMPORT_SEVERITY_COUNTS, /* JSON object: word to how many */
	IMPORT_BASE,            /* digest of the base image */
	IMPORT_BOUNDARY,        /* bottom layers that are not its own work, as a person says */
	IMPORT_ORIGIN,
	IMPORT_FIELD_COUNT,
	IMPORT_KEPT = IMPORT_FIELD_COUNT, /* in a format's table: a member that its refine() reads */
};

/* As --map and the documentation spell it. */
const char *import_field_name(enum import_field field);

/* Whether an image can be told by this field. */
bool import_field_identifies(enum import_field field);

/* Whether the field is a list with an order, in which nothing may be missing. */
bool import_field_is_list(enum import_field field);

/* Of several columns with the name before it, the last; else it is the first. */
#define IMPORT_LAST_COLUMN "[last]"

/* Where one field stands. CSV: the header, in any case. JSON: a path of members ("repoTag.digest");
 * a list on it stands for each of its elements. It begins at the record, or, where the format has
 * records in the record (`each`), at the inner one, and with '/' in front at the outer one. */
struct import_place {
	enum import_field field;
	const char *path;
};

enum import_place_kind {
	IMPORT_PLACE_MAPPED,    /* by --map: the header or path as written */
	IMPORT_PLACE_OF_FORMAT, /* by the format's table */
	IMPORT_PLACE_BY_NAME,   /* the column or member of the field's own name, in any case (JSON:
							 * lower, Capitalised or UPPER); an object of that name is something
							 * else */
};

struct import_place_used {
	struct import_place place;
	enum import_place_kind kind;
	uint64_t found; /* records that had something there */
};

/* Every place that is looked at. */
struct import_places {
	struct import_place_used *items;
	size_t count;
};

/* The places of a format, or (`table` NULL) of a file without a known format, with those of --map
 * in their stead. ERROR_USAGE when a field is mapped twice or does not exist. Borrows the texts. */
int import_places_set(const struct import_place *table, const struct import_map *map, size_t count,
					  struct import_places *out, struct error *err);
void import_places_clear(struct import_places *places);

#endif
