/*
 * index: looks after the index.
 */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "layerproof/limits.h"

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

json_t *index_identities(unsigned identities)
{
	json_t *list = json_array();
	for (unsigned bit = 0; bit < IDENTITY_COUNT; bit++)
		if ((identities >> bit & 1) != 0)
			json_array_append_new(list, json_string(identity_name((enum identity)(1U << bit))));
	return list;
}

void index_set_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, name, json_string(text));
}

int index_print_json(json_t *value)
{
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	char *text = json_dumps(value, JSON_COMPACT);
	json_decref(value);
	int written = buffer_add_format(&out, &reason, "%s\n", text);
	free(text);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

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
	int parsed = command_parse(context, command, argc, argv, take, &request, &first);
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
