/*
 * Harbor, the CSV that it exports of vulnerabilities: a row for each of them and artifact.
 */
#include <stddef.h>

#include "import_format.h"

static const char *const signs[] = {"Repository", "Artifact Digest", "CVE", "Scanner", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "Repository"},
	{IMPORT_DIGEST, "Artifact Digest"},
	{IMPORT_SEVERITY, "Severity"},
	{IMPORT_FIELD_COUNT, NULL},
};

const struct import_format import_format_harbor_csv = {
	.name = "harbor-csv",
	.title = "Harbor vulnerabilities as CSV",
	.encoding = IMPORT_CSV,
	.signs = signs,
	.places = places,
	.folds = true,
};
