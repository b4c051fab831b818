/*
 * format_lacework: Lacework (FortiCNAPP) /api/v2/Vulnerabilities/Containers/search: a row for each
 * image and vulnerability.
 *
 * `imageId` is mostly the image ID, but the product takes either kind in its stead. The layer is a
 * digest or the step that made it, and of a digest nobody says of which kind.
 */
#include <string.h>

#include "import_format.h"
#include "import_walk.h"

#define INFO  "evalCtx.image_info"
#define LAYER "featureProps.layer"

static int take_layer(struct import_record *record, const char *digest)
{
	return import_walk_add(record, IMPORT_LAYER, LAYER, digest) != 0
			   ? -1
			   : import_walk_add(record, IMPORT_DIFF_ID, LAYER, digest);
}

/* Namespaces of distributions name their version: "debian:12"; those of languages have none. */
static int take_finding(struct import_record *record, const struct node *object)
{
	struct node key = import_walk_member(object, "featureKey");
	struct node props = import_walk_member(object, "featureProps");
	const char *severity = import_walk_text(object, "severity");
	const char *namespace = import_walk_text(&key, "namespace");
	const char *layer = import_walk_text(&props, "layer");
	bool is_os = namespace != NULL && strchr(namespace, ':') != NULL;
	if (layer != NULL && !import_walk_is_digest(layer)) {
		layer = NULL;
	}
	if (layer != NULL && take_layer(record, layer) != 0) {
		return -1;
	}
	return severity == NULL
			   ? 0
			   : import_record_add_severity(record, LAYER, severity, is_os ? "os" : NULL, layer);
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node context = import_walk_member(object, "evalCtx");
	struct node info = import_walk_member(&context, "image_info");
	const char *config = import_walk_text(&info, "id");
	const char *image = import_walk_text(object, "imageId");
	bool is_same = config != NULL && image != NULL && strcmp(config, image) == 0;
	if (!is_same && import_walk_add(record, IMPORT_DIGEST, "imageId", image) != 0) {
		return -1;
	}
	return take_finding(record, object);
}

static const char *const lists[] = {"data", "", NULL};

static const char *const signs[] = {INFO ".registry", INFO ".repo", NULL};

static const struct import_place places[] = {
	{IMPORT_REGISTRY, INFO ".registry"},
	{IMPORT_REPOSITORY, INFO ".repo"},
	{IMPORT_TAG, INFO ".tags"},
	{IMPORT_DIGEST, INFO ".digest"},
	{IMPORT_CONFIG, INFO ".id"},
	{IMPORT_KEPT, "imageId"},
	{IMPORT_KEPT, "severity"},
	{IMPORT_KEPT, "featureKey.namespace"},
	{IMPORT_KEPT, LAYER},
	{0},
};

const struct import_format import_format_lacework = {
	.name = "lacework",
	.title = "Lacework (FortiCNAPP) container vulnerabilities, JSON",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.folds = true,
	.refine = refine,
};
