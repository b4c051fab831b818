/*
 * manifest: one image's config and layers (image-spec manifest.md, Docker image manifest schema 2).
 */
#ifndef LAYERPROOF_MANIFEST_H
#define LAYERPROOF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/descriptor.h"
#include "layerproof/error.h"

/* Owns everything; manifest_clear() frees it. */
struct manifest {
	struct descriptor config;
	struct descriptor *layers; /* bottom first */
	size_t layer_count;        /* at most LIMIT_LAYERS, else ERROR_OVER_LIMIT */
	struct digest
		base_digest; /* annotation org.opencontainers.image.base.digest; unset when none */
	bool is_image;   /* the config is an image configuration; otherwise an artifact */
};

int manifest_parse(const void *bytes, size_t size, struct manifest *out, struct error *err);
void manifest_clear(struct manifest *manifest);

#endif
