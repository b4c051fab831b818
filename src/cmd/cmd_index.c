/*
 * index: looks after the index.
 */
#include "cmd_index.h"

#include <string.h>

#include "rows.h"

enum { OPTION_JSON = OPTION_FIRST };

static const struct option_row options[] = {
	{"json", no_argument, OPTION_JSON, NULL, "print JSON"},
};

static const struct subcommand {
	const char *name;
	bool has_operand;
	int (*run)(struct index_snapshot *snapshot, const struct index_request *request);
} subcommands[] = {
	{"stat", false, index_stat},
	{"list", false, index_list},
	{"show", true, index_show},
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct index_request *request = state;
	(void)value;
	(void)err;
	request->json = request->json || id == OPTION_JSON;
	return 0;
}

static const struct subcommand *find_subcommand(const char *name)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

static int run_subcommand(const struct context *context, const struct subcommand *subcommand,
						  struct index_request *request)
{
	struct error reason = ERROR_INIT;
	if (context_complete_bases(context, &request->complete_bases, &reason) != 0)
		return command_fail(&reason);
	CLEANUP(index_close_at) struct index *index = context_open_index(context, INDEX_READ, &reason);
	if (index == NULL)
		return command_fail(&reason);
	CLEANUP(index_snapshot_end_at)
	struct index_snapshot *snapshot = index_snapshot_begin(index, &reason);
	return snapshot == NULL ? command_fail(&reason) : subcommand->run(snapshot, request);
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct index_request request = {.json = false};
	int first;
	int parsed = options_parse(context, command, argc, argv, take, &request, &first);
	if (parsed >= 0)
		return parsed;
	if (first == argc)
		return command_usage(command, "stat, list or show is needed");
	const struct subcommand *subcommand = find_subcommand(argv[first]);
	if (subcommand == NULL)
		return command_usage(command, "there is no \"%s\"; there are stat, list and show",
							 argv[first]);
	int operands = argc - first - 1;
	if (operands != (subcommand->has_operand ? 1 : 0))
		return command_usage(command, "%s takes %s", subcommand->name,
							 subcommand->has_operand ? "one DIGEST" : "no argument");
	request.operand = subcommand->has_operand ? argv[first + 1] : NULL;
	return run_subcommand(context, subcommand, &request);
}

const struct command command_index = {
	.name = "index",
	.arguments = "stat|list|show DIGEST",
	.summary = "Look after the index of internal images",
	.details = "stat        what is in it, counted\n"
			   "list        its images, one a line\n"
			   "show DIGEST all it knows of one digest; exit code 1 if that is nothing",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
