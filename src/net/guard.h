/*
 * guard: no request is sent to an address that is out of its reach. libcurl asks before it opens a
 * socket, and again before it sends a request on a connection that is open already.
 *
 * Nothing can be told of where a proxy connects to; the proxy itself is the user's own choice.
 */
#ifndef LAYERPROOF_NET_GUARD_H
#define LAYERPROOF_NET_GUARD_H

#include <curl/curl.h>
#include <stdbool.h>

#include "layerproof/error.h"
#include "reach.h"
#include "url.h"

struct guard {
	struct reach reach;
	bool is_proxied;
	bool has_opened;  /* at least one address was within reach */
	bool has_refused; /* at least one was not: the first of them, and what it is */
	bool is_stale;    /* it was that of a connection which another request had opened */
	struct address address;
	const char *what;
};

/* Once for each handle; `guard` must live as long, and be begun before each request. */
void guard_install(CURL *easy, struct guard *guard);

/* `proxy` is NULL for none. */
void guard_begin(struct guard *guard, const struct reach *reach, const char *proxy);

/* Whether the request failed because no address was within reach. */
bool guard_has_stopped(const struct guard *guard);

/* Whether the answer came from a public address, as far as that can be told. */
bool guard_is_public(const struct guard *guard, CURL *easy, const struct url *url);

/* ERROR_UNREACHABLE with the text for a guard that has stopped a request to `url`; `registry` is
 * where it was begun. */
void guard_explain(const struct guard *guard, const struct url *url, const struct url *registry,
				   struct error *err);

#endif
