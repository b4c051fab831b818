/*
 * verify: the bytes of one layer, fetched and hashed unless they are known; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_VERIFY_H
#define LAYERPROOF_CHECK_VERIFY_H

#include <stdint.h>

#include "file_hits.h"
#include "layerproof/layer.h"
#include "layerproof/layer_progress.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"
#include "recall.h"

/* What came of the bytes of a layer. */
struct verified {
	bool is_whole;              /* they were read to their end, or are known */
	struct layer_result result; /* without `is_whole`: what was learnt before they ended */
	struct error reason;        /* why they ended */
	uint64_t fetched;           /* bytes received for it; 0: it was known already */
	struct file_hits *files;    /* owned; NULL: they were not looked for */
	struct error index_failure; /* of the look-up of files; ERROR_NONE */
};

void verified_clear(struct verified *found);

/* What the layers of a run are read with. */
struct verify_tools {
	struct crew *crew;               /* borrowed; may be NULL */
	bool is_sha512_wanted;           /* the index knows digests by it */
	struct layer_progress *progress; /* borrowed; may be NULL */
	struct index *files;             /* borrowed: whose files are looked for; NULL: no files are */
};

/* Only blobs that hash to their descriptor's digest are remembered. */
void verify_layer(const struct verify_tools *tools, struct source *source,
				  const struct tree_layer *layer, struct recall *recall, struct verified *out);

#endif
