/*
 * challenges: what registries have asked for so far, so that the next request brings it along.
 * Shared by all threads.
 */
#ifndef LAYERPROOF_NET_CHALLENGES_H
#define LAYERPROOF_NET_CHALLENGES_H

#include <stdbool.h>

#include "challenge.h"

struct challenges;

struct challenges *challenges_new(void);
void challenges_free(struct challenges *challenges); /* NULL is legal */

/* The last challenge that was met for the repository, or else for any other of the registry (its
 * authority). False when none is known; `out` is owned by the caller. */
bool challenges_find(struct challenges *challenges, const char *registry, const char *repository,
					 struct challenge *out);

/* `repository` is NULL for what holds for all of the registry. */
void challenges_keep(struct challenges *challenges, const char *registry, const char *repository,
					 const struct challenge *challenge);

#endif
