/*
 * format_wiz_issues_csv: the CSV of Wiz issues.
 *
 * It has no column of digests: they stand in the resource's identifier, or in its JSON, which is a
 * cell. Cells about the issue itself are left out of the search.
 */
#include "import_format.h"

static const char *const signs[] = {"Resource Type", "Resource external ID",
									"Resource original JSON", "Issue ID", NULL};

static const char *const images[] = {"CONTAINER_IMAGE", "Container Image", "CONTAINER", NULL};

static const struct import_condition conditions[] = {{"Resource Type", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_NAME, "Resource Name"},
	{IMPORT_SEVERITY, "Severity"},
	{IMPORT_KEPT, "Title"},
	{IMPORT_KEPT, "Description"},
	{IMPORT_KEPT, "Note"},
	{IMPORT_KEPT, "Remediation Recommendation"},
	{0},
};

const struct import_format import_format_wiz_issues_csv = {
	.name = "wiz-issues-csv",
	.title = "Wiz issues, CSV",
	.encoding = IMPORT_CSV,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.folds = true,
	.any_text = true,
};
