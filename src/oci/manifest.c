#include "layerproof/manifest.h"

#include "layerproof/limits.h"
#include "layerproof/media_type.h"
#include "layerproof/memory.h"
#include "layerproof/node.h"
#include "member.h"

#define ANNOTATION_BASE_DIGEST "org.opencontainers.image.base.digest"

static const char *const MEMBERS[] = {"config", "layers", "annotations", NULL};

/* Types under which registries and old clients wrote image configurations before the real one was
 * kept; moby's puller takes them as such to this day. */
static const char *const CARELESS_CONFIG_TYPES[] = {"application/octet-stream", "application/json",
													"text/html"};

static bool is_image_config(const char *media_type)
{
	if (media_type_kind(media_type) == MEDIA_CONFIG)
		return true;
	for (size_t i = 0; i < sizeof(CARELESS_CONFIG_TYPES) / sizeof(CARELESS_CONFIG_TYPES[0]); i++)
		if (media_type_equal(media_type, CARELESS_CONFIG_TYPES[i]))
			return true;
	return false;
}

static int read_config(const struct node *root, struct manifest *out, struct error *err)
{
	struct node config;
	if (node_member_object(root, "config", NODE_REQUIRED, &config, err) != 0 ||
		descriptor_read(&config, &out->config, err) != 0)
		return -1;
	out->is_image = is_image_config(out->config.media_type);
	return 0;
}

static int read_layers(const struct node *root, struct manifest *out, struct error *err)
{
	struct node layers;
	if (node_member_array(root, "layers", NODE_REQUIRED, &layers, err) != 0)
		return -1;
	size_t count = node_count(&layers);
	if (count > LIMIT_LAYERS)
		return error_set(err, ERROR_OVER_LIMIT, "manifest: %zu layers are more than %d", count,
						 LIMIT_LAYERS);
	out->layers = memory_alloc(count, sizeof(*out->layers));
	for (; out->layer_count < count; out->layer_count++) {
		struct node layer = node_element(&layers, out->layer_count);
		if (descriptor_read(&layer, &out->layers[out->layer_count], err) != 0)
			return -1;
	}
	return 0;
}

/* Free text of the author (annotations.md): one that is no digest names no base, and is no reason
 * to refuse the manifest. */
static int read_base_digest(const struct node *root, struct manifest *out, struct error *err)
{
	struct node annotations;
	struct node base;
	struct error ignored = ERROR_INIT;
	if (node_member_object(root, "annotations", NODE_OPTIONAL, &annotations, err) != 0)
		return -1;
	if (node_is_set(&annotations) &&
		node_member(&annotations, ANNOTATION_BASE_DIGEST, NODE_REQUIRED, &base, &ignored) == 0)
		(void)member_digest(&base, &out->base_digest, &ignored);
	return 0;
}

int manifest_read(const json_t *document, struct manifest *out, struct error *err)
{
	struct manifest read CLEANUP(manifest_clear) = {.layers = NULL};
	struct node root = node_root(document, "manifest");
	if (node_expect_object(&root, err) != 0 || member_refuse_variants(&root, MEMBERS, err) != 0 ||
		read_config(&root, &read, err) != 0 || read_layers(&root, &read, err) != 0 ||
		read_base_digest(&root, &read, err) != 0)
		return -1;
	*out = read;
	read = (struct manifest){.layers = NULL};
	return 0;
}

void manifest_clear(struct manifest *manifest)
{
	descriptor_clear(&manifest->config);
	for (size_t i = 0; i < manifest->layer_count; i++)
		descriptor_clear(&manifest->layers[i]);
	free(manifest->layers);
	*manifest = (struct manifest){.layers = NULL};
}
