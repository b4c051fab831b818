/*
 * generations: the environments on disk; private to this folder.
 *
 * There are two at the most, each up to half the size allowed: the newer one is written, both are
 * read. When the newer one is full a third is begun, and the oldest removed whole. So nothing is
 * ever deleted from an environment, whose file could not shrink. DIRECTORY/v1/NUMBER is one.
 */
#ifndef LAYERPROOF_CACHE_GENERATIONS_H
#define LAYERPROOF_CACHE_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/store.h"

struct generations;

struct generations *generations_open(const char *directory, int64_t size, struct error *err);
void generations_close(struct generations *generations); /* NULL is legal */

enum generations_database { CACHE_DOCUMENTS, CACHE_TAGS, CACHE_BLOBS, CACHE_DATABASES };

/* A copy of a value, owned by the caller, or NULL. `*is_old` when it goes with the next removal,
 * and should be put again. */
void *generations_get(struct generations *generations, enum generations_database database,
					  struct store_bytes key, size_t *size, bool *is_old);

/* One record to be written. Owns its bytes. */
struct generations_record {
	enum generations_database database;
	uint8_t key[DIGEST_BYTES_MAX + 2];
	size_t key_size;
	void *value;
	size_t size;
};

/* Writes them in one transaction, or does without. */
void generations_put(struct generations *generations, const struct generations_record *records,
					 size_t count);

#endif
