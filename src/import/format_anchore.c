/*
 * Anchore, the images of its API: version 2 (Enterprise 5), and version 1 with other spellings.
 */
#include <string.h>

#include "import_format.h"

static const char *const lists[] = {"items", "", NULL};

static const char *const signs[] = {"image_digest", "parent_digest", NULL};
static const char *const signs_v1[] = {"imageDigest", "parentDigest", "image_detail", NULL};

/* The summaries of tags have at the top what the images have in `image_detail`. */
static const struct import_place places[] = {
	{IMPORT_NAME, "image_detail.full_tag"},
	{IMPORT_NAME, "full_tag"},
	{IMPORT_MANIFEST, "image_digest"},
	{IMPORT_CONFIG, "image_detail.image_id"},
	{IMPORT_CONFIG, "image_id"},
	{IMPORT_ARCHITECTURE, "image_content.metadata.arch"},
	{IMPORT_KEPT, "parent_digest"},
	{IMPORT_FIELD_COUNT, NULL},
};

static const struct import_place places_v1[] = {
	{IMPORT_NAME, "image_detail.fulltag"},   {IMPORT_MANIFEST, "imageDigest"},
	{IMPORT_CONFIG, "image_detail.imageId"}, {IMPORT_ARCHITECTURE, "image_content.metadata.arch"},
	{IMPORT_KEPT, "parentDigest"},           {IMPORT_FIELD_COUNT, NULL},
};

static bool is_manifest(const struct internal_image *image, const struct digest *digest)
{
	for (size_t i = 0; i < image->top_count; i++) {
		if (image->tops[i].identity == IDENTITY_MANIFEST &&
			digest_equal(&image->tops[i].digest, digest)) {
			return true;
		}
	}
	return false;
}

/* The index that the image was found by; for an image without one it is the manifest again. */
static int take_parent(struct import_record *record, const struct node *object, const char *member)
{
	const char *text;
	struct digest digest;
	struct error err = ERROR_INIT;
	if (node_member_text(object, member, NODE_OPTIONAL, &text, &err) != 0) {
		return import_record_refuse(record, member, "%s", err.text);
	}
	if (text == NULL || *text == '\0') {
		return 0;
	}
	if (import_digest_parse(text, strlen(text), &digest, &err) != 0) {
		return import_record_refuse(record, member, "%s", err.text);
	}
	if (!is_manifest(&record->image, &digest)) {
		internal_image_add_top(&record->image, IDENTITY_INDEX, &digest);
	}
	return 0;
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	return take_parent(record, object, "parent_digest");
}

static int refine_v1(struct import_record *record, const struct node *object,
					 const struct node *outer)
{
	(void)outer;
	return take_parent(record, object, "parentDigest");
}

const struct import_format import_format_anchore = {
	.name = "anchore",
	.title = "Anchore images",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.refine = refine,
};

const struct import_format import_format_anchore_v1 = {
	.name = "anchore-v1",
	.title = "Anchore images, API version 1",
	.encoding = IMPORT_JSON,
	.signs = signs_v1,
	.places = places_v1,
	.refine = refine_v1,
};
