/*
 * layerproof: finds the command in the table and runs it.
 */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "layerproof/interrupt.h"

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
	int result = command_parse_global(context, argc, argv, &first);
	if (result >= 0)
		return result;
	if (first >= argc)
		return command_usage(NULL, "no command was given");
	const struct command *command = find_command(argv[first]);
	if (command == NULL)
		return command_usage(NULL, "there is no command \"%s\"", argv[first]);
	return command->run(context, command, argc - first, argv + first);
}

int main(int argc, char **argv)
{
	struct context context = {.index_directory = NULL};
	/* Only for the width of characters in tables: messages and numbers stay as they are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	/* A closed pipe is met as an error where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	interrupt_install();
	int result = run(&context, argc, argv);
	context_clear(&context);
	return result;
}
