/*
 * image_config: what an image declares of itself (image-spec config.md).
 */
#ifndef LAYERPROOF_IMAGE_CONFIG_H
#define LAYERPROOF_IMAGE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"

struct image_history {
	char *created_by; /* NULL when not stated */
	bool empty_layer;
};

struct image_pair {
	char *name;
	char *value;
};

/* Owns everything; image_config_clear() frees it. */
struct image_config {
	char *platform; /* "linux/amd64[/variant]"; NULL when os and architecture are both missing */
	char *created;  /* as written; NULL when not stated */
	struct digest *diff_ids; /* bottom first */
	size_t diff_id_count;
	struct image_history *history;
	size_t history_count;
	struct image_pair *labels;
	size_t label_count;
};

/* Requires rootfs.type "layers" and rootfs.diff_ids, each of a known algorithm (else
 * ERROR_UNSUPPORTED), at most LIMIT_LAYERS of them (else ERROR_OVER_LIMIT). What a person reads is
 * no reason to refuse what proves: `created`, `history` and `Labels` that are not of their kind are
 * left out, and so is a history of more than LIMIT_HISTORY entries. */
int image_config_parse(const void *bytes, size_t size, struct image_config *out, struct error *err);
void image_config_clear(struct image_config *config);

/* The history entry of layer `layer` (counting those that are not empty_layer), or NULL when the
 * history does not line up with the diff_ids. */
const struct image_history *image_config_layer_history(const struct image_config *config,
													   size_t layer);

/* ERROR_MALFORMED unless the config has exactly `layers` diff_ids (domain.md: a short list must
 * never switch checking off). */
int image_config_check_layers(const struct image_config *config, size_t layers, struct error *err);

#endif
