/*
 * command: what every command has in common; private to this folder.
 */
#ifndef LAYERPROOF_CMD_COMMAND_H
#define LAYERPROOF_CMD_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "layerproof/assessor.h"
#include "layerproof/buffer.h"
#include "layerproof/error.h"
#include "layerproof/index.h"
#include "layerproof/memory.h"
#include "layerproof/network.h"
#include "layerproof/settings.h"

/* Exit codes, the same everywhere. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_HOLDS = 1,      /* the condition asked about holds */
	EXIT_FAILED = 2,     /* usage, or a failure that stopped the command */
	EXIT_INCOMPLETE = 3, /* finished, but some inputs could not be read or checked */
};

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
	OPTION_CA_FILE,
	OPTION_FIRST, /* a command's own without a letter */
};

struct text_list {
	const char **items;
	size_t count;
	size_t capacity;
};

void text_list_add(struct text_list *list, const char *item);

struct command;

/* What a command is given. */
struct context {
	const struct command *const *commands; /* all there are, ended by NULL */
	const char *index_directory;           /* --index; NULL */
	const char *config_file;               /* --config; NULL */
	int verbosity;
	struct text_list plain_http;
	const char *ca_file;
	struct settings *settings; /* loaded once the options are known */
};

struct command {
	const char *name;
	const char *arguments; /* "[REF...]", "stat|list|show DIGEST": words as in struct option_row */
	const char *summary;   /* one line for the list of commands */
	const char *details;   /* for --help, below the summary; NULL */
	const struct option_row *options;
	size_t option_count;
	bool asks_registries; /* takes --plain-http and --ca-file too */
	int (*run)(struct context *context, const struct command *command, int argc, char **argv);
};

/* Parses options into `state` by `take`; `*first` becomes the place of the first operand. Returns
 * -1 to go on, or the exit code to end with: after
 * --help, or after a usage error was logged. Settings are loaded. */
int command_parse(struct context *context, const struct command *command, int argc, char **argv,
				  int (*take)(void *state, int id, const char *value, struct error *err),
				  void *state, int *first);

/* The same for the options before the command's name. */
int command_parse_global(struct context *context, int argc, char **argv, int *first);

/* Calls `visit` with each option that the command takes: its own, those of registries, global ones.
 * NULL: those before the command's name. */
void command_each_option(const struct command *command,
						 void (*visit)(void *context, const struct option_row *row), void *context);

/* Logs the error and returns EXIT_FAILED. */
int command_fail(const struct error *err);

/* Logs a usage error with a hint at --help; returns EXIT_FAILED. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the buffer to standard output. A closed pipe ends quietly. Returns an exit code or -1 to
 * go on. */
int command_print(const struct buffer *buffer);

/* Writes out what was printed so far; the same ends. */
int command_flush(void);

/* The index that the flag, environment or configuration names. */
struct index *context_open_index(const struct context *context, enum index_mode mode,
								 struct error *err);

/* The network, with the options of the command line and the configuration. */
struct network *context_open_network(const struct context *context, struct error *err);

/* Whether the configuration says that every public base is in the index. */
int context_complete_bases(const struct context *context, bool *out, struct error *err);

void context_clear(struct context *context);

/* A whole number from `least` to `most`. */
int command_parse_number(const char *text, const char *what, long least, long most, long *out,
						 struct error *err);

DEFINE_CLEANUP(struct index, index_close)
DEFINE_CLEANUP(struct index_snapshot, index_snapshot_end)
DEFINE_CLEANUP(struct network, network_free)
DEFINE_CLEANUP(struct assessor, assessor_free)

#endif
