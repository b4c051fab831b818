#include "address_range.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

enum { MAPPED_BITS = 96 };

/* One to three digits, no sign, no blank. */
static bool read_bits(const char *text, int *out)
{
	size_t size = strspn(text, "0123456789");
	if (size == 0 || size > 3 || text[size] != '\0')
		return false;
	*out = (int)strtol(text, NULL, 10);
	return true;
}

bool address_range_read(const char *text, struct address_range *out)
{
	struct address_range range;
	const char *slash = strchr(text, '/');
	CLEANUP(free_at)
	char *base = memory_copy_span(text, slash == NULL ? strlen(text) : (size_t)(slash - text));
	if (!address_parse(base, &range.base))
		return false;
	int most = (int)range.base.size * 8;
	bool is_mapped = most == 32 && strchr(base, ':') != NULL;
	range.bits = is_mapped ? most + MAPPED_BITS : most;
	if (slash != NULL && !read_bits(slash + 1, &range.bits))
		return false;
	range.bits -= is_mapped ? MAPPED_BITS : 0;
	if (range.bits < 0 || range.bits > most)
		return false;
	*out = range;
	return true;
}

static bool has_bits_behind(const struct address_range *range)
{
	for (int bit = range->bits; bit < (int)range->base.size * 8; bit++)
		if ((range->base.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return true;
	return false;
}

int address_range_parse(const char *text, struct address_range *out, struct error *err)
{
	struct address_range range;
	if (!address_range_read(text, &range))
		return error_set(err, ERROR_USAGE,
						 "\"%s\" is no network like 10.0.0.0/8, fd00::/8 or 10.0.0.5", text);
	if (has_bits_behind(&range))
		return error_set(err, ERROR_USAGE,
						 "\"%s\" is no network: bits are set behind its prefix of %d", text,
						 range.bits);
	*out = range;
	return 0;
}

bool address_range_holds(const struct address_range *range, const struct address *address)
{
	return range->base.size == address->size &&
		   address_begins_with(address, range->base.bytes, range->bits);
}
