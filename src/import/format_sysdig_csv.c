/*
 * format_sysdig_csv: Sysdig Secure runtime reports as CSV, with the headers of 2025 and those
 * before: a row for each workload and vulnerability, and no digest but the image ID.
 */
#include "import_format.h"

static const char *const signs[] = {"Image ID",     "OS Name",     "Package Name",
									"Package Type", "CVSS Vector", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "Image Name"},
	{IMPORT_NAME, "Image"},
	{IMPORT_CONFIG, "Image ID"},
	{IMPORT_SEVERITY, "Vulnerability Severity"},
	{IMPORT_SEVERITY, "Severity"},
	{IMPORT_SEVERITY_CLASS, "Package Type"},
	{0},
};

const struct import_format import_format_sysdig_csv = {
	.name = "sysdig-csv",
	.title = "Sysdig Secure runtime report, CSV",
	.encoding = IMPORT_CSV,
	.signs = signs,
	.places = places,
	.folds = true,
};
