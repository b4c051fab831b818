/*
 * child_process: runs part of a test in a process of its own, where signals, standard error and
 * the end of the process can be looked at.
 */
#ifndef LAYERPROOF_TESTS_CHILD_PROCESS_H
#define LAYERPROOF_TESTS_CHILD_PROCESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The exit code of the child that runs `work(context)` and ends with what it returns. */
static inline int child_run(int (*work)(void *context), void *context)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(work(context));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A pipe that holds `size` bytes and then ends; the caller closes the descriptor. There is room in
 * a pipe for 64 KiB. */
static inline int child_pipe_of(const void *bytes, size_t size)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_true(size <= 65536);
	assert_int_equal(write(ends[1], bytes, size), (ssize_t)size);
	close(ends[1]);
	return ends[0];
}

#endif
