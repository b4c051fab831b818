/*
 * workers: threads that take what waits in lanes (lanes.h), until all of it is done.
 */
#ifndef LAYERPROOF_WORKERS_H
#define LAYERPROOF_WORKERS_H

#include "layerproof/error.h"
#include "layerproof/lanes.h"

/* What the threads do. */
struct workers_duty {
	struct lanes *lanes; /* borrowed */
	void *context;       /* handed to `arrive` and `work` */
	/* What one thread needs for itself; NULL with the error when it cannot be had. */
	void *(*arrive)(void *context, struct error *err);
	/* From that thread. Ends with lanes_done() or lanes_put_back(). */
	void (*work)(void *context, void *worker, struct work *work);
	void (*leave)(void *worker);
};

/* Threads for the time when others wait for registries that are silent: `spare` of lanes_new(). */
unsigned workers_spare(unsigned jobs);

/* Starts `count` threads, has `feed` put the work into the lanes, closes these, and waits until all
 * is done. -1 when a thread could not be started, or with what `feed` failed with. */
int workers_run(const struct workers_duty *duty, unsigned count,
				int (*feed)(void *context, struct error *err), void *feed_context,
				struct error *err);

#endif
