/*
 * hints: what points to us in the words of others; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_HINTS_H
#define LAYERPROOF_CHECK_HINTS_H

#include "layerproof/match.h"
#include "layerproof/name_patterns.h"
#include "layerproof/node.h"
#include "layerproof/reference.h"
#include "layerproof/tree.h"

/* Begun by setting `patterns`, the rest 0; hints_clear() frees it. */
struct hints {
	const struct name_patterns *patterns; /* borrowed; NULL: nothing is looked for */
	struct match_hint *items;             /* in the order of reading, each once */
	size_t count;
	size_t capacity;
	struct name_work work;
	bool is_full; /* there were more than LIMIT_HINTS */
};

/* Looks through each document of a tree as it is read. Borrows `hints`. */
struct tree_listener hints_listener(struct hints *hints);

/* Attestations are never matched, not even by name. */
void hints_drop_attestations(struct hints *hints, const struct tree *tree);

/* Looks through registry and repository of the reference, and the publisher that the discovery job
 * named. Each may be NULL. */
void hints_read_name(struct hints *hints, const struct reference *reference,
					 const json_t *discovery);

bool hints_are_cut_off(const struct hints *hints);

void hints_clear(struct hints *hints);

#endif
