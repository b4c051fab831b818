/*
 * `gcloud artifacts docker images list --format=json`, with --include-tags or without.
 */
#include <string.h>

#include "import_format.h"

static const char *const signs[] = {"package", "version", "createTime", "updateTime", NULL};

static const struct import_place places[] = {
	{IMPORT_REPOSITORY, "package"}, {IMPORT_TAG, "tags"},
	{IMPORT_DIGEST, "version"},     {IMPORT_MEDIA_TYPE, "metadata.mediaType"},
	{IMPORT_FIELD_COUNT, NULL},
};

/* Older versions of gcloud join the tags by commas. */
static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	char *tag = record->part[IMPORT_TAG];
	(void)object;
	(void)outer;
	if (tag != NULL) {
		tag[strcspn(tag, ",")] = '\0';
	}
	return 0;
}

const struct import_format import_format_gcloud_list = {
	.name = "gcloud-list",
	.title = "gcloud artifacts docker images list",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
