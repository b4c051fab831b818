/*
 * fuzz_retry_after: a Retry-After is a number of seconds, a date, or nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/tries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	int64_t then = tries_read_retry_after(text, 1767225600);
	int64_t later = tries_read_retry_after(text, 1767225660);
	require(then >= -1 && later >= -1);
	if (strspn(text, "0123456789") == strlen(text))
		require(then == later); /* a number counts from when it comes */
	else
		require((then == -1) == (later == -1) && (then <= 60 ? later <= 0 : later == then - 60));
	return 0;
}
