#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layerproof/log.h"
#include "layerproof/memory.h"

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
};

enum {
	GLOBAL_COUNT = sizeof(global_options) / sizeof(global_options[0]),
	NETWORK_COUNT = sizeof(network_options) / sizeof(network_options[0]),
	HELP_WIDTH = 28,
};

void text_list_add(struct text_list *list, const char *item)
{
	list->items = memory_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = item;
}

/* ---- Help ---- */

static void print_option(const struct option_row *row)
{
	char left[64];
	bool has_letter = row->id < OPTION_INDEX;
	snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", has_letter ? '-' : ' ',
			 has_letter ? row->id : ' ', has_letter ? "," : " ", row->name,
			 row->argument == NULL ? "" : " ", row->argument == NULL ? "" : row->argument);
	/* Too wide a name has its help on the next line. */
	if (strlen(left) > HELP_WIDTH)
		printf("%s\n%-*s  %s\n", left, HELP_WIDTH, "", row->help);
	else
		printf("%-*s  %s\n", HELP_WIDTH, left, row->help);
}

static void print_options(const char *title, const struct option_row *rows, size_t count)
{
	if (count == 0)
		return;
	printf("\n%s:\n", title);
	for (size_t i = 0; i < count; i++)
		print_option(&rows[i]);
}

static void print_general_help(const struct command *const *commands)
{
	puts("Usage: layerproof [OPTION...] COMMAND [ARGUMENT...]\n"
		 "\n"
		 "Prove, layer by layer, whether a container image found in a public registry\n"
		 "holds a company's own content.\n"
		 "\n"
		 "Commands:");
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	print_options("Global options", global_options, GLOBAL_COUNT);
	puts("\nSee layerproof(1), and `layerproof COMMAND --help`.");
}

static void print_help(const struct context *context, const struct command *command)
{
	if (command == NULL) {
		print_general_help(context->commands);
		return;
	}
	printf("Usage: layerproof %s [OPTION...]%s%s\n\n%s.\n", command->name,
		   *command->arguments == '\0' ? "" : " ", command->arguments, command->summary);
	if (command->details != NULL)
		printf("\n%s\n", command->details);
	print_options("Options", command->options, command->option_count);
	if (command->asks_registries)
		print_options("Registries", network_options, NETWORK_COUNT);
	print_options("Global options", global_options, GLOBAL_COUNT);
	printf("\nSee layerproof-%s(1).\n", command->name);
}

/* ---- Errors ---- */

int command_fail(const struct error *err)
{
	log_error("%s", err->text);
	return EXIT_FAILED;
}

int command_usage(const struct command *command, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (command == NULL)
		log_error("%s (see layerproof --help)", text);
	else
		log_error("%s: %s (see layerproof %s --help)", command->name, text, command->name);
	return EXIT_FAILED;
}

/* ---- Options ---- */

struct table {
	struct option *rows; /* ended by zeros */
	size_t count;
	char *letters; /* for getopt_long(3) */
	size_t letter_count;
};

static void each_row(const struct option_row *rows, size_t count,
					 void (*visit)(void *context, const struct option_row *row), void *context)
{
	for (size_t i = 0; i < count; i++)
		visit(context, &rows[i]);
}

void command_each_option(const struct command *command,
						 void (*visit)(void *context, const struct option_row *row), void *context)
{
	if (command != NULL)
		each_row(command->options, command->option_count, visit, context);
	if (command != NULL && command->asks_registries)
		each_row(network_options, NETWORK_COUNT, visit, context);
	each_row(global_options, GLOBAL_COUNT, visit, context);
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
	command_each_option(command, add_row, table);
}

/* 1 taken, 0 not one of these, else an exit code + 2 is never needed: help and version end at once
 * with EXIT_DONE. */
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

int command_parse_global(struct context *context, int argc, char **argv, int *first)
{
	return parse_table(context, NULL, argc, argv, NULL, NULL, first);
}

int command_parse(struct context *context, const struct command *command, int argc, char **argv,
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

int command_parse_number(const char *text, const char *what, long least, long most, long *out,
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

/* ---- Output ---- */

int command_flush(void)
{
	struct error reason = ERROR_INIT;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return -1;
	if (errno == EPIPE) {
		/* The reader has gone: end as a pipe's writer does. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	error_set_errno(&reason, "standard output");
	return command_fail(&reason);
}

int command_print(const struct buffer *buffer)
{
	if (buffer->size > 0)
		fwrite(buffer->bytes, 1, buffer->size, stdout);
	return command_flush();
}

/* ---- What the options lead to ---- */

struct index *context_open_index(const struct context *context, enum index_mode mode,
								 struct error *err)
{
	CLEANUP(free_at)
	char *directory = settings_index_directory(context->settings, context->index_directory, err);
	return directory == NULL ? NULL : index_open(directory, mode, err);
}

struct network *context_open_network(const struct context *context, struct error *err)
{
	struct text_list hosts = {.items = NULL};
	const char *host;
	for (size_t i = 0; i < context->plain_http.count; i++)
		text_list_add(&hosts, context->plain_http.items[i]);
	for (size_t n = 0;
		 (host = settings_get_nth(context->settings, "network", "plain_http", n)) != NULL; n++)
		text_list_add(&hosts, host);
	text_list_add(&hosts, NULL);
	struct network_options options = {
		.plain_http = hosts.items,
		.ca_file = context->ca_file != NULL ? context->ca_file
											: settings_get(context->settings, "network", "ca_file"),
	};
	struct network *network = network_new(&options, err);
	free(hosts.items);
	return network;
}

int context_complete_bases(const struct context *context, bool *out, struct error *err)
{
	const char *value = settings_get(context->settings, "origin", "bases");
	*out = value != NULL && strcmp(value, "complete") == 0;
	if (value == NULL || *out || strcmp(value, "partial") == 0)
		return 0;
	return error_set(err, ERROR_USAGE,
					 "configuration: [origin] bases is \"complete\" or \"partial\", not \"%s\"",
					 value);
}

void context_clear(struct context *context)
{
	free(context->plain_http.items);
	settings_free(context->settings);
}
