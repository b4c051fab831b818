/*
 * format_image_config: image configurations (`crane config`, `skopeo inspect --config`). The digest
 * is that of the very bytes, which both print anew: it is not taken.
 */
#include <stddef.h>

#include "import_document.h"
#include "import_format.h"
#include "import_walk.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node history = import_walk_member(object, "history");
	import_document_add_history(record, &history);
	return import_walk_add_platform(record, "variant", import_walk_text(object, "os"),
									import_walk_text(object, "architecture"),
									import_walk_text(object, "variant"));
}

static const char *const signs[] = {"architecture", "rootfs.type", "rootfs.diff_ids", NULL};

static const struct import_place places[] = {
	{IMPORT_DIFF_IDS, "rootfs.diff_ids"},
	{IMPORT_OS, "os"},
	{IMPORT_ARCHITECTURE, "architecture"},
	{IMPORT_KEPT, "variant"},
	{IMPORT_KEPT, "history.created_by"},
	{IMPORT_KEPT, "history.empty_layer"},
	{0},
};

const struct import_format import_format_image_config = {
	.name = "image-config",
	.title = "image configurations",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
