/*
 * pace: the half that is told what came of each request (include/layerproof/pace.h has the other).
 *
 * Hosts are named by their label (url.h).
 */
#ifndef LAYERPROOF_NET_PACE_H
#define LAYERPROOF_NET_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/pace.h"
#include "rate_limit.h"

/* `is_patient`: a host may ask to be left alone for as long as it likes. */
struct pace *pace_new(bool is_patient);
void pace_free(struct pace *pace); /* NULL is legal */

enum pace_gate {
	PACE_OPEN,     /* go on */
	PACE_WAIT,     /* closed until `*until_ms`: come back then */
	PACE_GIVEN_UP, /* not worth a request: `why` is set, with `retry_at` where it is known */
};

struct pace_visit {
	const void *who; /* whoever makes one request after the other; NULL: nobody known */
	bool is_pull;    /* counts against a quota of pulls, as manifests do and blobs do not */
	bool is_again;   /* a further try: what the ones before brought upon the host was waited for */
};

/* Before a request. Of those who come when a given-up host's time is over, one is let through, with
 * all requests that its first one takes: a login, another scheme, further tries. A quota that is
 * used up holds back pulls alone (registry-facts 42): what was begun can be ended. A further try is
 * held back by nothing but that the host was given up meanwhile. */
enum pace_gate pace_enter(struct pace *pace, const char *host, const struct pace_visit *visit,
						  int64_t *until_ms, struct error *why);

/* Bytes came: the host is not dead. */
void pace_heard(struct pace *pace, const char *host);

/* A request came to its end, whatever the answer was: all is well. */
void pace_answered(struct pace *pace, const char *host);

/* What an answer says of the host's quota. One that is used up closes the host until it is
 * renewed. */
void pace_note_quota(struct pace *pace, const char *host, const struct rate_limit *quota);

/* A try failed in a way that may pass. `begun_ms` is when it began: what began before the last such
 * news is no news. */
void pace_slow_down(struct pace *pace, const char *host, int64_t begun_ms);

/* The host asks to be left alone for `seconds`. PACE_WAIT, or PACE_GIVEN_UP when that is longer
 * than we wait, or has been asked too often; `why` then gets its `retry_at`. */
enum pace_gate pace_refused(struct pace *pace, const char *host, int64_t begun_ms, int64_t seconds,
							struct error *why, int64_t *until_ms);

enum pace_trouble {
	PACE_BUSY,        /* 5xx, 429, broken connections: all tries were used */
	PACE_SILENT,      /* it took the request and let it time out */
	PACE_UNCONNECTED, /* nobody answered at all */
};

/* A request failed for good. PACE_WAIT for a host that answered before and is now gone: it may be
 * about to come back. */
enum pace_gate pace_failed(struct pace *pace, const char *host, int64_t begun_ms,
						   enum pace_trouble trouble, const struct error *why, int64_t *until_ms);

#endif
