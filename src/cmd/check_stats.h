/*
 * check_stats: the file of `check --stats`; private to this folder.
 */
#ifndef LAYERPROOF_CMD_CHECK_STATS_H
#define LAYERPROOF_CMD_CHECK_STATS_H

#include <stdint.h>

#include "layerproof/check.h"

struct check_stats {
	const char *path; /* borrowed; NULL: none is wanted, and nothing is done */
	int64_t started_at;
	int64_t begun_ms;
};

/* Before the run: whether such a file can be written. ERROR_USAGE for what is no file's name,
 * ERROR_SYSTEM for a folder that takes none. */
int check_stats_begin(const char *path, struct check_stats *out, struct error *err);

/* After it: writes the file whole, in place of one that may be there. `failure` says why the run
 * failed; NULL when it did not. */
int check_stats_write(const struct check_stats *stats, const struct check_totals *totals,
					  struct network *network, const struct error *failure, struct error *err);

#endif
