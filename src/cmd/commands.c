#include "layerproof/commands.h"

#include <string.h>

#include "rows.h"

/* Every command there is, in the order of the help. */
static const struct command *const commands[] = {
	&command_import, &command_add,     &command_index,      &command_check, &command_inspect,
	&command_digest, &command_explain, &command_completion, NULL,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int run(struct context *context, int argc, char **argv)
{
	int first;
	int result = options_parse_global(context, argc, argv, &first);
	if (result >= 0)
		return result;
	if (first >= argc)
		return command_usage(NULL, "no command was given");
	const struct command *command = find_command(argv[first]);
	if (command == NULL)
		return command_usage(NULL, "there is no command \"%s\"", argv[first]);
	return command->run(context, command, argc - first, argv + first);
}

int commands_run(int argc, char **argv)
{
	struct context context = {.commands = commands};
	int result = run(&context, argc, argv);
	context_clear(&context);
	return result;
}
