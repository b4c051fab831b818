/*
 * progress_line: how far a run has come, as one line for a terminal.
 */
#ifndef LAYERPROOF_PROGRESS_LINE_H
#define LAYERPROOF_PROGRESS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct progress_host {
	const char *name;
	int64_t opens_at; /* seconds since 1970 */
};

/* What the numbers of a run are called: "checked", "true_positive", "needs_review". */
struct progress_words {
	const char *done;
	const char *first;
	const char *second;
};

/* Words and hosts are borrowed. */
struct progress_state {
	uint64_t done;
	uint64_t total; /* 0: not known */
	uint64_t per_10_seconds;
	struct progress_words words;
	uint64_t first;
	uint64_t second;
	uint64_t bytes;
	const struct progress_host *waiting; /* that are left alone for a while */
	size_t waiting_count;
};

/* At most `columns` characters of printable ASCII; 0: as long as it is. Free with free(). */
char *progress_line_format(const struct progress_state *state, size_t columns);

#endif
