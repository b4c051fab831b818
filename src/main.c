/*
 * layerproof: prepares the process and runs the command.
 */
#include <signal.h>

#include "layerproof/commands.h"
#include "layerproof/interrupt.h"
#include "layerproof/text.h"

int main(int argc, char **argv)
{
	text_use_utf8();
	/* A closed pipe is met as an error where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	interrupt_install();
	return commands_run(argc, argv);
}
