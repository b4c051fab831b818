/*
 * terminal: what standard output can show; private to this folder.
 */
#ifndef LAYERPROOF_CMD_TERMINAL_H
#define LAYERPROOF_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it is a terminal, and NO_COLOR is not set. */
bool terminal_takes_colour(void);

/* Its columns; 0 when it is no terminal. */
size_t terminal_columns(void);

#endif
