/*
 * format_wiz: Wiz vulnerabilityFindings, as GraphQL answers, or one finding a line.
 *
 * Wiz does not say what kind of digest an asset's members hold, nor under which of its names it
 * stands: each text of the asset is searched. That of a layer is of one kind or the other, and it
 * may be a layer of the base.
 */
#include <string.h>
#include <strings.h>

#include "import_format.h"
#include "import_name.h"
#include "import_walk.h"

#define ASSET "vulnerableAsset"
#define LAYER "layerMetadata"

static void scan(struct import_record *record, const struct node *value)
{
	const char *text;
	struct error ignored = ERROR_INIT;
	if (node_text(value, &text, &ignored) == 0) {
		import_record_add_scanned(record, text, strlen(text));
	}
}

static void scan_asset(struct import_record *record, const struct node *asset)
{
	void *position = NULL;
	struct node member;
	while (node_next_member(asset, &position, &member)) {
		scan(record, &member);
		for (size_t i = 0; i < node_count(&member); i++) {
			struct node element = node_element(&member, i);
			scan(record, &element);
		}
	}
}

static int take_asset(struct import_record *record, const struct node *asset)
{
	const char *image_id = import_walk_text(asset, "imageId");
	if (image_id != NULL && import_walk_is_digest(image_id) &&
		import_walk_add(record, IMPORT_DIGEST, ASSET ".imageId", image_id) != 0) {
		return -1;
	}
	scan_asset(record, asset);
	import_name_drop_alias(record);
	return record->part[IMPORT_REPOSITORY] != NULL
			   ? 0
			   : import_walk_add_fallback(record, ASSET ".name", import_walk_text(asset, "name"));
}

static int take_layer(struct import_record *record, const char *hash)
{
	static const enum import_field fields[] = {IMPORT_LAYER, IMPORT_DIFF_ID, IMPORT_SEVERITY_LAYER};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (import_walk_add(record, fields[i], LAYER ".layerHash", hash) != 0) {
			return -1;
		}
	}
	return 0;
}

static bool is_os(const char *method)
{
	return strcasecmp(method, "OS") == 0 || strcasecmp(method, "PACKAGE") == 0 ||
		   strcasecmp(method, "DEFAULT_PACKAGE") == 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node asset = import_walk_member(object, ASSET);
	struct node layer = import_walk_member(object, LAYER);
	const char *hash = import_walk_text(&layer, "layerHash");
	const char *method = import_walk_text(object, "detectionMethod");
	if (take_asset(record, &asset) != 0) {
		return -1;
	}
	if (method != NULL && is_os(method) &&
		import_walk_add(record, IMPORT_SEVERITY_CLASS, "detectionMethod", "os") != 0) {
		return -1;
	}
	return hash != NULL && import_walk_is_digest(hash) ? take_layer(record, hash) : 0;
}

static const char *const lists[] = {"data.vulnerabilityFindings.nodes",
									"vulnerabilityFindings.nodes", "", NULL};

static const char *const signs[] = {ASSET ".id", ASSET ".type", NULL};

static const char *const images[] = {"CONTAINER_IMAGE", "CONTAINER", NULL};

static const struct import_condition conditions[] = {{ASSET ".type", images}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_NAME, ASSET ".tagReferences"},
	{IMPORT_REGISTRY, ASSET ".registry.name"},
	{IMPORT_REPOSITORY, ASSET ".repository.name"},
	{IMPORT_TAG, ASSET ".imageTags"},
	{IMPORT_SEVERITY, "severity"},
	{IMPORT_SEVERITY, "vendorSeverity"},
	{IMPORT_SEVERITY, "CVSSSeverity"},
	{IMPORT_KEPT, "detectionMethod"},
	{IMPORT_KEPT, LAYER ".layerHash"},
	{IMPORT_KEPT, ASSET},
	{0},
};

const struct import_format import_format_wiz = {
	.name = "wiz",
	.title = "Wiz vulnerability findings, GraphQL JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.folds = true,
	.refine = refine,
};
