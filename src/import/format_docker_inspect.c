/*
 * format_docker_inspect: `docker image inspect`, `podman image inspect`.
 *
 * Id is the digest of the configuration, except with the containerd image store, where it is that
 * of the index or manifest and a Descriptor says which. The first releases of that store have no
 * Descriptor: there Id is among the RepoDigests, or the driver is called "overlayfs".
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"
#include "layerproof/media_type.h"

static enum identity kind_of_id(const struct node *image)
{
	struct node descriptor = import_walk_member(image, "Descriptor");
	struct node driver = import_walk_member(image, "GraphDriver");
	const char *name = import_walk_text(&driver, "Name");
	switch (media_type_kind(import_walk_text(&descriptor, "mediaType"))) {
	case MEDIA_INDEX:
		return IDENTITY_INDEX;
	case MEDIA_MANIFEST:
	case MEDIA_SCHEMA1:
		return IDENTITY_MANIFEST;
	case MEDIA_CONFIG:
	case MEDIA_LAYER:
	case MEDIA_LAYER_FOREIGN:
	case MEDIA_LAYER_ENCRYPTED:
	case MEDIA_OTHER:
		break;
	}
	return name != NULL && strcmp(name, "overlayfs") == 0 ? IDENTITY_IMAGE : IDENTITY_CONFIG;
}

/* Whether the digest is one of the RepoDigests, of which all were taken. */
static bool is_repo_digest(const struct import_record *record, const char *text)
{
	struct digest digest;
	struct error ignored = ERROR_INIT;
	if (import_digest_parse(text, strlen(text), &digest, &ignored) != 0) {
		return false;
	}
	for (size_t i = 0; i < record->image.top_count; i++) {
		if (digest_equal(&record->image.tops[i].digest, &digest)) {
			return true;
		}
	}
	return false;
}

static int take_id(struct import_record *record, const struct node *image)
{
	const char *id = import_walk_text(image, "Id");
	enum identity kind = kind_of_id(image);
	if (id != NULL && kind == IDENTITY_CONFIG && is_repo_digest(record, id)) {
		return 0;
	}
	return import_walk_add_top(record, kind, "Id", id);
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node root = import_walk_member(object, "RootFS");
	if (!node_is_set(&root)) {
		return import_record_pass_over(record, "RootFS", "a container, network or volume");
	}
	if (import_walk_add_platform(record, "Variant", import_walk_text(object, "Os"),
								 import_walk_text(object, "Architecture"),
								 import_walk_text(object, "Variant")) != 0) {
		return -1;
	}
	return take_id(record, object);
}

static const char *const signs[] = {"Id", "RepoTags", "RootFS.Type", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "RepoTags"},
	{IMPORT_NAME, "RepoDigests"},
	{IMPORT_DIFF_IDS, "RootFS.Layers"},
	{IMPORT_OS, "Os"},
	{IMPORT_ARCHITECTURE, "Architecture"},
	{IMPORT_KEPT, "Variant"},
	{IMPORT_KEPT, "Id"},
	{IMPORT_KEPT, "Descriptor.mediaType"},
	{IMPORT_KEPT, "GraphDriver.Name"},
	{IMPORT_KEPT, "RootFS.Type"},
	{0},
};

const struct import_format import_format_docker_inspect = {
	.name = "docker-inspect",
	.title = "docker image inspect",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
