#include "import_field.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

static const struct {
	const char *name;
	bool identifies;
	bool is_list;
	bool by_name; /* taken from the column or member of its name without being asked to */
} fields[IMPORT_FIELD_COUNT] = {
	[IMPORT_NAME] = {.name = "name", .identifies = true, .by_name = true},
	[IMPORT_REGISTRY] = {.name = "registry", .by_name = true},
	[IMPORT_REPOSITORY] = {.name = "repository", .by_name = true},
	[IMPORT_TAG] = {.name = "tag", .by_name = true},
	[IMPORT_DIGEST] = {.name = "digest", .identifies = true, .by_name = true},
	[IMPORT_INDEX] = {.name = "index", .identifies = true},
	[IMPORT_MANIFEST] = {.name = "manifest", .identifies = true},
	[IMPORT_CONFIG] = {.name = "config", .identifies = true, .by_name = true},
	[IMPORT_MEDIA_TYPE] = {.name = "media_type"},
	[IMPORT_LAYERS] = {.name = "layers", .identifies = true, .is_list = true, .by_name = true},
	[IMPORT_DIFF_IDS] = {.name = "diff_ids", .identifies = true, .is_list = true, .by_name = true},
	[IMPORT_LAYER] = {.name = "layer", .identifies = true},
	[IMPORT_DIFF_ID] = {.name = "diff_id", .identifies = true},
	[IMPORT_PLATFORM] = {.name = "platform", .by_name = true},
	[IMPORT_OS] = {.name = "os"},
	[IMPORT_ARCHITECTURE] = {.name = "architecture"},
	[IMPORT_SEVERITY] = {.name = "severity"},
	[IMPORT_SEVERITY_CLASS] = {.name = "severity_class"},
	[IMPORT_SEVERITY_LAYER] = {.name = "severity_layer"},
	[IMPORT_SEVERITY_COUNTS] = {.name = "severity_counts"},
	[IMPORT_BASE] = {.name = "base"},
	[IMPORT_BOUNDARY] = {.name = "boundary"},
	[IMPORT_ORIGIN] = {.name = "origin", .by_name = true},
};

static const char field_names[] =
	"name, registry, repository, tag, digest, index, manifest, config, media_type, layers, "
	"diff_ids, layer, diff_id, platform, os, architecture, severity, severity_class, "
	"severity_layer, severity_counts, base, boundary, origin";

const char *import_field_name(enum import_field field)
{
	return fields[field].name;
}

bool import_field_identifies(enum import_field field)
{
	return field < IMPORT_FIELD_COUNT && fields[field].identifies;
}

bool import_field_is_list(enum import_field field)
{
	return field < IMPORT_FIELD_COUNT && fields[field].is_list;
}

static int parse_field(const char *text, enum import_field *out)
{
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		if (strcmp(fields[i].name, text) == 0) {
			*out = (enum import_field)i;
			return 0;
		}
	}
	return -1;
}

int import_map_parse(const char *text, struct import_map *out, struct error *err)
{
	const char *equals = strchr(text, '=');
	if (equals == NULL || equals == text || equals[1] == '\0') {
		return error_set(err, ERROR_USAGE, "\"%s\": not FIELD=COLUMN", text);
	}
	CLEANUP(free_at) char *field = memory_copy_span(text, (size_t)(equals - text));
	enum import_field known;
	if (parse_field(field, &known) != 0) {
		return error_set(err, ERROR_USAGE, "\"%s\": no field \"%s\"; there are %s", text, field,
						 field_names);
	}
	out->field = STEAL(field);
	out->column = memory_copy_text(equals + 1);
	return 0;
}

void import_map_clear(struct import_map *map)
{
	free(map->field);
	free(map->column);
	*map = (struct import_map){0};
}

static void add_place(struct import_places *places, enum import_field field, const char *path,
					  enum import_place_kind kind)
{
	places->items = memory_resize(places->items, places->count + 1, sizeof(*places->items));
	places->items[places->count++] = (struct import_place_used){{field, path}, kind, 0};
}

/* Those of --map first: of two names the first stands. */
static int add_mapped(struct import_places *places, const struct import_map *map, size_t count,
					  bool mapped[static IMPORT_FIELD_COUNT], struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		enum import_field field;
		if (parse_field(map[i].field, &field) != 0) {
			return error_set(err, ERROR_USAGE, "no field \"%s\"; there are %s", map[i].field,
							 field_names);
		}
		for (size_t k = 0; k < i; k++) {
			if (strcmp(map[k].field, map[i].field) == 0) {
				return error_set(err, ERROR_USAGE,
								 "the field %s is mapped twice, to \"%s\" and \"%s\"", map[i].field,
								 map[k].column, map[i].column);
			}
		}
		mapped[field] = true;
		add_place(places, field, map[i].column, IMPORT_PLACE_MAPPED);
	}
	return 0;
}

int import_places_set(const struct import_place *table, const struct import_map *map, size_t count,
					  struct import_places *out, struct error *err)
{
	struct import_places places = {0};
	bool mapped[IMPORT_FIELD_COUNT + 1] = {false};
	if (add_mapped(&places, map, count, mapped, err) != 0) {
		import_places_clear(&places);
		return -1;
	}
	for (size_t i = 0; table != NULL && table[i].path != NULL; i++) {
		if (!mapped[table[i].field]) {
			add_place(&places, table[i].field, table[i].path, IMPORT_PLACE_OF_FORMAT);
		}
	}
	for (size_t i = 0; table == NULL && i < IMPORT_FIELD_COUNT; i++) {
		if (fields[i].by_name && !mapped[i]) {
			add_place(&places, (enum import_field)i, fields[i].name, IMPORT_PLACE_BY_NAME);
		}
	}
	*out = places;
	return 0;
}

void import_places_clear(struct import_places *places)
{
	free(places->items);
	*places = (struct import_places){0};
}
