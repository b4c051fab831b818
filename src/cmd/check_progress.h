/*
 * check_progress: whether a run of `check` shows its progress; private to this folder.
 */
#ifndef LAYERPROOF_CMD_CHECK_PROGRESS_H
#define LAYERPROOF_CMD_CHECK_PROGRESS_H

#include <stdbool.h>

#include "layerproof/progress.h"

/* Whether standard error is a terminal that can erase a line, and the user wants neither less (-q)
 * nor more (-v) said. */
bool check_progress_is_wanted(int verbosity);

/* On standard error, if that is a terminal that can erase a line and the user wants neither less
 * (-q) nor more (-v) said. NULL: it is not shown. `references` as in the arguments; none: standard
 * input. */
struct progress *check_progress_start(int verbosity, char *const *references,
									  const struct progress_words *words, struct network *network);

#endif
