/*
 * image_json: members that records of internal images share; private to this folder.
 */
#ifndef LAYERPROOF_CMD_IMAGE_JSON_H
#define LAYERPROOF_CMD_IMAGE_JSON_H

#include <jansson.h>

#include "layerproof/internal_image.h"

/* Adds `digests`, `layers` and `diff_ids`. */
void image_json_add_digests(json_t *object, const struct internal_image *image);

/* Adds `severities`, the classes that have one, and `layer_severities`; nothing when there is none.
 */
void image_json_add_severities(json_t *object, const struct severities *severities,
							   const struct layer_severities *layers, size_t layer_count);

#endif
