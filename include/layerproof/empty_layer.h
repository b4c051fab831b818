/*
 * empty_layer: the layers without content that builders write everywhere (domain.md section 1,
 * registry-facts 86).
 *
 * Never evidence. The list is a shortcut: what decides is the content (no non-empty regular file).
 */
#ifndef LAYERPROOF_EMPTY_LAYER_H
#define LAYERPROOF_EMPTY_LAYER_H

#include <stdbool.h>

#include "layerproof/digest.h"

/* Whether the digest (of a blob, a tar, a config or a chain) is one of the well-known empties, `{}`
 * and the empty blob included. */
bool empty_layer_is_known(const struct digest *digest);

#endif
