/*
 * fuzz_finding: bytes that are said to be a saved finding are shown to a person, or refused with a
 * reason. Nothing that is shown can steer a terminal, and equal bytes give equal texts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/saved_finding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void require_printable(const struct buffer *text)
{
	for (size_t i = 0; i < text->size; i++) {
		unsigned char byte = (unsigned char)text->bytes[i];
		require(byte >= 0x20 || byte == '\n');
		require(byte != 0x7F);
		/* C1 */
		require(byte != 0xC2 || (unsigned char)text->bytes[i + 1] >= 0xA0);
	}
	require(text->bytes[text->size - 1] == '\n');
}

static int show(const uint8_t *data, size_t size, const struct finding_table *table,
				struct buffer *out)
{
	struct error err = ERROR_INIT;
	int result = saved_finding_write((const char *)data, size, "finding", table, out, &err);
	require((result == 0) == (err.code == ERROR_NONE));
	require(result == 0 ||
			(out->size == 0 && strncmp(err.text, "finding: ", strlen("finding: ")) == 0));
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct finding_table all = {.evidence = true};
	const struct finding_table line = {.columns = 80};
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct buffer again = BUFFER_INIT(LIMIT_FINDING_SIZE);
	int result = show(data, size, &all, &out);
	require(show(data, size, &all, &again) == result);
	if (result == 0) {
		require_printable(&out);
		require(out.size == again.size && memcmp(out.bytes, again.bytes, out.size) == 0);
		/* The line alone is what all of it begins with, or less. */
		buffer_reset(&again);
		require(show(data, size, &line, &again) == 0);
		require_printable(&again);
		require(memchr(again.bytes, '\n', again.size) == again.bytes + again.size - 1);
	}
	buffer_clear(&out);
	buffer_clear(&again);
	return 0;
}
