/*
 * base64: bytes as text (RFC 4648), both ways, into memory that the caller gives.
 */
#ifndef LAYERPROOF_BASE64_H
#define LAYERPROOF_BASE64_H

#include <stddef.h>
#include <stdint.h>

enum base64_alphabet {
	BASE64_STANDARD, /* RFC 4648 section 4: '+' and '/', padded with '=' */
	BASE64_URL,      /* RFC 4648 section 5: '-' and '_', without padding (RFC 7515 section 2) */
};

/* Room that the text of `size` bytes takes, its NUL included. */
#define BASE64_ENCODED_ROOM(size) (((size) + 2) / 3 * 4 + 1)

/* Room that is enough for the bytes behind a text of `size` characters. */
#define BASE64_DECODED_ROOM(size) ((size) / 4 * 3 + 3)

/* Writes the text of `size` bytes and a NUL into `text`, which has BASE64_ENCODED_ROOM(size) bytes.
 * Returns its length. */
size_t base64_encode(enum base64_alphabet alphabet, const void *bytes, size_t size, char *text);

/* Strict: only characters of the alphabet, exactly its padding, and no bits left over (RFC 4648
 * section 3.5), so that no two texts stand for the same bytes. `out` has BASE64_DECODED_ROOM(size)
 * bytes, and `*out_size` gets how many were written. -1 when the text is not of that kind; `out`
 * may then hold anything. */
int base64_decode(enum base64_alphabet alphabet, const char *text, size_t size, uint8_t *out,
				  size_t *out_size);

#endif
