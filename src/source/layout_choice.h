/*
 * layout_choice: which entry of a layout's index.json a reference means.
 */
#ifndef LAYERPROOF_SOURCE_LAYOUT_CHOICE_H
#define LAYERPROOF_SOURCE_LAYOUT_CHOICE_H

#include "layerproof/descriptor.h"
#include "layerproof/image_index.h"
#include "layerproof/reference.h"

/* A digest need not stand in the index: any blob of the layout may be asked for, and `out` has then
 * no size and no media type. A tag is held against org.opencontainers.image.ref.name
 * (annotations.md), which holds a tag or a whole name; an equal text goes before the tag of a name.
 * Without either there must be one image. `out` is overwritten on success and owned by the caller.
 * ERROR_NOT_FOUND; ERROR_BAD_REFERENCE when it fits several images, which the text names. */
int layout_choose(const struct image_index *index, const struct reference *reference,
				  struct descriptor *out, struct error *err);

#endif
