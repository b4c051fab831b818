/*
 * proxy: which proxy a request goes through, as the environment says and curl(1) describes:
 * http_proxy, https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; no_proxy, NO_PROXY.
 *
 * It is decided here and not left to libcurl, because a connection to a proxy is vetted otherwise
 * than one to a host.
 */
#ifndef LAYERPROOF_NET_PROXY_H
#define LAYERPROOF_NET_PROXY_H

#include <stdbool.h>

#include "url.h"

/* Owns its texts, which may hold a password; NULL: not set. */
struct proxy {
	char *http;
	char *https;
	char *except; /* no_proxy */
};

void proxy_read_environment(struct proxy *out);
void proxy_clear(struct proxy *proxy);

/* The URL of the proxy for a request, borrowed; NULL: the request goes to the host itself. */
const char *proxy_for(const struct proxy *proxy, const struct url *url);

/* Whether the list of no_proxy names the host: "*", or names (with all below them), addresses and
 * networks in CIDR notation, apart by commas or blanks. */
bool proxy_is_excepted(const char *except, const char *host);

#endif
