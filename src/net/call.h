/*
 * call: one caller's request to a registry through all it takes: the scheme, the login, the tries.
 */
#ifndef LAYERPROOF_NET_CALL_H
#define LAYERPROOF_NET_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "failure.h"
#include "layerproof/http.h"
#include "transfer.h"
#include "tries.h"
#include "url.h"

/* Begun by setting the first five; call_forget_login() wipes the rest. */
struct call {
	struct http *http;
	const struct http_request *request;
	enum transfer_time time;
	enum transfer_way way;
	int64_t offset; /* of the first byte that is wanted */
	int status;     /* of the last answer from the registry; 0: none yet */
	struct tries tries;
	char *authorization;       /* sent with the next try; NULL: none */
	struct challenge answered; /* the last one that was answered */
	bool is_prepared;          /* what is known of the login was looked up */
	bool is_challenged;        /* a challenge was answered: the next one ends the call, */
	bool is_widened;           /* unless it asks for more, which was answered too */
	struct url away;           /* a host behind a redirect that asked for a token of its own */
	char *away_authorization;
	int away_challenges;
	bool is_accept_split; /* the types were refused as a list: they are sent one by one */
};

/* The answer with what was asked for, its headers there: 200; 206 where a range was asked for, 416
 * when `offset` is greater than 0; or 304 where `request->etag` was sent. NULL on failure. */
struct transfer *call_open(struct call *call, struct error *err);

/* Wipes what was got for the login: at the end, and before the call is begun anew. */
void call_forget_login(struct call *call);

/* Whether `total` bytes of a body are still within what was declared and allowed; else -1. */
int call_check_size(const struct http_request *request, const struct transfer *transfer,
					int64_t total, struct error *err);

#endif
