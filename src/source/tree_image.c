#include <string.h>

#include "layerproof/empty_layer.h"
#include "layerproof/image_config.h"
#include "layerproof/manifest.h"
#include "layerproof/memory.h"
#include "tree_walk.h"

#define MEDIA_TYPE_DOCKER_TAR "application/vnd.docker.image.rootfs.diff.tar"
#define LABEL_BASE_DIGEST     "org.opencontainers.image.base.digest"

struct tree_image *tree_add_image(struct tree_walk *walk)
{
	struct tree *tree = walk->tree;
	tree->images = memory_grow(tree->images, tree->image_count, &walk->image_capacity,
							   sizeof(*tree->images));
	struct tree_image *image = &tree->images[tree->image_count++];
	*image = (struct tree_image){0};
	return image;
}

void tree_image_clear(struct tree_image *image)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		descriptor_clear(&image->layers[i].descriptor);
		free(image->layers[i].created_by);
	}
	free(image->layers);
	free(image->platform);
	free(image->created);
}

void tree_take_manifest_digests(struct tree_image *image, const struct document *document)
{
	image->manifest = document->digest;
	image->manifest_sha256 = document->digest_sha256;
}

static struct tree_image *image_at(struct tree_walk *walk, const struct tree_place *place)
{
	return &walk->tree->images[place->image];
}

static void take_base_label(struct tree_image *image, const struct image_config *config)
{
	struct error ignored = ERROR_INIT; /* a label that is no digest says nothing */
	for (size_t i = 0; i < config->label_count; i++)
		if (strcmp(config->labels[i].name, LABEL_BASE_DIGEST) == 0)
			digest_parse(config->labels[i].value, &image->base_digest, &ignored);
}

/* What the config says of the image beside its layers; an index's or annotation's word goes first.
 */
static void take_description(struct tree_image *image, struct image_config *config)
{
	if (image->platform == NULL)
		image->platform = STEAL(config->platform);
	image->created = STEAL(config->created);
	if (!digest_is_set(&image->base_digest))
		take_base_label(image, config);
}

static void take_diff_ids(struct tree_image *image, const struct image_config *config)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		struct tree_layer *layer = &image->layers[i];
		const struct image_history *history = image_config_layer_history(config, i);
		layer->diff_id = config->diff_ids[i];
		layer->created_by = memory_copy_text(history != NULL ? history->created_by : NULL);
		layer->is_empty = layer->is_empty || empty_layer_is_known(&layer->diff_id);
	}
}

/* -1, with an entry added, when the bytes are no configuration. */
static int parse_config(struct tree_walk *walk, const struct document *document,
						const struct tree_place *place, struct image_config *config)
{
	struct tree_image *image = image_at(walk, place);
	struct error error = ERROR_INIT;
	image->config = document->digest;
	image->config_sha256 = document->digest_sha256;
	if (image_config_parse(document->bytes, document->size, config, &error) == 0)
		return 0;
	tree_add_error(walk, place, &error);
	return -1;
}

/* A config that is short of diff_ids must not take its image out of sight (domain.md): the layers
 * stay, known by their blobs alone. */
static void match_config(struct tree_walk *walk, const struct document *document,
						 const struct tree_place *place)
{
	struct tree_image *image = image_at(walk, place);
	struct image_config config;
	struct error error = ERROR_INIT;
	if (parse_config(walk, document, place, &config) != 0)
		return;
	if (image_config_check_layers(&config, image->layer_count, &error) == 0) {
		take_diff_ids(image, &config);
	} else {
		error.code = ERROR_TAMPERED;
		tree_add_error(walk, place, &error);
	}
	take_description(image, &config);
	image_config_clear(&config);
}

static void note_unknown_algorithm(struct tree_walk *walk, const struct descriptor *layer,
								   const struct tree_place *manifest)
{
	struct tree_place place = {"layer", layer->digest_text, manifest->image};
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_UNSUPPORTED, "a digest of an unknown algorithm");
	tree_add_error(walk, &place, &error);
}

static void take_layers(struct tree_walk *walk, const struct manifest *manifest,
						const struct tree_place *place)
{
	struct tree_image *image = image_at(walk, place);
	image->layers = memory_alloc(manifest->layer_count, sizeof(*image->layers));
	image->layer_count = manifest->layer_count;
	for (size_t i = 0; i < manifest->layer_count; i++) {
		const struct descriptor *descriptor = &manifest->layers[i];
		struct tree_layer *layer = &image->layers[i];
		descriptor_copy(descriptor, &layer->descriptor);
		layer->has_blob_digest = digest_is_set(&descriptor->digest);
		layer->is_empty = empty_layer_is_known(&descriptor->digest);
		if (!layer->has_blob_digest)
			note_unknown_algorithm(walk, descriptor, place);
	}
}

static bool holds_tar_layers(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->layer_count; i++) {
		enum media_kind kind = media_type_kind(manifest->layers[i].media_type);
		if (kind == MEDIA_LAYER || kind == MEDIA_LAYER_FOREIGN || kind == MEDIA_LAYER_ENCRYPTED)
			return true;
	}
	return false;
}

/* The label is the author's word, and an image could be hidden behind it: layers that are tars make
 * it an image all the same. */
static bool is_attestation(struct tree_walk *walk, const struct manifest *manifest,
						   struct tree_image *image)
{
	if (!image->is_attestation || !holds_tar_layers(manifest))
		return image->is_attestation;
	image->is_attestation = false;
	walk->tree->has_false_attestation = true;
	return false;
}

static void take_manifest(struct tree_walk *walk, const struct manifest *manifest,
						  const struct tree_place *place)
{
	struct tree_image *image = image_at(walk, place);
	if (is_attestation(walk, manifest, image))
		return;
	take_layers(walk, manifest, place);
	image->is_artifact = !manifest->is_image;
	if (digest_is_set(&manifest->base_digest))
		image->base_digest = manifest->base_digest;
	if (image->is_artifact)
		return;
	struct tree_place config_place = {"config", manifest->config.digest_text, place->image};
	const struct document *config = tree_read_document(walk, TREE_CONFIG, &manifest->config,
													   &config_place);
	if (config != NULL)
		match_config(walk, config, &config_place);
}

void tree_fill_from_manifest(struct tree_walk *walk, json_t *body, const struct tree_place *place)
{
	struct manifest manifest;
	struct error error = ERROR_INIT;
	int result = manifest_read(body, &manifest, &error);
	json_decref(body); /* before the config is asked for */
	if (result != 0) {
		tree_add_error(walk, place, &error);
		return;
	}
	take_manifest(walk, &manifest, place);
	manifest_clear(&manifest);
}

static int describe_archived_layer(struct tree_walk *walk, const struct digest *diff_id,
								   struct tree_layer *layer, struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	layer->descriptor = (struct descriptor){
		.media_type = memory_copy_text(MEDIA_TYPE_DOCKER_TAR),
		.digest_text = memory_copy_text(digest_format(diff_id, text)),
		.digest = *diff_id,
		.size = -1,
	};
	return source_layer_size(walk->source, &layer->descriptor, &layer->descriptor.size, err);
}

/* A docker-archive knows its layers by their diff_ids alone. Where its own lists do not agree, each
 * layer would fail for the same reason: the first one says it. */
static void take_archived_layers(struct tree_walk *walk, const struct image_config *config,
								 const struct tree_place *place)
{
	struct tree_image *image = image_at(walk, place);
	struct error error = ERROR_INIT;
	image->layers = memory_alloc(config->diff_id_count, sizeof(*image->layers));
	image->layer_count = config->diff_id_count;
	for (size_t i = 0; i < image->layer_count; i++) {
		struct error reason = ERROR_INIT;
		if (describe_archived_layer(walk, &config->diff_ids[i], &image->layers[i], &reason) == 0)
			continue;
		struct tree_place layer = {"layer", image->layers[i].descriptor.digest_text, place->image};
		if (strcmp(reason.text, error.text) != 0)
			tree_add_error(walk, &layer, &reason);
		error = reason;
	}
	take_diff_ids(image, config);
}

void tree_fill_from_config(struct tree_walk *walk, const struct document *document,
						   const struct tree_place *place)
{
	struct image_config config;
	if (parse_config(walk, document, place, &config) != 0)
		return;
	take_archived_layers(walk, &config, place);
	take_description(image_at(walk, place), &config);
	image_config_clear(&config);
}
