/*
 * format_manifest: manifests as a registry serves them (`crane manifest`, `skopeo inspect --raw`,
 * `oras manifest fetch`), one or several. The digest of a manifest is that of its very bytes, which
 * are lost in a file: a line end added changes it. So it is not taken.
 */
#include <stddef.h>

#include "import_document.h"
#include "import_format.h"
#include "import_walk.h"
#include "layerproof/media_type.h"

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node layers = import_walk_member(object, "layers");
	return import_document_check_layers(record, "layers.mediaType", &layers, "mediaType");
}

static const char *const signs[] = {"schemaVersion", "config.digest", "layers.digest", NULL};

/* octet-stream: as old registries and clients have it. */
static const char *const configs[] = {MEDIA_TYPE_OCI_CONFIG, MEDIA_TYPE_DOCKER_CONFIG,
									  "application/octet-stream", NULL};

static const struct import_condition conditions[] = {{"config.mediaType", configs}, {NULL, NULL}};

static const struct import_place places[] = {
	{IMPORT_CONFIG, "config.digest"},
	{IMPORT_LAYERS, "layers.digest"},
	{IMPORT_BASE, "annotations.org.opencontainers.image.base.digest"},
	{IMPORT_KEPT, "layers.mediaType"},
	{0},
};

const struct import_format import_format_manifest = {
	.name = "manifest",
	.title = "image manifests",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.conditions = conditions,
	.refine = refine,
};
