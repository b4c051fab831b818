/*
 * command: what a command is, and how each ends; private to this folder.
 */
#ifndef LAYERPROOF_CMD_COMMAND_H
#define LAYERPROOF_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/buffer.h"
#include "layerproof/error.h"

/* Exit codes, the same everywhere. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_HOLDS = 1,      /* the condition asked about holds */
	EXIT_FAILED = 2,     /* usage, or a failure that stopped the command */
	EXIT_INCOMPLETE = 3, /* finished, but some inputs could not be read or checked */
};

struct context;
struct option_row;

struct command {
	const char *name;
	const char *arguments; /* "[REF...]", "stat|list|show DIGEST": words as in struct option_row */
	const char *summary;   /* one line for the list of commands */
	const char *details;   /* for --help, below the summary; NULL */
	const struct option_row *options;
	size_t option_count;
	bool asks_registries; /* takes the options of registries too */
	int (*run)(struct context *context, const struct command *command, int argc, char **argv);
};

/* Logs the error and returns EXIT_FAILED; the exit code of the signal, without a word, where a
 * signal was the reason. */
int command_fail(const struct error *err);

/* Logs a usage error with a hint at --help; returns EXIT_FAILED. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the buffer to standard output. A closed pipe ends quietly. Returns an exit code or -1 to
 * go on. */
int command_print(const struct buffer *buffer);

/* Writes out what was printed so far; the same ends. */
int command_flush(void);

#endif
