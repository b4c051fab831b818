/*
 * digest: a content identifier, as a value (image-spec descriptor.md, "Digests").
 *
 * Two algorithms are computed here, sha256 and sha512. A digest of another registered or future
 * algorithm is legal text but cannot be verified; digest_parse() says ERROR_UNSUPPORTED for it and
 * ERROR_MALFORMED for anything that is no digest at all.
 */
#ifndef LAYERPROOF_DIGEST_H
#define LAYERPROOF_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"

/* Values are stored in the index: never renumber. */
enum digest_algorithm {
	DIGEST_NONE = 0, /* no digest: a zeroed struct */
	DIGEST_SHA256 = 1,
	DIGEST_SHA512 = 2,
};

enum {
	DIGEST_BYTES_MAX = 64,
	DIGEST_TEXT_SIZE = 7 + 128 + 1, /* "sha512:" + hex + NUL */
};

/* Open value: copy, compare and zero it freely. Bytes behind the algorithm's size are zero. */
struct digest {
	enum digest_algorithm algorithm;
	uint8_t bytes[DIGEST_BYTES_MAX];
};

/* Bytes of a digest of this algorithm: 32, 64, or 0 for DIGEST_NONE. */
size_t digest_size(enum digest_algorithm algorithm);

/* "sha256", "sha512" or "none". */
const char *digest_algorithm_name(enum digest_algorithm algorithm);

/* Strict: "algorithm:lower-case-hex" of exactly the right length, nothing before or behind.
 * `out` is written only on success. */
int digest_parse(const char *text, struct digest *out, struct error *err);

/* What a spreadsheet or scanner may have made of it: surrounding blanks, upper case, bare 64
 * hex, and "sha256%3A" or "sha256-" for the colon are taken and folded; sha512 likewise with its
 * prefix. All zeros are refused. */
int digest_parse_lenient(const char *text, size_t size, struct digest *out, struct error *err);

/* Writes "algorithm:hex" and returns `text`; "" for DIGEST_NONE. */
const char *digest_format(const struct digest *digest, char text[static DIGEST_TEXT_SIZE]);

static inline bool digest_is_set(const struct digest *digest)
{
	return digest->algorithm != DIGEST_NONE;
}

bool digest_equal(const struct digest *a, const struct digest *b);

/* Whether one cannot be the other: both are set, of one algorithm, and not equal. What different
 * algorithms say of some bytes cannot be compared. */
bool digest_differs(const struct digest *a, const struct digest *b);

/* Total order: algorithm, then bytes. <0, 0, >0. */
int digest_compare(const struct digest *a, const struct digest *b);

/* One call: the digest of `size` bytes. */
void digest_of(enum digest_algorithm algorithm, const void *bytes, size_t size, struct digest *out);

/* A running hash over OpenSSL's EVP. One stream is reused for any number of messages:
 * digest_stream_start() begins each. Not shared between threads. */
struct digest_stream;

struct digest_stream *digest_stream_new(void);
void digest_stream_free(struct digest_stream *stream); /* NULL is legal */
void digest_stream_start(struct digest_stream *stream, enum digest_algorithm algorithm);
void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t size);
void digest_stream_finish(struct digest_stream *stream, struct digest *out);

#endif
