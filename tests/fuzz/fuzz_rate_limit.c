/*
 * fuzz_rate_limit: what headers say of a quota is a count or nothing, whoever wrote them. The first
 * byte chooses the header.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/rate_limit.h"

enum { NOW = 1767225600, MINUTE = 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* A number counts from when it comes, a date does not. */
static void check_retry_after(const char *text)
{
	int64_t then = rate_limit_retry_after(text, NOW);
	int64_t later = rate_limit_retry_after(text, NOW + MINUTE);
	require(then >= -1 && later >= -1);
	if (strspn(text, "0123456789") == strlen(text))
		require(then == later);
	else
		require((then == -1) == (later == -1) &&
				(then <= MINUTE ? later <= 0 : later == then - MINUTE));
}

static size_t count_headers(void)
{
	size_t count = 0;
	while (RATE_LIMIT_HEADERS[count] != NULL)
		count++;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rate_limit limit = RATE_LIMIT_INIT;
	if (size == 0)
		return 0;
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data + 1, size - 1);
	check_retry_after(text);
	rate_limit_read(RATE_LIMIT_HEADERS[data[0] % count_headers()], text, NOW, &limit);
	require(limit.limit >= -1 && limit.remaining >= -1 && limit.window >= -1);
	require(limit.reset >= -1 && limit.retry >= -1);
	return 0;
}
