/*
 * sorter: records of one size, given in any order and taken back in the order of their bytes.
 */
#ifndef LAYERPROOF_INDEX_SORTER_H
#define LAYERPROOF_INDEX_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/memory.h"

struct sorter;

struct sorter *sorter_new(size_t record_size);
void sorter_free(struct sorter *sorter); /* NULL is legal */
DEFINE_CLEANUP(struct sorter, sorter_free)

/* Room for a record behind those there, to be written at once. */
uint8_t *sorter_add(struct sorter *sorter);

/* Sorts what was added; the next is the first. */
void sorter_rewind(struct sorter *sorter);

/* The next record, or NULL at the end. */
const uint8_t *sorter_next(struct sorter *sorter);

#endif
