/*
 * layerproof: prepares the process and runs the command.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "layerproof/commands.h"
#include "layerproof/interrupt.h"
#include "layerproof/text.h"

/* A standard descriptor that came closed would be given to the next file opened, be it the index,
 * and written to as if it were the terminal. /dev/null opened the wrong way round takes its place:
 * its use fails as that of a closed one does. */
static void hold_standard_descriptors(void)
{
	static const int modes[] = {
		[STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};
	for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
		if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", modes[descriptor]) != descriptor)
			abort();
}

int main(int argc, char **argv)
{
	hold_standard_descriptors();
	text_use_utf8();
	/* A closed pipe is met as an error where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* nor is a limit of file sizes a reason to end without a word */
	interrupt_install();
	return commands_run(argc, argv);
}
