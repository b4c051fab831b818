#include "layerproof/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

/* A signal that the parent made us ignore stays ignored, as for a job behind `&` or nohup(1). */
static void handle(int number)
{
	struct sigaction inherited;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

void interrupt_install(void)
{
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return; /* no descriptors left: signals keep their default, which ends the process */
	handle(SIGINT);
	handle(SIGTERM);
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

bool interrupt_wait_for_input(int descriptor)
{
	struct pollfd waits[2] = {
		{.fd = descriptor, .events = POLLIN},
		{.fd = wake[0], .events = POLLIN},
	};
	while (!interrupt_requested() && poll(waits, 2, -1) < 0 && errno == EINTR)
		continue;
	return !interrupt_requested();
}
