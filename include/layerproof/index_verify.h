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

/* Looks at every record of one state of the index in `directory`, in bounded memory, and in a
 * process of its own: pages of the file may be such that whoever reads them dies. Each damage is
 * told to `damage` in one line, which names the record and what is wrong with it; a value other
 * than 0 ends the looking. 0: all was looked at that can be, and `out->damages` says how much is
 * wrong. -1: as index_open() but for what is damaged, ERROR_SYSTEM, ERROR_INTERRUPTED, or `damage`
 * ended it, which sets no error. To be called where there is one thread. */
int index_verify(const char *directory, int (*damage)(void *context, const char *text),
				 void *context, struct index_verification *out, struct error *err);

#endif
