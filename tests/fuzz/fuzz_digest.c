/*
 * fuzz_digest: what is taken strictly is its own canonical text; what is taken leniently stands for
 * one digest, which its hexadecimal digits can be seen in.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/digest.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_strict(const char *text)
{
	struct error err = ERROR_INIT;
	struct digest digest = {.algorithm = DIGEST_NONE};
	char canonical[DIGEST_TEXT_SIZE];
	if (digest_parse(text, &digest, &err) != 0) {
		require(err.code == ERROR_MALFORMED || err.code == ERROR_UNSUPPORTED);
		require(err.text[0] != '\0' && !digest_is_set(&digest));
		return;
	}
	require(err.code == ERROR_NONE);
	require(strcmp(digest_format(&digest, canonical), text) == 0);
}

/* The digits of the digest, in whatever case, are the last but for blanks. */
static void check_digits(const uint8_t *data, size_t size, const char *canonical)
{
	const char *digits = strchr(canonical, ':') + 1;
	size_t count = strlen(digits);
	while (size > 0 && isspace(data[size - 1]))
		size--;
	require(size >= count);
	for (size_t i = 0; i < count; i++)
		require(tolower(data[size - count + i]) == digits[i]);
}

static void check_lenient(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct digest digest = {.algorithm = DIGEST_NONE};
	struct digest again;
	char canonical[DIGEST_TEXT_SIZE];
	if (digest_parse_lenient((const char *)data, size, &digest, &err) != 0) {
		require(err.code == ERROR_MALFORMED || err.code == ERROR_UNSUPPORTED);
		require(err.text[0] != '\0' && !digest_is_set(&digest));
		return;
	}
	digest_format(&digest, canonical);
	check_digits(data, size, canonical);
	require(digest_parse(canonical, &again, &err) == 0);
	require(digest_equal(&digest, &again) && err.code == ERROR_NONE);
}

/* However the bytes come, their digest is the same. */
static void check_stream(const uint8_t *data, size_t size, enum digest_algorithm algorithm)
{
	struct digest whole;
	struct digest parts;
	struct digest_stream *stream = digest_stream_new();
	digest_of(algorithm, data, size, &whole);
	digest_stream_start(stream, algorithm);
	digest_stream_add(stream, data, size / 3);
	digest_stream_add(stream, data + size / 3, size - size / 3);
	digest_stream_finish(stream, &parts);
	digest_stream_free(stream);
	require(digest_equal(&whole, &parts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	check_strict(text);
	check_lenient(data, size);
	check_stream(data, size, DIGEST_SHA256);
	check_stream(data, size, DIGEST_SHA512);
	return 0;
}
