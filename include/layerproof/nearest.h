/*
 * nearest: the internal image that a candidate is best shown beside. Pure.
 */
#ifndef LAYERPROOF_NEAREST_H
#define LAYERPROOF_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/match.h"

struct nearest {
	const struct match_internal *internal; /* NULL: none of ours, and none of unknown origin, was
											  met; borrowed from the facts */
	size_t image; /* place in the facts' images of the one that comes near it; where no internal
					 image was met, of the one that the strongest evidence is about */
};

/* The internal image that the strongest evidence names, of those whose layers the index knows, else
 * the strongest at all. Where that is a document, which several images may have, the one that
 * shares most layers with the candidate, and of equals the first. False without any evidence of an
 * image with layers: there is nothing to show. Equal facts give equal answers. */
bool nearest_find(const struct match_facts *facts, const struct judgement *judgement,
				  struct nearest *out);

#endif
