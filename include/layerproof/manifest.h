/*
 * manifest: one image's config and layers (image-spec manifest.md, Docker image manifest schema 2).
 */
#ifndef LAYERPROOF_MANIFEST_H
#define LAYERPROOF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/descriptor.h"
#include "layerproof/error.h"
#include "layerproof/node.h"

/* Owns everything; manifest_clear() frees it. */
struct manifest {
	struct descriptor config;
	struct descriptor *layers; /* bottom first */
	size_t layer_count;        /* at most LIMIT_LAYERS, else ERROR_OVER_LIMIT */
	struct digest
		base_digest; /* annotation org.opencontainers.image.base.digest; unset when none */
	bool is_image;   /* the config is an image configuration; otherwise an artifact */
};

/* `document` is the parsed manifest (node_parse()). */
int manifest_read(const json_t *document, struct manifest *out, struct error *err);
void manifest_clear(struct manifest *manifest);

#endif
