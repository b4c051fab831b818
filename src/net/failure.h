/*
 * failure: why one try of a request came to nothing, and whether another may do better.
 */
#ifndef LAYERPROOF_NET_FAILURE_H
#define LAYERPROOF_NET_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"

enum failure_kind {
	FAILURE_FINAL = 0, /* another try would get the same answer */
	FAILURE_AGAIN,     /* something was learnt: try at once, this one does not count */
	FAILURE_CONNECT,   /* nobody answered */
	FAILURE_NOT_TLS,   /* somebody is there, but TLS is not to be had; else as the last */
	FAILURE_PASSING,   /* the connection broke, or the other side is busy */
	FAILURE_SILENT,    /* it timed out: another try would take as long */
	FAILURE_CLOSED,    /* nothing was sent: the host is to be left alone until `until_ms` */
};

enum { FAILURE_HOST_SIZE = 264 }; /* a name, a colon, a port, a NUL */

struct failure {
	enum failure_kind kind;
	char host[FAILURE_HOST_SIZE]; /* label of whoever it was; "" when unknown */
	int64_t retry_after;          /* seconds asked for; -1: none */
	bool may_be_hidden;           /* a refusal that leaves open whether there is such a thing */
	int64_t until_ms;             /* FAILURE_CLOSED: clock_monotonic_ms() */
	struct error error;
};

#define FAILURE_INIT                                                                               \
	{                                                                                              \
		.kind = FAILURE_FINAL, .retry_after = -1                                                   \
	}

#endif
