/*
 * rate_limit: what an answer says of a host's quota and of when to come back
 * (RFC 9110, section 10.2.3; RateLimit header fields for HTTP,
 * draft-ietf-httpapi-ratelimit-headers; Docker Hub's usage and limits; registry-facts 18, 42 to
 * 44).
 */
#ifndef LAYERPROOF_NET_RATE_LIMIT_H
#define LAYERPROOF_NET_RATE_LIMIT_H

#include <stdint.h>

/* -1 where nothing was said. */
struct rate_limit {
	int64_t limit;     /* requests in a window */
	int64_t remaining; /* of them */
	int64_t window;    /* seconds */
	int64_t reset;     /* seconds until the quota is whole again */
	int64_t retry;     /* seconds that we are asked to wait */
};

#define RATE_LIMIT_INIT                                                                            \
	{                                                                                              \
		.limit = -1, .remaining = -1, .window = -1, .reset = -1, .retry = -1                       \
	}

/* Takes in one header of an answer, by its name; what cannot be read says nothing. `now` in seconds
 * since 1970: some registries give moments, not durations. */
void rate_limit_read(const char *name, const char *value, int64_t now, struct rate_limit *limit);

/* The names that rate_limit_read() knows, ended by NULL. */
extern const char *const RATE_LIMIT_HEADERS[];

/* Seconds that a Retry-After asks for, as a number or as a date; -1 for one that says neither. */
int64_t rate_limit_retry_after(const char *value, int64_t now);

#endif
