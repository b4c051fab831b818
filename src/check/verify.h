/*
 * verify: the bytes of one layer, fetched and hashed at most once in a run; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_VERIFY_H
#define LAYERPROOF_CHECK_VERIFY_H

#include <stdint.h>

#include "layerproof/layer.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"
#include "once.h"

/* A table of what blobs were found to be, to be freed with once_free(). */
struct once *verify_memo_new(void);

/* 0 with the result, from the table or from the bytes; `*fetched` is what was received for it (0:
 * known already). -1 with the reason when the bytes could not be had to their end; `out` then holds
 * what was learnt. Only blobs that hash to their descriptor's digest are remembered. */
int verify_layer(struct source *source, const struct tree_layer *layer, struct once *memo,
				 struct layer_result *out, uint64_t *fetched, struct error *err);

#endif
