/*
 * fuzz_link_header: whatever a Link header is, the target of its next page stands in it, between
 * angle brackets, or there is none.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/link_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_at) char *value = memory_copy_span((const char *)data, size);
	CLEANUP(free_at) char *target = NULL;
	int found = link_header_next(value, &target);
	require((found == 1) == (target != NULL));
	if (found == 1) {
		CLEANUP(free_at) char *link = memory_format("<%s>", target);
		require(strchr(target, '>') == NULL && strstr(value, link) != NULL);
	}
	return 0;
}
