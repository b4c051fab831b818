/*
 * record: how a value lies on disk; private to this folder.
 *
 * A head, which a checksum over it and the key guards, and for documents a body, which its own
 * digest guards. Numbers are the machine's own: no other reads them.
 */
#ifndef LAYERPROOF_CACHE_RECORD_H
#define LAYERPROOF_CACHE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "generations.h"
#include "layerproof/store.h"

/* The value of a record, whose key is set. Owned. */
void record_write(struct generations_record *record, struct store_bytes head,
				  struct store_bytes body);

/* Finds head and body, both borrowed from `value`. False when they are not what was written. */
bool record_read(const struct generations_record *key, struct store_bytes value,
				 struct store_bytes *head, struct store_bytes *body);

#endif
