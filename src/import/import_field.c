#include "import_field.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

static const struct {
	const char *name;
	bool identifies;
} fields[IMPORT_FIELD_COUNT] = {
	[IMPORT_NAME] = {"name", true},         [IMPORT_DIGEST] = {"digest", true},
	[IMPORT_CONFIG] = {"config", true},     [IMPORT_LAYERS] = {"layers", true},
	[IMPORT_DIFF_IDS] = {"diff_ids", true}, [IMPORT_PLATFORM] = {"platform", false},
	[IMPORT_ORIGIN] = {"origin", false},
};

static const char field_names[] = "name, digest, config, layers, diff_ids, platform, origin";

const char *import_field_name(enum import_field field)
{
	return fields[field].name;
}

bool import_field_identifies(enum import_field field)
{
	return fields[field].identifies;
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

int import_columns_set(const struct import_map *map, size_t count, struct import_columns *out,
					   struct error *err)
{
	struct import_columns columns = {0};
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		columns.name[i] = fields[i].name;
	}
	for (size_t i = 0; i < count; i++) {
		enum import_field field;
		if (parse_field(map[i].field, &field) != 0) {
			return error_set(err, ERROR_USAGE, "no field \"%s\"; there are %s", map[i].field,
							 field_names);
		}
		if (columns.mapped[field]) {
			return error_set(err, ERROR_USAGE, "the field %s is mapped twice, to \"%s\" and \"%s\"",
							 map[i].field, columns.name[field], map[i].column);
		}
		columns.mapped[field] = true;
		columns.name[field] = map[i].column;
	}
	*out = columns;
	return 0;
}
