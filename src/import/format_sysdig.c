/*
 * format_sysdig: Sysdig Secure vulnerability reports, as JSON since 2025: a row for each workload
 * and vulnerability, and no digest but the image ID.
 */
#include "import_format.h"

static const char *const lists[] = {"panels.data", NULL};

static const char *const signs[] = {"container_image", "container_image_id", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "container_image"},
	{IMPORT_CONFIG, "container_image_id"},
	{IMPORT_SEVERITY, "vuln_severity"},
	{IMPORT_SEVERITY_CLASS, "scan_package_type"},
	{0},
};

const struct import_format import_format_sysdig = {
	.name = "sysdig",
	.title = "Sysdig Secure vulnerability report, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
};
