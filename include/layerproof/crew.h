/*
 * crew: the cores and the memory that all layers being read at one time share.
 *
 * A layer is read by the thread that asks for it. While that thread inflates, a core that has
 * nothing else to do hashes; where every core has a layer of its own, each does all its work by
 * itself, which costs least.
 */
#ifndef LAYERPROOF_CREW_H
#define LAYERPROOF_CREW_H

#include <stdint.h>

#include "layerproof/memory.h"

/* Shared by any number of threads. */
struct crew;

/* `cores`: as many threads compute at one time at most as far as the crew can tell; 0: as many as
 * this process may run on. `memory`: bytes for all layers in flight, LIMIT_MEMORY_LEAST at least;
 * 0: LIMIT_MEMORY_DEFAULT. Half of it bounds how many layers are read at one time, each taking
 * LIMIT_LAYER_MEMORY; the other half is for the windows of zstd frames, of which one larger than
 * that half is ERROR_OVER_LIMIT. What finds no room waits. No thread is started before the first
 * layer that can use it. */
struct crew *crew_new(int cores, int64_t memory);

/* No layer may be being read. NULL is legal. */
void crew_free(struct crew *crew);
DEFINE_CLEANUP(struct crew, crew_free)

#endif
