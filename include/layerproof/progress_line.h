/*
 * progress_line: how far a run of `check` has come, as one line for a terminal.
 */
#ifndef LAYERPROOF_PROGRESS_LINE_H
#define LAYERPROOF_PROGRESS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct progress_host {
	const char *name;
	int64_t opens_at; /* seconds since 1970 */
};

/* Hosts are borrowed. */
struct progress_state {
	uint64_t done;
	uint64_t total; /* 0: not known */
	uint64_t per_10_seconds;
	uint64_t true_positives;
	uint64_t needs_review;
	uint64_t bytes;
	const struct progress_host *waiting; /* that are left alone for a while */
	size_t waiting_count;
};

/* At most `columns` characters of printable ASCII; 0: as long as it is. Free with free(). */
char *progress_line_format(const struct progress_state *state, size_t columns);

#endif
