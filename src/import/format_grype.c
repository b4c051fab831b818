/*
 * format_grype: `grype -o json`: the image as Syft describes it, and what was found in it, each in
 * the layer (diff_id) that holds the evidence.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "import_anchore.h"
#include "import_package.h"
#include "import_walk.h"

#define COLUMN_LAYER "matches.artifact.locations.layerID"

/* Files that merely support the finding (a licence, a list of files) may lie in other layers. */
static bool is_evidence(const struct node *location)
{
	struct node annotations = import_walk_member(location, "annotations");
	const char *evidence = import_walk_text(&annotations, "evidence");
	return evidence == NULL || strcmp(evidence, "primary") == 0;
}

static int take_match(struct import_record *record, const struct node *match)
{
	struct node vulnerability = import_walk_member(match, "vulnerability");
	struct node artifact = import_walk_member(match, "artifact");
	struct node locations = import_walk_member(&artifact, "locations");
	const char *severity = import_walk_text(&vulnerability, "severity");
	const char *class = import_package_class(import_walk_text(&artifact, "type"));
	if (severity == NULL ||
		import_record_add_severity(record, COLUMN_LAYER, severity, class, NULL) != 0) {
		return 0;
	}
	for (size_t i = 0; i < node_count(&locations); i++) {
		struct node location = node_element(&locations, i);
		if (is_evidence(&location) &&
			import_record_add_severity(record, COLUMN_LAYER, severity, class,
									   import_walk_text(&location, "layerID")) != 0) {
			return -1;
		}
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node matches = import_walk_member(object, "matches");
	if (import_anchore_refine(record, object) != 0) {
		return -1;
	}
	for (size_t i = 0; i < node_count(&matches); i++) {
		struct node match = node_element(&matches, i);
		if (take_match(record, &match) != 0) {
			return -1;
		}
	}
	return 0;
}

static const char *const signs[] = {"matches.vulnerability", "matches.artifact", NULL};

static const char *const other_signs[] = {"matches", "source.type", "descriptor.name", NULL};

/* A report may have a hundred thousand of them, of a few severities in a few layers. */
static const char *const sets[] = {"matches", NULL};

static const struct import_place places[] = {
	IMPORT_ANCHORE_PLACES("metadata"),
	IMPORT_ANCHORE_PLACES("target"),
	{IMPORT_KEPT, "matches.vulnerability.severity"},
	{IMPORT_KEPT, "matches.artifact.type"},
	{IMPORT_KEPT, COLUMN_LAYER},
	{IMPORT_KEPT, "matches.artifact.locations.annotations.evidence"},
	{0},
};

const struct import_format import_format_grype = {
	.name = "grype",
	.title = "Grype JSON",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.other_signs = other_signs,
	.sets = sets,
	.places = places,
	.conditions = import_anchore_conditions,
	.refine = refine,
};
