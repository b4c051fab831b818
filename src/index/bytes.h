/*
 * bytes: little-endian numbers at any address, order, and the one text of every damaged record.
 */
#ifndef LAYERPROOF_INDEX_BYTES_H
#define LAYERPROOF_INDEX_BYTES_H

#include <stdint.h>

#include "layerproof/error.h"

/* Writes and returns the place behind. */
static inline uint8_t *bytes_put_32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		*at++ = (uint8_t)(value >> (8 * i));
	return at;
}

static inline uint8_t *bytes_put_64(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		*at++ = (uint8_t)(value >> (8 * i));
	return at;
}

static inline uint32_t bytes_get_32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t bytes_get_64(const uint8_t *at)
{
	return (uint64_t)bytes_get_32(at) | (uint64_t)bytes_get_32(at + 4) << 32;
}

/* The first eight bytes as a number of the same order: sorting by it first keeps most comparisons
 * within the array that is sorted. */
static inline uint64_t bytes_sort_prefix(const uint8_t *at)
{
	uint64_t prefix = 0;
	for (int i = 0; i < 8; i++)
		prefix = prefix << 8 | at[i];
	return prefix;
}

static inline int record_damaged(const char *what, struct error *err)
{
	error_set(err, ERROR_MALFORMED, "damaged record of %s", what);
	return -1;
}

#endif
