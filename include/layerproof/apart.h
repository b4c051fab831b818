/*
 * apart: work done in a process of its own, so that what ends that process ends nothing else.
 */
#ifndef LAYERPROOF_APART_H
#define LAYERPROOF_APART_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/error.h"

enum { APART_MESSAGE_MAX = 64 << 10 };

/* Where the work speaks to who asked for it. */
struct apart;

/* Hands on a message of at most APART_MESSAGE_MAX bytes. */
void apart_say(struct apart *apart, const void *bytes, size_t size);

/* What is done apart, and who hears what it says, in order; a value other than 0 ends it. */
struct apart_task {
	void (*work)(void *context, struct apart *apart);
	int (*hear)(void *context, const void *bytes, size_t size);
	void *context;
};

/* What became of the work. */
struct apart_end {
	bool finished; /* it came to its end, or `hear` ended it */
	int signal;    /* that killed it, or 0 */
};

/* Does the work in a child process, which has no standard error and leaves no core file, and waits
 * for its end. To be called where there is one thread. 0; or -1: ERROR_SYSTEM, ERROR_INTERRUPTED.
 */
int apart_run(const struct apart_task *task, struct apart_end *end, struct error *err);

#endif
