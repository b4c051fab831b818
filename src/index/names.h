/*
 * names: texts that many images share, each stored once: repositories, platforms, base digests.
 */
#ifndef LAYERPROOF_INDEX_NAMES_H
#define LAYERPROOF_INDEX_NAMES_H

#include "index_record.h"
#include "layerproof/text_map.h"

/* The first bytes of the SHA-256 of a text. */
enum { NAMES_HASH_SIZE = 8 };

/* Inside a write transaction: the number of a text, which becomes one when it is not yet. `names`
 * are those that the transaction met lately, with their numbers. */
int names_intern(struct text_map *names, struct store_txn *txn, struct record_state *state,
				 struct store_bytes text, uint32_t *out, struct error *err);

/* Takes a name away that nothing has any more. */
int names_forget(struct store_txn *txn, uint32_t number, struct error *err);

/* The text of a number. ERROR_MALFORMED when it is not there. */
int names_get(struct store_txn *txn, uint32_t number, struct store_bytes *out, struct error *err);

#endif
