/*
 * internal_layers: the layers of an internal image by both of its lists, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_INTERNAL_LAYERS_H
#define LAYERPROOF_REPORT_INTERNAL_LAYERS_H

#include "layerproof/alignment.h"
#include "layerproof/internal_image.h"
#include "layerproof/limits.h"

/* The longer of the two lists. */
static inline size_t internal_layers_count(const struct internal_image *image)
{
	return image->layer_count > image->diff_id_count ? image->layer_count : image->diff_id_count;
}

/* As many of them as are shown. */
static inline size_t internal_layers_bounded(const struct internal_image *image)
{
	size_t count = internal_layers_count(image);
	return count < LIMIT_LAYERS ? count : LIMIT_LAYERS;
}

static inline struct alignment_layer internal_layers_get(const struct internal_image *image,
														 size_t place)
{
	struct alignment_layer layer = {.is_empty = false};
	if (place < image->layer_count)
		layer.blob = image->layers[place];
	if (place < image->diff_id_count)
		layer.tar = image->diff_ids[place];
	return layer;
}

#endif
