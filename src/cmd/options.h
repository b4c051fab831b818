/*
 * options: the words of the command line, from one table for getopt_long(3), --help and completion;
 * private to this folder.
 */
#ifndef LAYERPROOF_CMD_OPTIONS_H
#define LAYERPROOF_CMD_OPTIONS_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "context.h"
#include "layerproof/error.h"

/* One option, as getopt_long(3), --help and completion need it. `id` is its letter, or a number
 * from OPTION_FIRST up. In `argument` a word in capitals stands for something (FILE, DIR), others
 * are meant as they are: "json|table". */
struct option_row {
	const char *name;
	int has_argument; /* no_argument, required_argument */
	int id;
	const char *argument; /* NULL when it takes none */
	const char *help;
};

enum {
	OPTION_INDEX = 256, /* global ones */
	OPTION_CONFIG,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_PLAIN_HTTP, /* of every command that asks registries */
	OPTION_PATIENT,
	OPTION_MAX_REQUESTS,
	OPTION_MAX_BYTES,
	OPTION_CA_FILE,
	OPTION_ALLOW_NET,
	OPTION_FIRST, /* a command's own without a letter */
};

/* Rows of one kind, with their title in the help; a command takes its own, those of registries, and
 * global ones, and each group may be empty. */
struct option_group {
	const char *title;
	const struct option_row *rows;
	size_t count;
};

enum { OPTION_GROUPS = 3 };

/* Parses options into `state` by `take`; `*first` becomes the place of the first operand. Returns
 * -1 to go on, or the exit code to end with: after
 * --help, or after a usage error was logged. Settings are loaded. */
int options_parse(struct context *context, const struct command *command, int argc, char **argv,
				  int (*take)(void *state, int id, const char *value, struct error *err),
				  void *state, int *first);

/* The same for the options before the command's name. */
int options_parse_global(struct context *context, int argc, char **argv, int *first);

/* Calls `visit` with each option that the command takes: its own, those of registries, global ones.
 * NULL: those before the command's name. */
void options_each(const struct command *command,
				  void (*visit)(void *context, const struct option_row *row), void *context);

/* A whole number from `least` to `most`. */
int options_parse_number(const char *text, const char *what, long least, long most, long *out,
						 struct error *err);

/* The bytes that --memory gives to what is sorted for an index (index_batch_new()). */
int options_parse_batch_memory(const char *text, uint64_t *out, struct error *err);

/* The bytes that --memory gives to all layers being read (crew.h). */
int options_parse_memory(const char *text, int64_t *out, struct error *err);

#endif
