/*
 * lanes: candidates that wait for a worker, a lane for each registry.
 *
 * Lanes take turns. One whose registry is to be left alone, or has as many candidates in work as it
 * bears (pace.h), is passed over, so that a slow registry holds up nobody but its own candidates.
 * Workers whose registry has been silent for a while do not count: others are let in for them.
 */
#ifndef LAYERPROOF_LANES_H
#define LAYERPROOF_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "layerproof/network.h"

struct lane;
struct lanes;

/* A line of input on its way. Freed by lanes_done(). */
struct work {
	STAILQ_ENTRY(work) next;
	struct lane *lane;
	uint64_t number;   /* place in the run, from 0 */
	int refusals;      /* by registries that asked to wait (http.h) */
	bool was_begun;    /* and put back */
	uint64_t requests; /* spent on it before */
	uint64_t bytes;
	uint64_t layer_bytes;
	int64_t milliseconds;
	bool is_long; /* the line was cut */
	size_t size;
	char line[]; /* NUL behind */
};

/* `network` may be NULL: then no lane is ever held back. At most `jobs` candidates are in work at a
 * time, and `spare` more while as many wait for silent registries. */
struct lanes *lanes_new(struct network *network, unsigned jobs, unsigned spare);
void lanes_free(struct lanes *lanes); /* NULL is legal; after all work is done */

/* Copies the line. Blocks while too much waits already; false when a signal came first, or `stop`
 * (may be NULL) says so. */
bool lanes_put(struct lanes *lanes, const struct work *like, const char *line,
			   bool (*stop)(void *context), void *context);

/* No more will be put. */
void lanes_close(struct lanes *lanes);

/* The next one, or NULL: all is done, or a signal came. After a signal only work that was begun
 * before is handed out. */
struct work *lanes_take(struct lanes *lanes);

/* Ends what lanes_take() began. lanes_put_back() has it taken again, not before `until_ms`
 * (clock_monotonic_ms()). */
void lanes_done(struct lanes *lanes, struct work *work);
void lanes_put_back(struct lanes *lanes, struct work *work, int64_t until_ms);

#endif
