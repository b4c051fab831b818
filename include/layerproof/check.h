/*
 * check: the pipeline. Candidates in, one finding for each out, whatever fails.
 */
#ifndef LAYERPROOF_CHECK_H
#define LAYERPROOF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/assessor.h"
#include "layerproof/candidate.h"
#include "layerproof/error.h"
#include "layerproof/finding_table.h"

struct progress;

enum check_format { CHECK_JSON, CHECK_TABLE };

struct check_options {
	struct network *network; /* whose hosts are asked; NULL: none are */
	unsigned jobs;           /* candidates at a time, 1 to LIMIT_JOBS */
	bool is_ordered;         /* findings in the order of the candidates; otherwise as they come */
	enum check_format format;
	struct finding_table table; /* for CHECK_TABLE */
	bool reproducible;          /* leave times and costs out */
	struct progress *progress;  /* told of each finding; NULL: nobody looks */
	bool shares_terminal; /* the output is a terminal: the progress steps aside for each line */
};

/* What was found, counted. */
struct check_totals {
	uint64_t candidates;
	uint64_t true_positives;
	uint64_t needs_review;
	uint64_t incomplete; /* candidates of which something could not be read: exit code 3 */
	uint64_t reasons[REASON_COUNT]; /* by enum reason */
	uint64_t layer_bytes;           /* read for layers, from registries and files */
};

/* Reads candidates to the end, or until an interrupt, and writes findings to the descriptor, each
 * line whole. 0 when all were written; -1 when the input or the output failed (EPIPE:
 * ERROR_INTERRUPTED). Every candidate that was taken gives one finding. */
int check_run(struct assessor *assessor, const struct check_options *options,
			  const struct candidate_input *input, int output, struct check_totals *totals,
			  struct error *err);

/* How many candidates a regular file holds from where it is read next, which stays the same. 0 for
 * one that is larger than LIMIT_COUNTED_INPUT and for all that can be read but once. */
uint64_t check_count_candidates(int input);

#endif
