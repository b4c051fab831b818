/*
 * format_manifest_inspect: `docker manifest inspect --verbose`: an object for one manifest, an
 * array for the manifests of an index, attestations included. The digest of the index is nowhere.
 */
#include <stddef.h>
#include <string.h>

#include "import_document.h"
#include "import_format.h"
#include "import_walk.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"

/* Raw is the manifest itself: what it hashes to is what the registry would have to serve. */
static int check_raw(struct import_record *record, const struct node *item, const char *named)
{
	size_t size;
	struct digest digest;
	struct digest other;
	char shown[DIGEST_TEXT_SIZE];
	struct error ignored = ERROR_INIT;
	const char *raw = import_walk_text(item, "Raw");
	if (raw == NULL || named == NULL || digest_parse(named, &other, &ignored) != 0 ||
		other.algorithm != DIGEST_SHA256) {
		return 0;
	}
	CLEANUP(free_at) uint8_t *bytes = import_document_decode(record, "Raw", raw, &size);
	if (bytes == NULL) {
		return -1;
	}
	digest_of(DIGEST_SHA256, bytes, size, &digest);
	return digest_equal(&digest, &other)
			   ? 0
			   : import_record_refuse(record, "Raw", "hashes to %s, but Descriptor.digest is %s",
									  digest_format(&digest, shown), named);
}

/* "registry/repo:tag@digest": the digest is that of the descriptor again. */
static int take_ref(struct import_record *record, const char *ref)
{
	const char *at = ref == NULL ? NULL : strrchr(ref, '@');
	size_t size = ref == NULL ? 0 : at == NULL ? strlen(ref) : (size_t)(at - ref);
	return ref == NULL ? 0 : import_record_add(record, IMPORT_NAME, "Ref", ref, size);
}

/* The manifest is under a name of its kind. */
static int check_manifest(struct import_record *record, const struct node *manifest)
{
	struct node config = import_walk_member(manifest, "config");
	struct node layers = import_walk_member(manifest, "layers");
	const char *type = import_walk_text(&config, "mediaType");
	if (type != NULL && media_type_kind(type) != MEDIA_CONFIG) {
		return import_record_pass_over(record, "config.mediaType", type);
	}
	return import_document_check_layers(record, "layers.mediaType", &layers, "mediaType");
}

static int refine(struct import_record *record, const struct node *object, const struct node *outer)
{
	(void)outer;
	struct node oci = import_walk_member(object, "OCIManifest");
	struct node docker = import_walk_member(object, "SchemaV2Manifest");
	struct node descriptor = import_walk_member(object, "Descriptor");
	struct node platform = import_walk_member(&descriptor, "platform");
	const char *os = import_walk_text(&platform, "os");
	if (os != NULL && strcmp(os, "unknown") == 0) {
		return import_record_pass_over(record, "Descriptor.platform", "attestation");
	}
	if (check_manifest(record, &oci) != 0 || check_manifest(record, &docker) != 0 ||
		check_raw(record, object, import_walk_text(&descriptor, "digest")) != 0 ||
		import_walk_add_platform(record, "Descriptor.platform", os,
								 import_walk_text(&platform, "architecture"),
								 import_walk_text(&platform, "variant")) != 0) {
		return -1;
	}
	return take_ref(record, import_walk_text(object, "Ref"));
}

static const char *const signs[] = {"Ref", "Descriptor.digest", "Descriptor.mediaType", NULL};

static const struct import_place places[] = {
	{IMPORT_MANIFEST, "Descriptor.digest"},
	{IMPORT_CONFIG, "OCIManifest.config.digest"},
	{IMPORT_CONFIG, "SchemaV2Manifest.config.digest"},
	{IMPORT_LAYERS, "OCIManifest.layers.digest"},
	{IMPORT_LAYERS, "SchemaV2Manifest.layers.digest"},
	{IMPORT_OS, "Descriptor.platform.os"},
	{IMPORT_ARCHITECTURE, "Descriptor.platform.architecture"},
	{IMPORT_KEPT, "Descriptor.platform.variant"},
	{IMPORT_KEPT, "Ref"},
	{IMPORT_KEPT, "Raw"},
	{IMPORT_KEPT, "OCIManifest.config.mediaType"},
	{IMPORT_KEPT, "OCIManifest.layers.mediaType"},
	{IMPORT_KEPT, "SchemaV2Manifest.config.mediaType"},
	{IMPORT_KEPT, "SchemaV2Manifest.layers.mediaType"},
	{0},
};

const struct import_format import_format_manifest_inspect = {
	.name = "manifest-inspect",
	.title = "docker manifest inspect --verbose",
	.encoding = IMPORT_JSON,
	.signs = signs,
	.places = places,
	.refine = refine,
};
