#include "layerproof/digest.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

struct algorithm {
	const char *name;
	size_t size;
};

static const struct algorithm algorithms[] = {
	[DIGEST_NONE] = {"none", 0},
	[DIGEST_SHA256] = {"sha256", 32},
	[DIGEST_SHA512] = {"sha512", 64},
};

enum { ALGORITHM_COUNT = sizeof(algorithms) / sizeof(algorithms[0]) };

size_t digest_size(enum digest_algorithm algorithm)
{
	return (size_t)algorithm < ALGORITHM_COUNT ? algorithms[algorithm].size : 0;
}

const char *digest_algorithm_name(enum digest_algorithm algorithm)
{
	return (size_t)algorithm < ALGORITHM_COUNT ? algorithms[algorithm].name : "none";
}

static enum digest_algorithm algorithm_named(const char *name, size_t size)
{
	for (size_t i = DIGEST_SHA256; i < ALGORITHM_COUNT; i++)
		if (strlen(algorithms[i].name) == size && memcmp(algorithms[i].name, name, size) == 0)
			return (enum digest_algorithm)i;
	return DIGEST_NONE;
}

/* image-spec descriptor.md: algorithm ::= component (separator component)*, [a-z0-9]+ joined by one
 * of "+._-". */
static bool algorithm_is_legal(const char *text, size_t size)
{
	bool component = false;
	for (size_t i = 0; i < size; i++) {
		bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9');
		if (!letter && (!component || strchr("+._-", text[i]) == NULL))
			return false;
		component = letter;
	}
	return component;
}

/* encoded ::= [a-zA-Z0-9=_-]+ */
static bool encoded_is_legal(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) && strchr("=_-", *text) == NULL)
			return false;
	return true;
}

/* Values and 1 of the digits that a digest is written with; 0: no such digit. */
static const uint8_t hex_digits[256] = {
	['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static int hex_decode(const char *hex, struct digest *out, struct error *err)
{
	size_t size = digest_size(out->algorithm);
	const char *name = digest_algorithm_name(out->algorithm);
	size_t length = strlen(hex);
	if (length != 2 * size)
		return error_set(err, ERROR_MALFORMED, "a %s digest has %zu hexadecimal digits, not %zu",
						 name, 2 * size, length);
	for (size_t i = 0; i < size; i++) {
		unsigned high = hex_digits[(uint8_t)hex[2 * i]];
		unsigned low = hex_digits[(uint8_t)hex[2 * i + 1]];
		if (high == 0 || low == 0)
			return error_set(err, ERROR_MALFORMED,
							 "digit %zu of a %s digest is not lower-case hexadecimal",
							 2 * i + (high == 0 ? 1 : 2), name);
		out->bytes[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return 0;
}

int digest_parse(const char *text, struct digest *out, struct error *err)
{
	const char *colon = strchr(text, ':');
	if (colon == NULL)
		return error_set(err, ERROR_MALFORMED, "a digest is ALGORITHM:HEX; there is no \":\"");
	size_t size = (size_t)(colon - text);
	if (!algorithm_is_legal(text, size) || !encoded_is_legal(colon + 1))
		return error_set(err, ERROR_MALFORMED, "not a digest: it breaks the grammar ALGORITHM:HEX");
	struct digest parsed = {.algorithm = algorithm_named(text, size)};
	if (parsed.algorithm == DIGEST_NONE)
		return error_set(err, ERROR_UNSUPPORTED, "a %.*s digest cannot be verified here",
						 (int)(size > 40 ? 40 : size), text);
	if (hex_decode(colon + 1, &parsed, err) != 0)
		return -1;
	*out = parsed;
	return 0;
}

static bool is_all_zero(const struct digest *digest)
{
	static const uint8_t zero[DIGEST_BYTES_MAX];
	return memcmp(digest->bytes, zero, sizeof(zero)) == 0;
}

/* Finds the hex behind "sha256:", "sha256%3A", "sha256-" or nothing; the text is already
 * lower-case. */
static const char *skip_lenient_prefix(const char *text, enum digest_algorithm *algorithm)
{
	static const char *const separators[] = {":", "%3a", "-"};
	*algorithm = DIGEST_SHA256;
	if (strlen(text) < 7)
		return text;
	enum digest_algorithm named = algorithm_named(text, 6);
	if (named == DIGEST_NONE)
		return text;
	*algorithm = named;
	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
		if (strncmp(text + 6, separators[i], strlen(separators[i])) == 0)
			return text + 6 + strlen(separators[i]);
	return text;
}

int digest_parse_lenient(const char *text, size_t size, struct digest *out, struct error *err)
{
	char folded[DIGEST_TEXT_SIZE + 8] = "";
	text_trim(&text, &size);
	if (size == 0)
		return error_set(err, ERROR_MALFORMED, "an empty digest");
	if (memchr(text, '\0', size) != NULL)
		return error_set(err, ERROR_MALFORMED, "a NUL byte in a digest");
	if (size >= sizeof(folded))
		return error_set(err, ERROR_MALFORMED, "%zu characters are too many for a digest", size);
	for (size_t i = 0; i < size; i++)
		folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
	struct digest parsed = {.algorithm = DIGEST_NONE};
	const char *hex = skip_lenient_prefix(folded, &parsed.algorithm);
	if (hex == folded && strchr(folded, ':') != NULL)
		return digest_parse(folded, out, err);
	if (hex_decode(hex, &parsed, err) != 0)
		return -1;
	if (is_all_zero(&parsed))
		return error_set(err, ERROR_MALFORMED, "a digest of zeros only names nothing");
	*out = parsed;
	return 0;
}

const char *digest_format(const struct digest *digest, char text[static DIGEST_TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	size_t size = digest_size(digest->algorithm);
	char *end = text;
	if (size > 0) {
		end = stpcpy(text, digest_algorithm_name(digest->algorithm));
		*end++ = ':';
	}
	for (size_t i = 0; i < size; i++) {
		*end++ = hex[digest->bytes[i] >> 4];
		*end++ = hex[digest->bytes[i] & 15];
	}
	*end = '\0';
	return text;
}

bool digest_differs(const struct digest *a, const struct digest *b)
{
	return digest_is_set(a) && a->algorithm == b->algorithm && !digest_equal(a, b);
}

int digest_compare(const struct digest *a, const struct digest *b)
{
	if (a->algorithm != b->algorithm)
		return a->algorithm < b->algorithm ? -1 : 1;
	return memcmp(a->bytes, b->bytes, digest_size(a->algorithm));
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return digest_compare(a, b) == 0;
}

struct digest_stream {
	EVP_MD_CTX *context;
	enum digest_algorithm algorithm;
};

/* libcrypto fails here only without memory: the algorithms are built in and the arguments are ours.
 */
static void require_libcrypto(int success)
{
	if (success != 1) {
		log_error("libcrypto: SHA-2 is not available");
		abort();
	}
}

static CRYPTO_ONCE methods_once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *sha256_method;
static EVP_MD *sha512_method;

/* Once a process, and for all of it: what EVP_sha256() returns is looked up anew at each use. */
static void fetch_methods(void)
{
	sha256_method = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha512_method = EVP_MD_fetch(NULL, "SHA512", NULL);
}

static const EVP_MD *method_of(enum digest_algorithm algorithm)
{
	require_libcrypto(CRYPTO_THREAD_run_once(&methods_once, fetch_methods));
	return algorithm == DIGEST_SHA512 ? sha512_method : sha256_method;
}

struct digest_stream *digest_stream_new(void)
{
	struct digest_stream *stream = memory_alloc(1, sizeof(*stream));
	stream->context = EVP_MD_CTX_new();
	require_libcrypto(stream->context != NULL);
	return stream;
}

void digest_stream_free(struct digest_stream *stream)
{
	if (stream == NULL)
		return;
	EVP_MD_CTX_free(stream->context);
	free(stream);
}

void digest_stream_start(struct digest_stream *stream, enum digest_algorithm algorithm)
{
	stream->algorithm = algorithm == DIGEST_SHA512 ? DIGEST_SHA512 : DIGEST_SHA256;
	require_libcrypto(EVP_DigestInit_ex2(stream->context, method_of(stream->algorithm), NULL));
}

void digest_stream_add(struct digest_stream *stream, const void *bytes, size_t size)
{
	require_libcrypto(EVP_DigestUpdate(stream->context, bytes, size));
}

void digest_stream_finish(struct digest_stream *stream, struct digest *out)
{
	*out = (struct digest){.algorithm = stream->algorithm};
	require_libcrypto(EVP_DigestFinal_ex(stream->context, out->bytes, NULL));
}

void digest_of(enum digest_algorithm algorithm, const void *bytes, size_t size, struct digest *out)
{
	*out = (struct digest){.algorithm = algorithm == DIGEST_SHA512 ? DIGEST_SHA512 : DIGEST_SHA256};
	require_libcrypto(EVP_Digest(bytes, size, out->bytes, NULL, method_of(out->algorithm), NULL));
}
