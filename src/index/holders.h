/*
 * holders: which images hold a digest.
 */
#ifndef LAYERPROOF_INDEX_HOLDERS_H
#define LAYERPROOF_INDEX_HOLDERS_H

#include "index_record.h"

/* The entry of a digest: 1, 0 or -1. Borrowed as store_get() says. */
int holders_get(struct store_txn *txn, struct store_bytes key, struct record_entry *out,
				struct error *err);

/* Whether the image is one of the entry's: 1, 0 or -1. */
int holders_have(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 uint32_t number, struct error *err);

/* Numbers of the images, upward, at most `capacity`; returns how many were written, or -1. */
int holders_list(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 uint32_t *out, size_t capacity, struct error *err);

/* Calls `visit` with each holder, upward, until it returns something other than 0, which is
 * returned. */
int holders_each(struct store_txn *txn, struct store_bytes key, const struct record_entry *entry,
				 int (*visit)(void *context, uint32_t number, struct error *err), void *context,
				 struct error *err);

#endif
