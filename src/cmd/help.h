/*
 * help: what --help prints; private to this folder.
 */
#ifndef LAYERPROOF_CMD_HELP_H
#define LAYERPROOF_CMD_HELP_H

#include "options.h"

/* Of the program: its commands, ended by NULL, and the options before a command's name. */
void help_print_general(const struct command *const *commands,
						const struct option_group groups[static OPTION_GROUPS]);

/* Of one command. */
void help_print(const struct command *command,
				const struct option_group groups[static OPTION_GROUPS]);

#endif
