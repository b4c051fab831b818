/*
 * completion: a script that completes layerproof's words in a shell. What it knows comes from the
 * tables that --help is made from.
 */
#include <stdio.h>
#include <string.h>

#include "rows.h"

/* What the words before the one at hand say: which command it is, whether a value is wanted. Bash
 * takes the equals sign of --option=value for a word of its own. */
static const char script[] =
	"# Offers what $1 is made of, as far as it begins with $2.\n"
	"_layerproof_reply()\n"
	"{\n"
	"    local word action=()\n"
	"    case $1 in\n"
	"    FILE*) action=(-f) ;;\n"
	"    DIR) action=(-d) ;;\n"
	"    [a-z-]*) action=(-W \"${1//|/ }\") ;;\n"
	"    *) return ;;\n"
	"    esac\n"
	"    while IFS= read -r word; do\n"
	"        COMPREPLY+=(\"$word\")\n"
	"    done < <(compgen \"${action[@]}\" -- \"$2\")\n"
	"    [[ $1 != [FD]* ]] || compopt -o filenames 2>/dev/null || true\n"
	"}\n"
	"\n"
	"_layerproof()\n"
	"{\n"
	"    local current=${COMP_WORDS[COMP_CWORD]} command='' wanted='' operands=0\n"
	"    local options='' operand='' word name argument\n"
	"    COMPREPLY=()\n"
	"    [[ $current != = ]] || current=''\n"
	"    for word in \"${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}\"; do\n"
	"        if [[ $word == = ]]; then\n"
	"            continue\n"
	"        elif [[ -n $wanted ]]; then\n"
	"            wanted=''\n"
	"        elif [[ $word == -* ]]; then\n"
	"            while read -r name argument; do\n"
	"                [[ $name != \"$word\" ]] || wanted=$argument\n"
	"            done < <(_layerproof_rows \"$command\")\n"
	"        elif [[ -z $command ]]; then\n"
	"            command=$word\n"
	"        else\n"
	"            ((operands += 1))\n"
	"        fi\n"
	"    done\n"
	"    while read -r name argument; do\n"
	"        case $name in\n"
	"        operand) operand=${argument%% *} ;;\n"
	"        --*) options+=\"|$name\" ;;\n"
	"        esac\n"
	"    done < <(_layerproof_rows \"$command\")\n"
	"    if [[ -n $wanted ]]; then\n"
	"        _layerproof_reply \"$wanted\" \"$current\"\n"
	"    elif [[ $current == -* ]]; then\n"
	"        _layerproof_reply \"${options#|}\" \"$current\"\n"
	"    elif [[ $operands == 0 ]]; then\n"
	"        _layerproof_reply \"$operand\" \"$current\"\n"
	"    fi\n"
	"}\n"
	"complete -F _layerproof layerproof\n";

static void print_row(void *context, const struct option_row *row)
{
	const char *argument = row->argument == NULL ? "" : row->argument;
	const char *gap = row->argument == NULL ? "" : " ";
	(void)context;
	printf(" \\\n            '--%s%s%s'", row->name, gap, argument);
	if (row->id < OPTION_INDEX)
		printf(" \\\n            '-%c%s%s'", row->id, gap, argument);
}

/* NULL: what stands before the command's name, the name being the operand. */
static void print_command(const struct command *const *commands, const struct command *command)
{
	printf("    %s)\n        printf '%%s\\n' \\\n            'operand ",
		   command == NULL ? "''" : command->name);
	if (command != NULL)
		fputs(command->arguments, stdout);
	for (size_t i = 0; command == NULL && commands[i] != NULL; i++)
		printf("%s%s", i == 0 ? "" : "|", commands[i]->name);
	putchar('\'');
	options_each(command, print_row, NULL);
	puts("\n        ;;");
}

static void print_script(const struct command *const *commands)
{
	puts("# bash completion for layerproof, made by `layerproof completion bash`\n"
		 "\n"
		 "# What the command $1 takes, a row each: an option, and what its value is made of.\n"
		 "_layerproof_rows()\n"
		 "{\n"
		 "    case $1 in");
	print_command(commands, NULL);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_command(commands, commands[i]);
	puts("    esac\n"
		 "}\n");
	fputs(script, stdout);
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	int first;
	int parsed = options_parse(context, command, argc, argv, NULL, NULL, &first);
	if (parsed >= 0)
		return parsed;
	if (argc - first != 1 || strcmp(argv[first], "bash") != 0)
		return command_usage(command, "the one shell there is a script for is bash");
	print_script(context->commands);
	int flushed = command_flush();
	return flushed >= 0 ? flushed : EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash",
	.summary = "Print a script that completes words in bash",
	.details = "source <(layerproof completion bash)",
	.run = run,
};
