#include "reading.h"

#include <stdlib.h>

#include "content.h"
#include "layerproof/memory.h"
#include "layerproof/root_history.h"

static void add_top(struct internal_image *image, enum identity identity,
					const struct digest *digest)
{
	if (digest_is_set(digest))
		internal_image_add_top(image, identity, digest);
}

static size_t root_layers(const struct tree_image *from)
{
	CLEANUP(free_at)
	struct root_history *layers = memory_alloc(from->layer_count, sizeof(*layers));
	for (size_t i = 0; i < from->layer_count; i++)
		layers[i] = (struct root_history){
			.created_by = from->layers[i].created_by,
			.is_empty = from->layers[i].is_empty,
		};
	return root_history_layers(layers, from->layer_count);
}

/* Everything the image is known by; chain_ids follow from the diff_ids. */
static struct internal_image make_image(const struct reading *reading, const struct tree *tree,
										const struct tree_image *from)
{
	struct internal_image image = {
		.name = memory_copy_text(reading->name),
		.platform = memory_copy_text(from->platform),
		.source = memory_copy_text("add"),
		.origin = reading->held == NULL ? ORIGIN_UNKNOWN : reading->held->origin,
		.base_digest = from->base_digest,
		.has_boundary = reading->held != NULL && reading->held->has_boundary,
		.boundary = reading->held == NULL ? 0 : reading->held->boundary,
		.root_layers = root_layers(from),
	};
	for (size_t i = 0; i < tree->index_count; i++)
		add_top(&image, IDENTITY_INDEX, &tree->indexes[i]);
	add_top(&image, IDENTITY_MANIFEST, &from->manifest);
	add_top(&image, IDENTITY_CONFIG, &from->config);
	for (size_t i = 0; i < from->layer_count; i++) {
		const struct tree_layer *layer = &from->layers[i];
		if (layer->has_blob_digest && digest_is_set(&layer->descriptor.digest))
			internal_image_add_layer(&image, &layer->descriptor.digest);
		if (digest_is_set(&layer->diff_id))
			internal_image_add_diff_id(&image, &layer->diff_id);
	}
	return image;
}

/* Bytes that were not those declared must not become an internal image. */
static bool is_sound(const struct tree *tree, int image)
{
	for (size_t i = 0; i < tree->error_count; i++)
		if (tree->errors[i].error.code == ERROR_TAMPERED &&
			(tree->errors[i].image == image || tree->errors[i].image < 0))
			return false;
	return true;
}

static bool is_wanted(const struct tree *tree, size_t number)
{
	const struct tree_image *image = &tree->images[number];
	return !image->is_attestation && !image->is_artifact && is_sound(tree, (int)number) &&
		   (digest_is_set(&image->manifest) || digest_is_set(&image->config));
}

/* -1 only for an interrupt: other failures are the outcome's. */
static int add_image(const struct reading *reading, struct source *source, const struct tree *tree,
					 const struct tree_image *from, struct outcome *outcome, struct error *err)
{
	struct error reason = ERROR_INIT;
	CLEANUP(internal_image_clear)
	struct internal_image image = make_image(reading, tree, from);
	CLEANUP(image_files_clear) struct image_files files = {.layers = NULL};
	if (reading->options->has_content && content_read(source, from, reading->options->crew,
													  &image.root_layers, &files, &reason) != 0)
		outcome_fail(outcome, "%s: %s", reading->name, reason.text);
	else
		outcome_add(outcome, &image, &files);
	if (reason.code != ERROR_INTERRUPTED)
		return 0;
	*err = reason;
	return -1;
}

static int add_tree(const struct reading *reading, struct source *source, const struct tree *tree,
					struct outcome *outcome, struct error *err)
{
	for (size_t i = 0; i < tree->error_count; i++)
		outcome_fail(outcome, "%s: %s: %s", reading->name, tree->errors[i].where,
					 tree->errors[i].error.text);
	for (size_t i = 0; i < tree->image_count; i++)
		if (is_wanted(tree, i) &&
			add_image(reading, source, tree, &tree->images[i], outcome, err) != 0)
			return -1;
	return 0;
}

int reading_run(const struct reading *reading,
				int (*accepts)(void *context, const struct tree *tree, struct error *err),
				void *context, struct outcome *outcome, struct error *err)
{
	struct tree tree = {.media_type = NULL};
	struct source *source = source_open(reading->client, reading->reference, err);
	if (source == NULL)
		return -1;
	int result = tree_read(source, reading->reference, &tree, err);
	if (result == 0 && accepts != NULL)
		result = accepts(context, &tree, err);
	if (result == 0)
		result = add_tree(reading, source, &tree, outcome, err);
	tree_clear(&tree);
	source_close(source);
	return result;
}
