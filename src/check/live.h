/*
 * live: lines at the bottom of a terminal that are drawn anew four times a second; private to this
 * folder.
 *
 * Whatever else is written to that terminal must be written between live_step_aside() and
 * live_step_back(): the lines are erased before, and come back with the next drawing. What log.h
 * writes is, of itself.
 */
#ifndef LAYERPROOF_CHECK_LIVE_H
#define LAYERPROOF_CHECK_LIVE_H

#include <stddef.h>

struct live;

/* How much room there is: the terminal's, less what would make it wrap or scroll. */
struct live_room {
	size_t columns;
	size_t lines;
};

/* `draw` gives what is to be seen, with "\n" between the lines, to be freed with free(); nothing is
 * shown for "". It is called by another thread, the lock held. NULL when there is no thread to be
 * had. One at a time. */
struct live *live_new(int terminal, char *(*draw)(void *context, struct live_room room),
					  void *context);

/* Erases the lines. */
void live_free(struct live *live);

/* For what `draw` looks at. */
void live_lock(struct live *live);
void live_unlock(struct live *live);

/* From any thread; others wait in between. */
void live_step_aside(struct live *live);
void live_step_back(struct live *live);

#endif
