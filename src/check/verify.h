/*
 * verify: the bytes of one layer, fetched and hashed at most once in a run; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_VERIFY_H
#define LAYERPROOF_CHECK_VERIFY_H

#include <stdint.h>

#include "layerproof/layer.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"

/* What blobs were found to be, by their digest and the algorithm of the diff_id. */
struct verify_memo;
struct verify_memo *verify_memo_new(void);
void verify_memo_free(struct verify_memo *memo); /* NULL is legal */

/* 0 with the result, from the table or from the bytes; `*fetched` is what was received for it (0:
 * known already). -1 with the reason when the bytes could not be had to their end; `out` then holds
 * what was learnt. Only blobs that hash to their descriptor's digest are remembered. */
int verify_layer(struct source *source, const struct tree_layer *layer, struct verify_memo *memo,
				 struct layer_result *out, uint64_t *fetched, struct error *err);

#endif
