/*
 * exchange: a request and the redirects it leads to, each of them vetted (registry-facts 33, 34).
 */
#ifndef LAYERPROOF_NET_EXCHANGE_H
#define LAYERPROOF_NET_EXCHANGE_H

#include <stdbool.h>

#include "failure.h"
#include "transfer.h"

/* Texts are borrowed for the call. */
struct exchange {
	const struct url *url;
	const struct url *registry; /* where it was begun: from TLS there is no way to plain HTTP */
	const struct reach *reach;  /* no address out of it is connected to */
	const char *accept;         /* as in struct transfer_request */
	bool is_accept_split;       /* likewise */
	const char *authorization;  /* goes to the scheme, host and port of `url`, until a redirect
								   leaves them */
	const struct url *away; /* a host on the way that asked for a login of its own; NULL: none */
	const char *away_authorization; /* goes to the scheme, host and port of `away` alone */
	const char *form;               /* a POST is never redirected */
	bool is_decoded;                /* as in struct transfer_request */
	const char *etag;               /* likewise */
	enum transfer_way way;
	int64_t offset;
	enum transfer_time time;
	bool is_pull;  /* counts against a quota of pulls, as manifests do and blobs do not */
	bool is_again; /* as in struct pace_visit */
};

/* The answer that is no redirect, its headers there, whatever its status; NULL on failure. Nothing
 * is sent to a host that is to be left alone, or past the run's budget. */
struct transfer *exchange_start(struct http *http, const struct exchange *exchange,
								struct failure *failure);

/* To be called for an answer, good or bad, that came as far as it was wanted: the host is well. */
void exchange_succeeded(struct http *http, const struct transfer *transfer);

#endif
