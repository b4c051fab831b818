/*
 * format_sysdig_runtime: Sysdig Secure runtime scan reports, as JSON before 2025: a row for each
 * workload and vulnerability, and no digest but the image ID.
 */
#include "import_format.h"

static const char *const lists[] = {"data", NULL};

static const char *const signs[] = {"imageId", "imagePullString", "vulnSeverity", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "imagePullString"},
	{IMPORT_CONFIG, "imageId"},
	{IMPORT_SEVERITY, "vulnSeverity"},
	{IMPORT_SEVERITY_CLASS, "packageType"},
	{0},
};

const struct import_format import_format_sysdig_runtime = {
	.name = "sysdig-runtime",
	.title = "Sysdig Secure runtime scan report before 2025, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
};
