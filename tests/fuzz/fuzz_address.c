/*
 * fuzz_address: an address, a network and a list of no_proxy, a line each. An address that is
 * written and read again is the same one and as public; a network holds its own first address; what
 * is refused as a network of the user's was either no network or has bits behind its prefix.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"
#include "net/address.h"
#include "net/address_range.h"
#include "net/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_address(const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	const char *what = NULL;
	const char *again = NULL;
	struct address other;
	require(address->size == 4 || address->size == 16);
	address_write(address, text);
	require(address_parse(text, &other) && address_equal(address, &other));
	require(address_class(address, &what) == address_class(&other, &again) && what == again);
	require(address_begins_with(address, other.bytes, (int)address->size * 8));
}

static void check_range(const char *text, const struct address *address)
{
	struct address_range range;
	struct address_range strict;
	struct error err = ERROR_INIT;
	int is_network = address_range_read(text, &range);
	int is_strict = address_range_parse(text, &strict, &err) == 0;
	require(is_strict == (err.code == ERROR_NONE) && (is_network || !is_strict));
	if (!is_network)
		return;
	require(range.bits >= 0 && range.bits <= (int)range.base.size * 8);
	require(address_range_holds(&range, &range.base));
	if (address != NULL && address_range_holds(&range, address))
		require(address_begins_with(address, range.base.bytes, range.bits));
	if (address != NULL && range.bits == 0)
		require(address_range_holds(&range, address) == (address->size == range.base.size));
}

/* The line at `*rest`, which goes on to the next; "" behind the last. */
static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");
	return line == NULL ? strchr("", '\0') : line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address address;
	char *text CLEANUP(free_at) = memory_copy_span((const char *)data, size);
	char *rest = text;
	char *host = next_line(&rest);
	char *network = next_line(&rest);
	char *except = next_line(&rest);
	int is_literal = address_parse(host, &address);
	if (is_literal)
		check_address(&address);
	check_range(network, is_literal ? &address : NULL);
	if (proxy_is_excepted(except, host))
		require(*except != '\0');
	return 0;
}
