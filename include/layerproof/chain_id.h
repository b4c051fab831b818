/*
 * chain_id: the digest of a stack of layers (image-spec config.md, "Layer ChainID").
 */
#ifndef LAYERPROOF_CHAIN_ID_H
#define LAYERPROOF_CHAIN_ID_H

#include <stddef.h>

#include "layerproof/digest.h"

/* out[i] = ChainID of layers 0..i: out[0] = diff_ids[0]; out[i] = sha256(out[i-1] + " " +
 * diff_ids[i]), over the full "algorithm:hex" texts. The same formula over blob digests gives the
 * key of a stack known by its blobs only. */
void chain_id_compute(const struct digest *diff_ids, size_t count, struct digest *out);

#endif
