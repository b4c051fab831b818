/*
 * import_fold: exports with a row for each finding of a scanner: all rows of one image become one.
 *
 * Rows are of one image when they agree in name, platform, origin, all digests of index, manifest
 * and config, and both lists of layers. Layers at a place not known are united, severities the
 * greatest. Memory grows with images, not with rows.
 */
#ifndef LAYERPROOF_IMPORT_FOLD_H
#define LAYERPROOF_IMPORT_FOLD_H

#include <stdbool.h>

#include "layerproof/error.h"
#include "layerproof/internal_image.h"

struct import_fold;

struct import_fold *import_fold_new(void);
void import_fold_free(struct import_fold *fold); /* NULL is legal */

/* Takes the image and leaves it empty. */
void import_fold_add(struct import_fold *fold, struct internal_image *image, bool has_origin);

/* Gives each image, in the order of their first rows; ends at a return other than 0 and returns it.
 */
int import_fold_each(struct import_fold *fold,
					 int (*visit)(void *context, const struct internal_image *image,
								  bool has_origin, struct error *err),
					 void *context, struct error *err);

#endif
