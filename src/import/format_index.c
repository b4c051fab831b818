/*
 * format_index: an image index or manifest list as a registry serves it: the manifests in it. Its
 * own digest is lost in a file, as that of a manifest is. In the index.json of an OCI layout that
 * docker, BuildKit or containerd wrote, they have names too.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node platform = import_walk_member(object, "platform");
	const char *os = import_walk_text(&platform, "os");
	if (os != NULL && strcmp(os, "unknown") == 0) {
		return import_record_pass_over(record, "platform", "attestation");
	}
	return import_walk_add_platform(record, "platform", os,
									import_walk_text(&platform, "architecture"),
									import_walk_text(&platform, "variant"));
}

static const char *const lists[] = {"manifests", NULL};

static const char *const signs[] = {"mediaType", "digest", "size", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "annotations.io.containerd.image.name"},
	{IMPORT_DIGEST, "digest"},
	{IMPORT_MEDIA_TYPE, "mediaType"},
	{IMPORT_OS, "platform.os"},
	{IMPORT_ARCHITECTURE, "platform.architecture"},
	{IMPORT_KEPT, "platform.variant"},
	{0},
};

const struct import_format import_format_index = {
	.name = "index",
	.title = "image index",
	.encoding = IMPORT_JSON,
	.lists = lists,
	.signs = signs,
	.places = places,
	.refine = refine,
};
