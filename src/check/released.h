/*
 * released: digests that the company has made public itself, by the configuration; private to this
 * folder.
 *
 * What a released document lists by its digest is released with it: nobody can put other content
 * into it without another digest.
 */
#ifndef LAYERPROOF_CHECK_RELEASED_H
#define LAYERPROOF_CHECK_RELEASED_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"
#include "layerproof/index.h"
#include "layerproof/layer.h"
#include "layerproof/match.h"
#include "layerproof/tree.h"

struct digest_set {
	struct digest *digests; /* ascending */
	size_t count;
	size_t capacity;
};

/* The digests that the configuration lists; and of the images that the index knows by one of them
 * as their index, manifest or config, all others. `index` may be NULL; one that cannot be read adds
 * nothing. Cleared with digest_set_clear(). */
void released_list(const struct digest *listed, size_t count, struct index *index,
				   struct digest_set *out);

void digest_set_clear(struct digest_set *set);

/* For one tree. */
struct released {
	const struct digest_set *listed;     /* borrowed */
	struct digest_set found;             /* what the tree's documents list that are among them */
	struct match_internal configuration; /* what holds them all, for the evidence */
};

void released_gather(struct released *released, const struct digest_set *listed,
					 const struct tree *tree);

/* Takes in that a blob was hashed: one of its two digests releases the other. */
void released_learn(struct released *released, const struct layer_result *result);

bool released_holds(const struct released *released, const struct digest *digest);

void released_clear(struct released *released);

#endif
