/*
 * AWS ECR, `aws ecr batch-get-image`: each manifest as a text, byte for byte as it was pushed.
 */
#include <string.h>

#include "import_format.h"
#include "import_manifest.h"

static const char *const lists[] = {"images", "", NULL};

static const char *const signs[] = {"repositoryName", "imageId.imageDigest", "imageManifest", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "repositoryName"},  {IMPORT_TAG, "imageId.imageTag"},
	{IMPORT_DIGEST, "imageId.imageDigest"}, {IMPORT_MEDIA_TYPE, "imageManifestMediaType"},
	{IMPORT_KEPT, "imageManifest"},         {IMPORT_FIELD_COUNT, NULL},
};

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	const char *text;
	struct error err = ERROR_INIT;
	const struct internal_image *image = &record->image;
	(void)outer;
	if (node_member_text(object, "imageManifest", NODE_OPTIONAL, &text, &err) != 0) {
		return import_record_refuse(record, "imageManifest", "%s", err.text);
	}
	if (text == NULL) {
		return 0;
	}
	struct digest expected = {0};
	if (image->top_count != 0) {
		expected = image->tops[0].digest;
	}
	return import_record_add_manifest(record, "imageManifest", text, strlen(text),
									  record->part[IMPORT_MEDIA_TYPE], &expected);
}

const struct import_format import_format_ecr_manifests = {
	.name = "ecr-manifests",
	.title = "AWS ECR batch-get-image",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.refine = refine,
};
