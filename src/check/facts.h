/*
 * facts: what the index says of each digest of a tree; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_FACTS_H
#define LAYERPROOF_CHECK_FACTS_H

#include "layerproof/index.h"
#include "layerproof/layer.h"
#include "layerproof/match.h"
#include "layerproof/tree.h"
#include "released.h"

/* The facts of one tree, and the internal images they point at. */
struct fact_book {
	struct match_facts facts;
	bool complete_bases;               /* the configuration's word, for boundaries */
	bool is_capped;                    /* some digest has more holders than were looked at */
	struct match_internal **internals; /* by number, ascending */
	size_t internal_count;
	size_t internal_capacity;
	struct released released;
};

/* What is known beside the tree and the index. */
struct fact_options {
	bool complete_bases;               /* the configuration's word, for boundaries */
	bool is_authorized;                /* as in match_facts */
	const struct digest_set *released; /* borrowed as long as the book is */
};

/* Looks every digest of the tree up. `snapshot` may be NULL: then nothing is known. `tree` is
 * borrowed. */
int fact_book_gather(struct fact_book *book, const struct tree *tree,
					 const struct fact_options *options, struct index_snapshot *snapshot,
					 struct error *err);

/* The internal image of this number, read once per book; NULL when the index failed. */
const struct match_internal *fact_book_internal(struct fact_book *book, uint32_t number,
												struct index_snapshot *snapshot, struct error *err);

/* Takes in what the bytes of a layer were found to be, and looks the computed digests up.
 * `result->digest` is unset when the bytes could not be had to their end. */
int fact_book_learn_layer(struct fact_book *book, size_t image, size_t layer,
						  const struct layer_result *result, struct index_snapshot *snapshot,
						  struct error *err);

/* Takes in that other bytes are served for a layer than were declared, though not which: there were
 * too many to be read to their end. */
void fact_book_distrust_layer(struct fact_book *book, size_t image, size_t layer);

void fact_book_clear(struct fact_book *book);

#endif
