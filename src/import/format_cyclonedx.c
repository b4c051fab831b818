/*
 * format_cyclonedx: a CycloneDX BOM in JSON: the container it is of, and containers among its
 * components. All other components are passed over.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_sbom.h"
#include "import_walk.h"
#include "layerproof/text.h"

#define TRIVY "aquasecurity:trivy:"

static int take_properties(struct import_record *record, const struct node *properties)
{
	for (size_t i = 0; i < node_count(properties); i++) {
		struct node property = node_element(properties, i);
		const char *name = import_walk_text(&property, "name");
		const char *value = import_walk_text(&property, "value");
		if (name != NULL && value != NULL && text_starts_with(name, TRIVY) &&
			import_sbom_add_property(record, "properties", name + strlen(TRIVY), value) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node properties = import_walk_member(object, "properties");
	struct import_sbom_image image = {
		.name = import_walk_text(object, "name"),
		.version = import_walk_text(object, "version"),
		.purl = import_walk_text(object, "purl"),
		.purl_column = "purl",
		.version_column = "version",
	};
	return take_properties(record, &properties) != 0 ? -1 : import_sbom_add_image(record, &image);
}

static const char *const signs[] = {"bomFormat", "specVersion", NULL};

static const char *const each[] = {"metadata.component", "components", NULL};

static const char *const containers[] = {"container", NULL};

static const struct import_condition conditions[] = {{"type", containers}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_KEPT, "name"},
	{IMPORT_KEPT, "version"},
	{IMPORT_KEPT, "purl"},
	{IMPORT_KEPT, "properties.name"},
	{IMPORT_KEPT, "properties.value"},
	{0},
};

const struct import_format import_format_cyclonedx = {
	.name = "cyclonedx",
	.title = "CycloneDX JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.each = each,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
