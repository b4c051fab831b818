/*
 * allowance: a number of bytes of which several threads take a part for a while, first come, first
 * served. Who holds a part of one allowance must not wait for more of the same.
 */
#ifndef LAYER_ALLOWANCE_H
#define LAYER_ALLOWANCE_H

#include <stdint.h>

#include "layerproof/error.h"

struct allowance;

struct allowance *allowance_new(int64_t size);
void allowance_free(struct allowance *allowance);

/* The whole, of which nobody can take more. */
int64_t allowance_size(const struct allowance *allowance);

/* Waits until `size` bytes, the whole at most, are there and nobody has waited longer. -1 when a
 * signal ends the run: ERROR_INTERRUPTED. */
int allowance_take(struct allowance *allowance, int64_t size, struct error *err);
void allowance_give_back(struct allowance *allowance, int64_t size);

#endif
