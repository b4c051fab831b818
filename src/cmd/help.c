#include "help.h"

#include <stdio.h>
#include <string.h>

enum { HELP_WIDTH = 28, SCREEN_WIDTH = 80 };

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

static void print_groups(const struct option_group groups[static OPTION_GROUPS])
{
	for (size_t i = 0; i < OPTION_GROUPS; i++) {
		if (groups[i].count > 0)
			printf("\n%s:\n", groups[i].title);
		for (size_t j = 0; j < groups[i].count; j++)
			print_option(&groups[i].rows[j]);
	}
}

void help_print_general(const struct command *const *commands,
						const struct option_group groups[static OPTION_GROUPS])
{
	puts("Usage: layerproof [OPTION...] COMMAND [ARGUMENT...]\n"
		 "\n"
		 "Prove, layer by layer, whether a container image found in a public registry\n"
		 "holds a company's own content.\n"
		 "\n"
		 "Commands:");
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	print_groups(groups);
	puts("\nSee layerproof(1), and `layerproof COMMAND --help`.");
}

static void print_usage(const struct command *command)
{
	size_t width = (size_t)printf("Usage: layerproof %s [OPTION...]", command->name);

	if (*command->arguments != '\0')
		printf("%s%s", width + strlen(command->arguments) < SCREEN_WIDTH ? " " : "\n    ",
			   command->arguments);
	printf("\n\n%s.\n", command->summary);
}

void help_print(const struct command *command,
				const struct option_group groups[static OPTION_GROUPS])
{
	print_usage(command);
	if (command->details != NULL)
		printf("\n%s\n", command->details);
	print_groups(groups);
	printf("\nSee layerproof-%s(1).\n", command->name);
}
