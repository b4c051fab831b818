/*
 * fault: files that are read as memory, where they cannot be.
 *
 * A damaged file may lead whoever reads it as memory to places where there is none, and a file on a
 * medium that fails is none either: both end a process by a signal, without a word. So who maps a
 * file watches it: the process then ends with a line that names the file, and exit code 2.
 */
#ifndef LAYERPROOF_FAULT_H
#define LAYERPROOF_FAULT_H

#include <stddef.h>

/* A file that is mapped. Zeroed, it is watched by nobody; it stays where it is while it is. */
struct fault_watch {
	const char *path; /* borrowed */
	const void *start;
	size_t size;
	struct fault_watch *next;
};

void fault_watch(struct fault_watch *watch);
void fault_unwatch(struct fault_watch *watch); /* legal for one that is not watched */

/* Ends the process as a fault in this file would: for who finds out before it comes to that. */
void fault_end(const char *path) __attribute__((noreturn));

#endif
