/*
 * stats: one run of `check` in figures (schema "layerproof.stats.v1").
 */
#ifndef LAYERPROOF_STATS_H
#define LAYERPROOF_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/match.h"
#include "layerproof/traffic.h"

/* How a run ended: all candidates were taken, a signal came, or it could not go on. */
enum stats_outcome { STATS_DONE, STATS_INTERRUPTED, STATS_FAILED };

struct stats_host {
	const char *name;
	struct traffic_counts counts;
	uint64_t waits; /* how often it was left alone */
	int64_t waited_ms;
	bool is_given_up;
	int64_t opens_at; /* it is left alone until then, in seconds since 1970; 0: it is open */
};

/* Texts and hosts are borrowed. */
struct stats {
	enum stats_outcome outcome;
	const char *error; /* why it failed; NULL */
	uint64_t candidates;
	uint64_t verdicts[2];           /* by enum verdict */
	uint64_t reasons[REASON_COUNT]; /* by enum reason */
	uint64_t incomplete;            /* candidates of which something could not be read */
	struct traffic_counts counts;   /* all hosts together */
	uint64_t layer_bytes;           /* of counts.bytes, and those read from local files */
	const struct stats_host *hosts;
	size_t host_count;
	int64_t started_at; /* seconds since 1970 */
	int64_t milliseconds;
};

/* One line. Reasons that no candidate has are left out. */
int stats_write_json(const struct stats *stats, struct buffer *out, struct error *err);

#endif
