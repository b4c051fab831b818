/*
 * interrupt: SIGINT and SIGTERM as a flag and a descriptor.
 *
 * The first signal asks the run to end: no new work is begun, work in flight is finished, exit code
 * 130 (SIGINT) or 143 (SIGTERM). A second one ends the process at once.
 */
#ifndef LAYERPROOF_INTERRUPT_H
#define LAYERPROOF_INTERRUPT_H

#include <stdbool.h>

/* Installs the handlers, but for a signal that this process was started to ignore. Called once,
 * before any thread is made. */
void interrupt_install(void);

/* Whether a signal has asked the run to end. Safe from any thread. */
bool interrupt_requested(void);

/* 128 + the signal's number, or 0. */
int interrupt_exit_code(void);

/* A descriptor that becomes readable at the first signal, for poll(2); -1 before
 * interrupt_install(). */
int interrupt_descriptor(void);

/* Sleeps until `descriptor` can be read (or has ended, or failed): true; or until a signal asks the
 * run to end: false. read(2) alone would sleep on through a signal that came just before it. */
bool interrupt_wait_for_input(int descriptor);

#endif
