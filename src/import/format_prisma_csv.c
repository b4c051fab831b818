/*
 * format_prisma_csv: the CSV that Prisma Cloud Compute writes of images, registries and CI scans.
 *
 * A row for each vulnerability, and no digest but the image ID. Scans of a pipeline have two
 * columns `Type`: that of the scan, and behind it that of the package.
 */
#include "import_format.h"

static const char *const signs[] = {"Registry", "Repository",    "Tag",      "Id",
									"CVE ID",   "Compliance ID", "Severity", NULL};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, "Registry"},
	{IMPORT_REPOSITORY, "Repository"},
	{IMPORT_TAG, "Tag"},
	{IMPORT_CONFIG, "Id"},
	{IMPORT_SEVERITY, "Severity"},
	{IMPORT_SEVERITY_CLASS, "Type" IMPORT_LAST_COLUMN},
	{0},
};

const struct import_format import_format_prisma_csv = {
	.name = "prisma-csv",
	.title = "Prisma Cloud Compute images, registry and CI scans, CSV",
	.encoding = IMPORT_CSV,
	.signs = signs,
	.places = places,
	.folds = true,
};
