/*
 * rows: one row for each command; private to this folder.
 */
#ifndef LAYERPROOF_CMD_ROWS_H
#define LAYERPROOF_CMD_ROWS_H

#include "options.h"

extern const struct command command_import;
extern const struct command command_add;
extern const struct command command_index;
extern const struct command command_check;
extern const struct command command_inspect;
extern const struct command command_digest;
extern const struct command command_explain;
extern const struct command command_completion;

#endif
