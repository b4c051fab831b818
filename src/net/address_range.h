/*
 * address_range: a network in CIDR notation (RFC 4632, RFC 4291 section 2.3).
 */
#ifndef LAYERPROOF_NET_ADDRESS_RANGE_H
#define LAYERPROOF_NET_ADDRESS_RANGE_H

#include "address.h"
#include "layerproof/error.h"

struct address_range {
	struct address base;
	int bits; /* of `base` that an address of the range begins with */
};

/* Reads "10.0.0.0/8", "fd00::/8", or one address alone. What stands behind the prefix is not looked
 * at. False for anything else. */
bool address_range_read(const char *text, struct address_range *out);

/* The same for what a user names: ERROR_USAGE with the reason, also where bits are set behind the
 * prefix, since then the address or the prefix is not what was meant. */
int address_range_parse(const char *text, struct address_range *out, struct error *err);

/* IPv4 and IPv6 are apart: 0.0.0.0/0 holds no IPv6 address. */
bool address_range_holds(const struct address_range *range, const struct address *address);

#endif
