/*
 * fuzz_content_range: a range that is taken makes sense, and is the same when it is written out.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/content_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct content_range range;
	struct content_range again;
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	if (content_range_read(text, &range) != 0)
		return 0;
	require(range.first >= 0 && range.last >= range.first);
	require(range.total == -1 || range.last < range.total);
	char *total CLEANUP(free_at) = range.total == -1
									   ? memory_copy_text("*")
									   : memory_format("%lld", (long long)range.total);
	char *written CLEANUP(free_at) = memory_format("bytes %lld-%lld/%s", (long long)range.first,
												   (long long)range.last, total);
	require(content_range_read(written, &again) == 0);
	require(again.first == range.first && again.last == range.last && again.total == range.total);
	return 0;
}
