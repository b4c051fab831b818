/*
 * bytes: numbers at any address, and the reading of records that may be damaged.
 */
#ifndef LAYERPROOF_INDEX_BYTES_H
#define LAYERPROOF_INDEX_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/error.h"
#include "layerproof/store.h"

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

/* Big-endian, so that the order of the bytes is that of the numbers. */
static inline uint8_t *bytes_put_ordered_32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		*at++ = (uint8_t)(value >> (24 - 8 * i));
	return at;
}

static inline uint32_t bytes_get_ordered_32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint8_t *bytes_put_ordered_64(uint8_t *at, uint64_t value)
{
	at = bytes_put_ordered_32(at, (uint32_t)(value >> 32));
	return bytes_put_ordered_32(at, (uint32_t)value);
}

static inline uint64_t bytes_get_ordered_64(const uint8_t *at)
{
	return (uint64_t)bytes_get_ordered_32(at) << 32 | bytes_get_ordered_32(at + 4);
}

enum { BYTES_VARINT_MAX = 10 };

/* Seven bits a byte, the lowest first; the last byte is below 128. */
static inline uint8_t *bytes_put_varint(uint8_t *at, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		*at++ = (uint8_t)(value | 128);
	*at++ = (uint8_t)value;
	return at;
}

static inline uint8_t *bytes_put(uint8_t *at, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(at, bytes, size);
	return at + size;
}

/* Bytes of a record not read yet. A take past the end, or of what no writer writes, gives 0 and
 * leaves nothing, so that all later ones fail too. */
struct remaining {
	const uint8_t *at;
	size_t size;
	bool damaged;
};

static inline const uint8_t *take(struct remaining *left, size_t size)
{
	const uint8_t *at = left->at;

	if (left->damaged || size > left->size) {
		left->damaged = true;
		return NULL;
	}
	left->at += size;
	left->size -= size;
	return at;
}

static inline uint8_t take_byte(struct remaining *left)
{
	const uint8_t *at = take(left, 1);
	return at ? *at : 0;
}

/* In its shortest form alone: equal numbers have equal bytes. */
static inline uint64_t take_varint(struct remaining *left)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = take_byte(left);
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			left->damaged = left->damaged || (byte == 0 && shift > 0);
			return left->damaged ? 0 : value;
		}
	}
	left->damaged = true;
	return 0;
}

static inline uint32_t take_varint_32(struct remaining *left)
{
	uint64_t value = take_varint(left);

	if (value > UINT32_MAX)
		left->damaged = true;
	return left->damaged ? 0 : (uint32_t)value;
}

/* A text holds no NUL. */
static inline struct store_bytes take_text(struct remaining *left, uint64_t size)
{
	const uint8_t *at = size > left->size ? NULL : take(left, (size_t)size);

	if (!at || memchr(at, '\0', (size_t)size))
		left->damaged = true;
	return (struct store_bytes){.bytes = at, .size = left->damaged ? 0 : (size_t)size};
}

static inline int record_damaged(const char *what, struct error *err)
{
	error_set(err, ERROR_MALFORMED, "damaged record of %s", what);
	return -1;
}

#endif
