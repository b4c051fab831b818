#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

static const struct option_row global_options[] = {
	{"index", required_argument, OPTION_INDEX, "DIR", "the index of internal images"},
	{"config", required_argument, OPTION_CONFIG, "FILE", "the configuration file"},
	{"verbose", no_argument, 'v', NULL, "say more; twice: show requests, secrets blanked"},
	{"quiet", no_argument, 'q', NULL, "say nothing but errors"},
	{"help", no_argument, OPTION_HELP, NULL, "show this help"},
	{"version", no_argument, OPTION_VERSION, NULL, "show the version"},
};

static const struct option_row network_options[] = {
	{"plain-http", required_argument, OPTION_PLAIN_HTTP, "HOST",
	 "speak plain HTTP to this host; may be given again"},
	{"ca-file", required_argument, OPTION_CA_FILE, "FILE",
	 "trust these certificate authorities (PEM)"},
	{"allow-net", required_argument, OPTION_ALLOW_NET, "CIDR",
	 "reach this network too; may be given again"},
	{"patient", no_argument, OPTION_PATIENT, NULL,
	 "wait as long as a registry asks to be left alone"},
	{"max-requests", required_argument, OPTION_MAX_REQUESTS, "N", "send no more than that"},
	{"max-bytes", required_argument, OPTION_MAX_BYTES, "N[K|M|G]", "receive no more than that"},
};

enum {
	GLOBAL_COUNT = sizeof(global_options) / sizeof(global_options[0]),
	NETWORK_COUNT = sizeof(network_options) / sizeof(network_options[0]),
};

struct table {
	struct option *rows; /* ended by zeros */
	size_t count;
	char *letters; /* for getopt_long(3) */
	size_t letter_count;
};

static void options_of(const struct command *command,
					   struct option_group groups[static OPTION_GROUPS])
{
	groups[0] = (struct option_group){.title = "Options"};
	groups[1] = (struct option_group){.title = "Registries"};
	groups[2] = (struct option_group){"Global options", global_options, GLOBAL_COUNT};
	if (command == NULL)
		return;
	groups[0].rows = command->options;
	groups[0].count = command->option_count;
	if (command->asks_registries) {
		groups[1].rows = network_options;
		groups[1].count = NETWORK_COUNT;
	}
}

void options_each(const struct command *command,
				  void (*visit)(void *context, const struct option_row *row), void *context)
{
	struct option_group groups[OPTION_GROUPS];
	options_of(command, groups);
	for (size_t i = 0; i < OPTION_GROUPS; i++)
		for (size_t j = 0; j < groups[i].count; j++)
			visit(context, &groups[i].rows[j]);
}

static void add_row(void *context, const struct option_row *row)
{
	struct table *table = context;
	table->rows[table->count++] = (struct option){
		.name = row->name, .has_arg = row->has_argument, .val = row->id};
	if (row->id >= OPTION_INDEX)
		return;
	table->letters[table->letter_count++] = (char)row->id;
	if (row->has_argument == required_argument)
		table->letters[table->letter_count++] = ':';
}

static void make_table(const struct command *command, struct table *table)
{
	size_t own = command == NULL ? 0 : command->option_count;
	size_t most = GLOBAL_COUNT + NETWORK_COUNT + own;
	*table = (struct table){.rows = memory_alloc(most + 1, sizeof(*table->rows)),
							.letters = memory_alloc(2 * most + 3, 1)};
	/* '+' ends at the command's name; ':' leaves the messages to us. */
	if (command == NULL)
		table->letters[table->letter_count++] = '+';
	table->letters[table->letter_count++] = ':';
	options_each(command, add_row, table);
}

/* 1 taken, 0 not one of these, else an exit code + 2 is never needed: help and version end at once
 * with EXIT_DONE. */
static void print_help(const struct context *context, const struct command *command)
{
	struct option_group groups[OPTION_GROUPS];
	options_of(command, groups);
	if (command == NULL)
		help_print_general(context->commands, groups);
	else
		help_print(command, groups);
}

enum taken { NOT_TAKEN, TAKEN, ENDS };

static enum taken take_global(struct context *context, const struct command *command, int id,
							  const char *value)
{
	switch (id) {
	case OPTION_INDEX:
		context->index_directory = value;
		return TAKEN;
	case OPTION_CONFIG:
		context->config_file = value;
		return TAKEN;
	case 'v':
		context->verbosity++;
		return TAKEN;
	case 'q':
		context->verbosity = LOG_QUIET;
		return TAKEN;
	case OPTION_PLAIN_HTTP:
		text_list_add(&context->plain_http, value);
		return TAKEN;
	case OPTION_CA_FILE:
		context->ca_file = value;
		return TAKEN;
	case OPTION_ALLOW_NET:
		text_list_add(&context->allow_net, value);
		return TAKEN;
	case OPTION_PATIENT:
		context->is_patient = true;
		return TAKEN;
	case OPTION_MAX_REQUESTS:
		context->max_requests = value;
		return TAKEN;
	case OPTION_MAX_BYTES:
		context->max_bytes = value;
		return TAKEN;
	case OPTION_HELP:
		print_help(context, command);
		return ENDS;
	case OPTION_VERSION:
		puts("layerproof " LAYERPROOF_VERSION);
		return ENDS;
	default:
		return NOT_TAKEN;
	}
}

static int refuse_option(const struct command *command, int problem, char **argv)
{
	const char *given = argv[optind - 1];
	bool is_letter = optopt != 0 && optopt < OPTION_INDEX;
	if (problem == ':' && is_letter)
		return command_usage(command, "option -%c needs a value", optopt);
	if (problem == ':')
		return command_usage(command, "option %s needs a value", given);
	if (is_letter)
		return command_usage(command, "there is no option -%c", optopt);
	return command_usage(command, "there is no option %s, or it is not meant like this", given);
}

/* The loop of both parsers; `take` may be NULL. */
static int parse_options(struct context *context, const struct command *command, int argc,
						 char **argv, const struct table *table,
						 int (*take)(void *state, int id, const char *value, struct error *err),
						 void *state)
{
	struct error reason = ERROR_INIT;
	int id;
	optind = 0; /* glibc: start anew, for the second parse */
	while ((id = getopt_long(argc, argv, table->letters, table->rows, NULL)) != -1) {
		if (id == '?' || id == ':')
			return refuse_option(command, id, argv);
		enum taken taken = take_global(context, command, id, optarg);
		if (taken == ENDS) {
			int flushed = command_flush();
			return flushed >= 0 ? flushed : EXIT_DONE;
		}
		if (taken == NOT_TAKEN && take != NULL && take(state, id, optarg, &reason) != 0)
			return command_usage(command, "%s", reason.text);
	}
	log_set_level((enum log_level)context->verbosity);
	return -1;
}

static int parse_table(struct context *context, const struct command *command, int argc,
					   char **argv,
					   int (*take)(void *state, int id, const char *value, struct error *err),
					   void *state, int *first)
{
	struct table table;
	make_table(command, &table);
	int result = parse_options(context, command, argc, argv, &table, take, state);
	*first = optind;
	free(table.rows);
	free(table.letters);
	return result;
}

int options_parse_global(struct context *context, int argc, char **argv, int *first)
{
	return parse_table(context, NULL, argc, argv, NULL, NULL, first);
}

int options_parse(struct context *context, const struct command *command, int argc, char **argv,
				  int (*take)(void *state, int id, const char *value, struct error *err),
				  void *state, int *first)
{
	struct error reason = ERROR_INIT;
	int result = parse_table(context, command, argc, argv, take, state, first);
	if (result >= 0)
		return result;
	context->settings = settings_load(context->config_file, &reason);
	return context->settings == NULL ? command_fail(&reason) : -1;
}

int options_parse_number(const char *text, const char *what, long least, long most, long *out,
						 struct error *err)
{
	char *end;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < least || value > most)
		return error_set(err, ERROR_USAGE, "%s is a whole number from %ld to %ld, not \"%s\"", what,
						 least, most, text);
	*out = value;
	return 0;
}

int options_parse_memory(const char *text, int64_t *out, struct error *err)
{
	uint64_t size;
	if (text_parse_size(text, &size) != 0 || size < LIMIT_MEMORY_LEAST || size > INT64_MAX)
		return error_set(err, ERROR_USAGE,
						 "--memory is 64M at least, a whole number perhaps with K, M or G behind, "
						 "not \"%s\"",
						 text);
	*out = (int64_t)size;
	return 0;
}

int options_parse_batch_memory(const char *text, uint64_t *out, struct error *err)
{
	if (text_parse_size(text, out) != 0 || *out < (uint64_t)LIMIT_BATCH_MEMORY_LEAST)
		return error_set(err, ERROR_USAGE, "--memory is a size of 1M or more, not \"%s\"", text);
	return 0;
}
