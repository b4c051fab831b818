/*
 * file_facts: what the index says of files that were found in a layer; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_FILE_FACTS_H
#define LAYERPROOF_CHECK_FILE_FACTS_H

#include "facts.h"
#include "file_hits.h"

/* Looks the files up again, and holds those that count as ours at the layer's place. */
int file_facts_learn(struct fact_book *book, size_t image, size_t layer,
					 const struct file_hits *hits, struct index_snapshot *snapshot,
					 struct error *err);

#endif
