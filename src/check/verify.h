/*
 * verify: the bytes of one layer, fetched and hashed unless they are known; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_VERIFY_H
#define LAYERPROOF_CHECK_VERIFY_H

#include <stdint.h>

#include "layerproof/layer.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"
#include "recall.h"

/* 0 with the result, from memory or from the bytes; `*fetched` is what was received for it (0:
 * known already). -1 with the reason when the bytes could not be had to their end; `out` then holds
 * what was learnt. Only blobs that hash to their descriptor's digest are remembered. */
int verify_layer(struct source *source, const struct tree_layer *layer, struct recall *recall,
				 struct layer_result *out, uint64_t *fetched, struct error *err);

#endif
