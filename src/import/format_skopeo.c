/*
 * format_skopeo: `skopeo inspect docker://...`. Digest is that of what the name stands for, an
 * index too; Layers are the blobs of one platform of it.
 *
 * Of an archive or a daemon, Digest and Layers are made up: the layers are diff_ids then. Only a
 * registry has a list of tags.
 */
#include <stddef.h>

#include "import_document.h"
#include "import_format.h"
#include "import_walk.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node tags = import_walk_member(object, "RepoTags");
	struct node layers = import_walk_member(object, "LayersData");
	if (node_count(&tags) == 0) {
		return import_record_refuse(record, "RepoTags",
									"empty: Digest and Layers may be made up by skopeo, as those "
									"of an archive are; inspect it in a registry, with its tags");
	}
	return import_document_check_layers(record, "LayersData.MIMEType", &layers, "MIMEType");
}

static const char *const signs[] = {"Digest", "RepoTags", "DockerVersion", "Layers", NULL};

static const struct import_place places[] = {
	{IMPORT_NAME, "Name"},
	{IMPORT_DIGEST, "Digest"},
	{IMPORT_LAYERS, "Layers"},
	{IMPORT_OS, "Os"},
	{IMPORT_ARCHITECTURE, "Architecture"},
	{IMPORT_KEPT, "RepoTags"},
	{IMPORT_KEPT, "LayersData.MIMEType"},
	{0},
};

const struct import_format import_format_skopeo = {
	.name = "skopeo",
	.title = "skopeo inspect",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
