/*
 * Google Artifact Registry, the dockerImages of its REST API. The media type says whether the
 * digest in `uri` is an index's.
 */
#include <string.h>

#include "import_children.h"
#include "import_format.h"
#include "layerproof/media_type.h"

static const char *const lists[] = {"dockerImages", "", NULL};

static const char *const signs[] = {"name", "uri", "uploadTime", "mediaType", NULL};

static const struct import_place places[] = {
	{IMPORT_TAG, "tags"},       {IMPORT_MEDIA_TYPE, "mediaType"},
	{IMPORT_KEPT, "uri"},       {IMPORT_KEPT, "imageManifests"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const char *const configs[] = {MEDIA_TYPE_OCI_CONFIG, MEDIA_TYPE_DOCKER_CONFIG, NULL};

static const struct import_condition conditions[] = {
	{"artifactType", configs},
	{NULL, NULL},
};

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *uri;
	struct node manifests = {0};
	struct error err = ERROR_INIT;
	(void)outer;
	if (node_member_text(object, "uri", NODE_OPTIONAL, &uri, &err) != 0 ||
		node_member_array(object, "imageManifests", NODE_OPTIONAL, &manifests, &err) != 0) {
		return import_record_refuse(record, NULL, "%s", err.text);
	}
	if (import_children_add_pinned(record, "uri", uri) != 0) {
		return -1;
	}
	return import_children_add(
		record, &manifests,
		&(const struct import_children){"imageManifests.digest", "digest", NULL});
}

const struct import_format import_format_artifact_registry = {
	.name = "artifact-registry",
	.title = "Google Artifact Registry dockerImages",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
