/*
 * format_wiz_csv: the CSV of Wiz vulnerability findings.
 *
 * It has no column of digests: they stand in the asset's name or identifier, in a link or in a tag.
 * Cells about the vulnerability itself are left out of the search.
 */
#include "import_format.h"

static const char *const signs[] = {"WizURL", "VendorSeverity", "AssetName", "ProviderUniqueId",
									NULL};

static const char *const images[] = {"CONTAINER_IMAGE", "Container Image", "CONTAINER", NULL};

static const struct import_condition conditions[] = {{"AssetType", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_NAME, "AssetName"},
	{IMPORT_SEVERITY, "VendorSeverity"},
	{IMPORT_SEVERITY_CLASS, "DetectionMethod"},
	{IMPORT_KEPT, "Remediation"},
	{IMPORT_KEPT, "LocationPath"},
	{IMPORT_KEPT, "DetailedName"},
	{IMPORT_KEPT, "Link"},
	{IMPORT_KEPT, "ExecutionControllers"},
	{0},
};

const struct import_format import_format_wiz_csv = {
	.name = "wiz-csv",
	.title = "Wiz vulnerability findings, CSV",
	.encoding = IMPORT_CSV,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.folds = true,
	.any_text = true,
};
