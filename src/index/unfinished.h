/*
 * unfinished: the first import of an index, when it is too large for one transaction.
 *
 * It is written in steps, under a mark that is taken away by the last of them, which also writes
 * the state. Whoever finds the mark takes the index for the empty one that it was: readers see
 * nothing of it, and writers clear it first.
 */
#ifndef LAYERPROOF_INDEX_UNFINISHED_H
#define LAYERPROOF_INDEX_UNFINISHED_H

#include "index_private.h"

/* Whether a state is that of an index into which nothing was ever put. */
bool unfinished_may_begin(const struct record_state *state);

/* Whether the mark is there: 1, 0 or -1. */
int unfinished_is_marked(struct store_txn *txn, struct error *err);

/* Inside a write transaction. */
int unfinished_mark(struct store_txn *txn, struct error *err);
int unfinished_unmark(struct store_txn *txn, struct error *err);

/* What an import that never ended has left. */
int unfinished_clear(struct store_txn *txn, struct error *err);

#endif
