#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "child_process.h"
#include "layerproof/interrupt.h"

static bool descriptor_is_readable(void)
{
	struct pollfd wait = {.fd = interrupt_descriptor(), .events = POLLIN};
	return poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;
}

static void test_asks_for_nothing_before_it_is_installed(void **state)
{
	(void)state;
	assert_false(interrupt_requested());
	assert_int_equal(interrupt_exit_code(), 0);
	assert_int_equal(interrupt_descriptor(), -1);
}

/* Each step that is not as it should be has its own exit code. */
static int take_one_signal(void *context)
{
	interrupt_install();
	if (interrupt_requested() || descriptor_is_readable() || interrupt_exit_code() != 0)
		return 1;
	raise(*(int *)context);
	if (!interrupt_requested())
		return 2;
	if (!descriptor_is_readable() || !descriptor_is_readable())
		return 3;
	return interrupt_exit_code();
}

static void test_the_first_signal_asks_the_run_to_end(void **state)
{
	(void)state;
	int interrupt = SIGINT;
	int terminate = SIGTERM;
	assert_int_equal(child_run(take_one_signal, &interrupt), 130);
	assert_int_equal(child_run(take_one_signal, &terminate), 143);
}

static int take_two_signals(void *context)
{
	const int *signals = context;
	interrupt_install();
	raise(signals[0]);
	raise(signals[1]);
	return 1;
}

static void test_the_second_signal_ends_the_process(void **state)
{
	(void)state;
	int same[] = {SIGINT, SIGINT};
	int other[] = {SIGINT, SIGTERM};
	int mixed[] = {SIGTERM, SIGINT};
	assert_int_equal(child_run(take_two_signals, same), 130);
	assert_int_equal(child_run(take_two_signals, other), 143);
	assert_int_equal(child_run(take_two_signals, mixed), 130);
}

static int ignore_what_the_parent_ignored(void *context)
{
	(void)context;
	signal(SIGINT, SIG_IGN);
	interrupt_install();
	raise(SIGINT);
	if (interrupt_requested())
		return 1;
	raise(SIGTERM);
	return interrupt_exit_code();
}

static void test_a_signal_that_was_ignored_stays_ignored(void **state)
{
	(void)state;
	assert_int_equal(child_run(ignore_what_the_parent_ignored, NULL), 143);
}

static int wait_for_input(void *context)
{
	interrupt_install();
	if (!interrupt_wait_for_input(*(int *)context))
		return 1;
	raise(SIGINT);
	/* There still is input. */
	return interrupt_wait_for_input(*(int *)context) ? 2 : 0;
}

static void test_waits_until_there_is_input_or_a_signal(void **state)
{
	(void)state;
	int descriptor = child_pipe_of("input", 5);
	assert_int_equal(child_run(wait_for_input, &descriptor), 0);
	close(descriptor);
}

static int wait_for_silence(void *context)
{
	interrupt_install();
	pid_t parent = getpid();
	if (fork() == 0) {
		usleep(100000);
		kill(parent, SIGTERM);
		_exit(0);
	}
	return interrupt_wait_for_input(*(int *)context) ? 1 : 0;
}

static void test_a_signal_ends_the_wait(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(child_run(wait_for_silence, &ends[0]), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asks_for_nothing_before_it_is_installed),
		cmocka_unit_test(test_the_first_signal_asks_the_run_to_end),
		cmocka_unit_test(test_the_second_signal_ends_the_process),
		cmocka_unit_test(test_a_signal_that_was_ignored_stays_ignored),
		cmocka_unit_test(test_waits_until_there_is_input_or_a_signal),
		cmocka_unit_test(test_a_signal_ends_the_wait),
	};
	signal(SIGINT, SIG_DFL); /* a job in the background is started to ignore it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
