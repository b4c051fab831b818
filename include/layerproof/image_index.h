/*
 * image_index: OCI image index or Docker manifest list (image-spec image-index.md).
 */
#ifndef LAYERPROOF_IMAGE_INDEX_H
#define LAYERPROOF_IMAGE_INDEX_H

#include <stddef.h>

#include "layerproof/descriptor.h"
#include "layerproof/error.h"

/* Owns its children; image_index_clear() frees them. */
struct image_index {
	struct descriptor *children;
	size_t count; /* may be 0 (registry-facts 8); at most LIMIT_INDEX_CHILDREN, else
					 ERROR_OVER_LIMIT */
};

int image_index_parse(const void *bytes, size_t size, struct image_index *out, struct error *err);
void image_index_clear(struct image_index *index);

#endif
