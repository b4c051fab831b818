/*
 * address: which hosts are this machine or a private network, told by their name alone.
 */
#ifndef LAYERPROOF_NET_ADDRESS_H
#define LAYERPROOF_NET_ADDRESS_H

#include <stdbool.h>

#include "url.h"

/* localhost, *.localhost (RFC 6761), 127.0.0.0/8, ::1. `host` as in struct url. */
bool address_is_loopback(const char *host);

/* Loopback, or an address literal of a private, shared, link-local or unspecified range, also when
 * it is wrapped in an IPv6 address. */
bool address_is_private(const char *host);

/* Whether a request that was begun at `registry` may go on to `target`, which the other side chose
 * (a redirect, a token realm): never from TLS to plain HTTP, and as address_allows_host() says.
 * `*why` gets the reason for a no (registry-facts 26, 34). */
bool address_allows(const struct url *registry, const struct url *target, const char **why);

/* The same as to the host alone: to a private address only when the registry is at one itself. */
bool address_allows_host(const struct url *registry, const struct url *target, const char **why);

#endif
