/*
 * built_on: the known stacks at the bottom of images; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_BUILT_ON_H
#define LAYERPROOF_CHECK_BUILT_ON_H

#include "facts.h"

/* Finds the stack of each image of the book. `snapshot` may be NULL. -1 when the index failed. */
int built_on_gather(struct fact_book *book, struct index_snapshot *snapshot, struct error *err);

#endif
