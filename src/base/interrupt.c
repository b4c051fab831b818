#include "layerproof/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static atomic_int received; /* signal number, 0 before the first */
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
	int before = 0;
	int saved = errno;
	if (!atomic_compare_exchange_strong(&received, &before, number))
		_exit(128 + number);
	/* The pipe is empty and does not block: one byte always fits. */
	if (write(wake[1], "!", 1) < 0)
		_exit(128 + number);
	errno = saved;
}

void interrupt_install(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return; /* no descriptors left: signals keep their default, which ends the process */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool interrupt_requested(void)
{
	return atomic_load(&received) != 0;
}

int interrupt_exit_code(void)
{
	int number = atomic_load(&received);
	return number == 0 ? 0 : 128 + number;
}

int interrupt_descriptor(void)
{
	return wake[0];
}
