/*
 * AWS ECR, `aws ecr describe-images`: an index, its untagged children, signatures and charts are
 * rows of one list, told apart by their media types.
 */
#include <stddef.h>

#include "import_format.h"
#include "layerproof/media_type.h"

static const char *const lists[] = {"imageDetails", "", NULL};

static const char *const signs[] = {"registryId", "repositoryName", "imageDigest", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "repositoryName"},
	{IMPORT_TAG, "imageTags"},
	{IMPORT_DIGEST, "imageDigest"},
	{IMPORT_MEDIA_TYPE, "imageManifestMediaType"},
	{IMPORT_SEVERITY_COUNTS, "imageScanFindingsSummary.findingSeverityCounts"},
	{IMPORT_FIELD_COUNT, NULL},
};

/* The config's media type; an index has none. What refers to a subject is a signature, an SBOM. */
static const char *const configs[] = {MEDIA_TYPE_OCI_CONFIG, MEDIA_TYPE_DOCKER_CONFIG, NULL};
static const char *const none[] = {NULL};

static const struct import_condition conditions[] = {
	{"artifactMediaType", configs},
	{"subjectManifestDigest", none},
	{NULL, NULL},
};

const struct import_format import_format_ecr = {
	.name = "ecr",
	.title = "AWS ECR describe-images",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.conditions = conditions,
};
