/*
 * content: the layers of an image that is added, each read to its end and hashed; private to this
 * folder.
 */
#ifndef LAYERPROOF_ADD_CONTENT_H
#define LAYERPROOF_ADD_CONTENT_H

#include "image_files.h"
#include "layerproof/crew.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"

/* Reads every layer. -1 with the first one that could not be read whole, or is not what was
 * declared. `*root_layers` grows to the uppermost layer with the os-release of an operating system;
 * `files` gets those of each layer. */
int content_read(struct source *source, const struct tree_image *image, struct crew *crew,
				 size_t *root_layers, struct image_files *files, struct error *err);

#endif
