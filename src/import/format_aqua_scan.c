/*
 * format_aqua_scan: what Aqua's scanner prints of one image, JSON. Its digest has no algorithm in
 * front, and is that of the image in the registry or in the engine.
 */
#include "import_format.h"
#include "import_package.h"
#include "import_walk.h"

#define RESOURCES "resources"

static int take_resource(struct import_record *record, const struct node *entry)
{
	struct node resource = import_walk_member(entry, "resource");
	struct node found = import_walk_member(entry, "vulnerabilities");
	const char *class = import_package_class(import_walk_text(&resource, "format"));
	for (size_t i = 0; i < node_count(&found); i++) {
		struct node vulnerability = node_element(&found, i);
		const char *severity = import_walk_text(&vulnerability, "aqua_severity");
		if (severity != NULL &&
			import_record_add_severity(record, RESOURCES, severity, class, NULL) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node resources = import_walk_member(object, RESOURCES);
	for (size_t i = 0; i < node_count(&resources); i++) {
		struct node entry = node_element(&resources, i);
		if (take_resource(record, &entry) != 0) {
			return -1;
		}
	}
	return 0;
}

static const char *const signs[] = {"image", "digest", "scan_started", RESOURCES, NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "pull_name"},
	{IMPORT_NAME, "image"},
	{IMPORT_DIGEST, "digest"},
	{IMPORT_KEPT, RESOURCES ".resource.format"},
	{IMPORT_KEPT, RESOURCES ".vulnerabilities.aqua_severity"},
	{0},
};

const struct import_format import_format_aqua_scan = {
	.name = "aqua-scan",
	.title = "Aqua scanner, JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
