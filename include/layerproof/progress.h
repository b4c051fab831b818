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

#include "layerproof/check.h"
#include "layerproof/network.h"

/* `total` candidates are to come; 0: nobody knows. `network` is borrowed, and asked which hosts are
 * waited for. NULL when there is no thread to be had. One at a time. */
struct progress *progress_new(int terminal, uint64_t total, struct network *network);

/* Erases the line. */
void progress_free(struct progress *progress);

/* What has been found by now. From any thread. */
void progress_note(struct progress *progress, const struct check_totals *totals);

/* From any thread; others wait in between. */
void progress_step_aside(struct progress *progress);
void progress_step_back(struct progress *progress);

#endif
