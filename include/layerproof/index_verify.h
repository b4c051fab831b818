/*
 * index_verify: all that an index says twice, held against each other (layerproof-index(5)).
 */
#ifndef LAYERPROOF_INDEX_VERIFY_H
#define LAYERPROOF_INDEX_VERIFY_H

#include "layerproof/index.h"

/* What was looked at. */
struct index_verification {
	uint64_t sources;
	uint64_t names; /* texts that images share */
	uint64_t images;
	uint64_t digests;
	uint64_t postings; /* images of digests that many hold */
	uint64_t stacks;   /* nodes of the trie of layer stacks; none where an image cannot be read */
	uint64_t damages;
};

/* Looks at every record of one snapshot, in bounded memory. Each damage is told to `damage` in one
 * line, which names the record and what is wrong with it; a value other than 0 ends the looking. 0:
 * all was looked at, and `out->damages` says how much is wrong. -1: ERROR_SYSTEM,
 * ERROR_INTERRUPTED, or `damage` ended it, which sets no error. */
int index_verify(struct index_snapshot *snapshot, int (*damage)(void *context, const char *text),
				 void *context, struct index_verification *out, struct error *err);

#endif
