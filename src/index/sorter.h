/*
 * sorter: records of one size, given in any order and taken back in the order of their bytes.
 */
#ifndef LAYERPROOF_INDEX_SORTER_H
#define LAYERPROOF_INDEX_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/memory.h"

struct sorter;

/* `memory`: bytes of records that are held; more are sorted in runs on disk and merged. 0: all. */
struct sorter *sorter_new(size_t record_size, size_t memory);
void sorter_free(struct sorter *sorter); /* NULL is legal */
DEFINE_CLEANUP(struct sorter, sorter_free)

/* Room for a record behind those there, to be written at once. After a failure it goes nowhere. */
uint8_t *sorter_add(struct sorter *sorter);

/* Sorts what was added; the next is the first. Nothing is added after the first call. */
void sorter_rewind(struct sorter *sorter);

/* The next record, or NULL at the end or after a failure. Borrowed until the next call; of a sorter
 * that holds all, for as long as it lives. */
const uint8_t *sorter_next(struct sorter *sorter);

/* After the last record: -1 when the disk failed, and not all came. */
int sorter_check(const struct sorter *sorter, struct error *err);

#endif
