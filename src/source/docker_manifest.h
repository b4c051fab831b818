/*
 * docker_manifest: manifest.json of what `docker save` writes: for each image the names of its
 * configuration and of its layers in the archive (moby image spec v1.2, "Combined Image JSON +
 * Filesystem Changeset Format").
 */
#ifndef LAYERPROOF_SOURCE_DOCKER_MANIFEST_H
#define LAYERPROOF_SOURCE_DOCKER_MANIFEST_H

#include <stddef.h>

#include "layerproof/error.h"

struct docker_image {
	char *config;
	char **layers;      /* bottom first */
	size_t layer_count; /* at most LIMIT_LAYERS */
	char **tags;        /* "name:tag"; none for an image saved by its identifier */
	size_t tag_count;
};

/* Owns its images; docker_manifest_clear() frees them. */
struct docker_manifest {
	struct docker_image *images;
	size_t count;
};

int docker_manifest_parse(const void *bytes, size_t size, struct docker_manifest *out,
						  struct error *err);
void docker_manifest_clear(struct docker_manifest *manifest);

/* The image that `wanted` means, borrowed: a reference, compared in its normalised form; "@N", the
 * N-th image from 0, as skopeo takes it; or NULL, the only image. NULL with ERROR_NOT_FOUND, or
 * ERROR_BAD_REFERENCE that names the images there are. */
const struct docker_image *docker_manifest_choose(const struct docker_manifest *manifest,
												  const char *wanted, struct error *err);

#endif
