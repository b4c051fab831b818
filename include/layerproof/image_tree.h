/*
 * image_tree: an image as `inspect` shows it to people.
 */
#ifndef LAYERPROOF_IMAGE_TREE_H
#define LAYERPROOF_IMAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/finding.h"
#include "layerproof/match.h"
#include "layerproof/reference.h"

/* The tree for people: each digest on its line, with what the index says of it. */
int image_tree_write(const struct reference *reference, const struct match_facts *facts,
					 const struct finding_error *errors, size_t error_count, bool colour,
					 struct buffer *out, struct error *err);

#endif
