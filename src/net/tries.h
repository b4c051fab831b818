/*
 * tries: how often a request is made before it counts as failed, and how long to wait between.
 */
#ifndef LAYERPROOF_NET_TRIES_H
#define LAYERPROOF_NET_TRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "layerproof/http.h"

/* One request's count, over all that is done for it. */
struct tries {
	int made;
	int64_t begun_ms; /* when the last one began */
	bool stays;       /* too much is at stake to come back later: waits are made here */
};

/* Before each try. */
void tries_begin(struct tries *tries);

/* After a failed try: waits as long as it takes and returns true for another one, or returns false
 * with the last word in `failure->error`. Where the host asks for a longer wait and the thread has
 * other work to do (http_begin_work()), false too: `http` then knows when to come back. The host's
 * pace learns of it all. An interrupt ends the waiting. */
bool tries_again(struct tries *tries, struct failure *failure, struct http *http);

/* Milliseconds before the try behind number `made`: from 100 on, doubled each time, of which a part
 * up to the half is left to chance, so that many clients do not come back together. */
int64_t tries_wait(int made);

#endif
