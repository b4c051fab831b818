/*
 * address: an IP address as a value, and what kind of place it is (the IANA special-purpose
 * registries, RFC 6890).
 */
#ifndef LAYERPROOF_NET_ADDRESS_H
#define LAYERPROOF_NET_ADDRESS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum address_class {
	ADDRESS_PUBLIC = 0,
	ADDRESS_LOOPBACK,
	ADDRESS_PRIVATE,   /* RFC 1918, shared (100.64.0.0/10), unique local (fc00::/7) */
	ADDRESS_FORBIDDEN, /* link-local, metadata of clouds, multicast, unspecified, reserved ... */
};

/* Network byte order. An IPv4-mapped IPv6 address is the IPv4 one, since it is sent as that. */
struct address {
	size_t size; /* of what is used of `bytes`: 4 or 16 */
	uint8_t bytes[16];
};

enum { ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN };

/* Reads a literal as URLs have it, "10.0.0.1" or "[fe80::1%25eth0]", or without brackets. False for
 * a name; `out` is then left alone. Zones are dropped. */
bool address_parse(const char *text, struct address *out);

/* False for what is neither IPv4 nor IPv6. */
bool address_of_socket(const struct sockaddr *socket, struct address *out);

bool address_equal(const struct address *a, const struct address *b);

/* Whether its first `bits`, which are no more than it has, are those at `prefix`. */
bool address_begins_with(const struct address *address, const uint8_t *prefix, int bits);

void address_write(const struct address *address, char out[static ADDRESS_TEXT_SIZE]);

/* What kind of place it is; one that wraps an IPv4 address (NAT64, 6to4) is public where that is,
 * and else forbidden. `*what` gets words for it: "a private address". */
enum address_class address_class(const struct address *address, const char **what);

/* localhost, *.localhost (RFC 6761), as in struct url. */
bool address_is_localhost(const char *host);

/* The same, or a literal of 127.0.0.0/8 or ::1. */
bool address_is_loopback(const char *host);

#endif
