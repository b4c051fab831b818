/*
 * fuzz_warning_header: a text that is shown holds no control character, each call gets further, and
 * the list comes to an end.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/warning_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_text(const char *text)
{
	require(*text != '\0');
	for (; *text != '\0'; text++)
		require((unsigned char)*text >= 0x20 && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_at) char *value = memory_copy_span((const char *)data, size);
	const char *at = value;
	const char *last = at;
	for (char *text = NULL; (text = warning_header_next(&at)) != NULL; free(text)) {
		require(at > last && strlen(text) < (size_t)(at - last));
		check_text(text);
		last = at;
	}
	return 0;
}
