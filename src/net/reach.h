/*
 * reach: where a request that was begun at a registry may go, be it by a redirect, a token realm or
 * the addresses that a name resolves to (registry-facts 26, 34).
 *
 * Public addresses; those of the class in which the registry itself was named, where that is
 * loopback or private; the very literal it was named by; and what the user allows. So no answer of
 * a stranger, nor of a stranger's name server, leads a request into the user's own network.
 */
#ifndef LAYERPROOF_NET_REACH_H
#define LAYERPROOF_NET_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "address_range.h"
#include "layerproof/error.h"
#include "url.h"

/* The networks of --allow-net. */
struct reach_allowed {
	struct address_range *ranges;
	size_t count;
};

/* A value; `allowed` is borrowed. */
struct reach {
	enum address_class
		home; /* ADDRESS_LOOPBACK or ADDRESS_PRIVATE where the registry is so named */
	bool has_literal;
	struct address literal;
	const struct reach_allowed *allowed;
};

struct reach reach_of(const struct url *registry, const struct reach_allowed *allowed);

/* What is left of it once an answer has come from a public address: a stranger may lead no further
 * than a stranger. */
void reach_leave(struct reach *reach);

/* `*what` gets words for the address: "a private address". */
bool reach_holds(const struct reach *reach, const struct address *address, const char **what);

/* What can be told of a host before its name is resolved: that it is a literal, or localhost.
 * -1 with ERROR_UNREACHABLE, "10.0.0.1 is a private address". */
int reach_check_host(const struct reach *reach, const struct url *target, struct error *err);

#endif
