/*
 * format_snyk: Snyk REST container_images.
 *
 * Snyk does not say which digest `id` is, nor whether those of the layers are of their compressed
 * bytes: they are taken for either, at no place.
 */
#include "import_format.h"

static const char *const lists[] = {"data", NULL};

static const char *const signs[] = {"type", "id", "attributes.platform", "attributes.layers", NULL};

static const char *const images[] = {"container_image", NULL};

static const struct import_condition conditions[] = {{"type", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_NAME, "attributes.names"},        {IMPORT_DIGEST, "id"},
	{IMPORT_PLATFORM, "attributes.platform"}, {IMPORT_LAYER, "attributes.layers"},
	{IMPORT_DIFF_ID, "attributes.layers"},    {0},
};

const struct import_format import_format_snyk = {
	.name = "snyk",
	.title = "Snyk container images, REST JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
};
