/*
 * format_twistcli: `twistcli images scan --output-file`, of Prisma Cloud Compute: the image ID
 * alone.
 */
#include "import_format.h"

static const char *const lists[] = {"results", NULL};

static const char *const signs[] = {"id", "distro", "collections", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "name"},
	{IMPORT_CONFIG, "id"},
	{IMPORT_SEVERITY_COUNTS, "vulnerabilityDistribution"},
	{0},
};

const struct import_format import_format_twistcli = {
	.name = "twistcli",
	.title = "Prisma Cloud twistcli, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
};
