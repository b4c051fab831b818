/*
 * stamp: what an environment's file looked like when the last process closed it; private to this
 * folder. LMDB trusts its pages, so one that was altered since, or was never closed, is not opened.
 */
#ifndef LAYERPROOF_CACHE_STAMP_H
#define LAYERPROOF_CACHE_STAMP_H

#include <stdbool.h>

#define STAMP_NAME "stamp"

/* Both of the generation in this directory, while no other process has it open. */
bool stamp_fits(const char *directory);
void stamp_write(const char *directory);

#endif
