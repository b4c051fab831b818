/*
 * tries: how often a request is made before it counts as failed, and how long to wait between.
 */
#ifndef LAYERPROOF_NET_TRIES_H
#define LAYERPROOF_NET_TRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "hosts.h"

/* One request's count, over all that is done for it. */
struct tries {
	int made;
};

/* After a failed try: waits as long as it takes and returns true for another one, or returns false
 * with the last word in `failure->error`. A host at which nobody answered LIMIT_CONNECT_TRIES times
 * is marked as down. An interrupt ends the waiting. */
bool tries_again(struct tries *tries, struct failure *failure, struct hosts *hosts);

/* Milliseconds before the try behind number `made`: from 100 on, doubled each time, of which a part
 * up to the half is left to chance, so that many clients do not come back together. */
int64_t tries_wait(int made);

/* Seconds that a Retry-After asks for, as a number or as a date (RFC 9110, section 10.2.3); -1 for
 * one that says neither. `now` in seconds since 1970. */
int64_t tries_read_retry_after(const char *value, int64_t now);

#endif
