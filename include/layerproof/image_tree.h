/*
 * image_tree: an image as `inspect` shows it to people.
 */
#ifndef LAYERPROOF_IMAGE_TREE_H
#define LAYERPROOF_IMAGE_TREE_H

#include <stdbool.h>

#include "layerproof/buffer.h"
#include "layerproof/finding.h"

/* The tree of finding->facts for people: each digest on its line, with what the index says of it;
 * the errors; and the layers beside those of the nearest internal image. */
int image_tree_write(const struct finding *finding, bool colour, struct buffer *out,
					 struct error *err);

#endif
