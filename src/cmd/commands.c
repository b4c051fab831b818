#include "commands.h"

#include "command.h"

const struct command *const commands[] = {
	&command_import,  &command_add,        &command_index, &command_check,
	&command_inspect, &command_completion, NULL,
};
