/*
 * progress: one line on a terminal that says how far a run has come, redrawn four times a second.
 *
 * Whatever else is written to that terminal must be written between progress_step_aside() and
 * progress_step_back(): the line is erased before, and comes back with the next drawing. What log.h
 * writes is, of itself. Each function takes NULL for a run that shows none.
 */
#ifndef LAYERPROOF_PROGRESS_H
#define LAYERPROOF_PROGRESS_H

#include <stdint.h>

#include "layerproof/network.h"
#include "layerproof/progress_line.h"

/* What a run has done by now, and two numbers of what came of it. */
struct progress_counts {
	uint64_t done;
	uint64_t first;
	uint64_t second;
};

/* `total` are to be done; 0, and once more are done: nobody knows. The words are borrowed until
 * progress_free(). `network` is borrowed, and asked which hosts are waited for. NULL when there is
 * no thread to be had. One at a time. */
struct progress *progress_new(int terminal, uint64_t total, const struct progress_words *words,
							  struct network *network);

/* Erases the line. */
void progress_free(struct progress *progress);

/* From any thread. */
void progress_note(struct progress *progress, const struct progress_counts *counts);

/* From any thread; others wait in between. */
void progress_step_aside(struct progress *progress);
void progress_step_back(struct progress *progress);

#endif
