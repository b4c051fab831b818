#include "layerproof/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

struct apart {
	int pipe; /* the end that is written to */
};

/* ---- The child ---- */

static void write_all(int pipe, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size > 0) {
		ssize_t written = write(pipe, at, size);
		if (written < 0 && errno != EINTR)
			_exit(1); /* nobody hears it any more */
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
}

void apart_say(struct apart *apart, const void *bytes, size_t size)
{
	uint32_t length = (uint32_t)size;

	write_all(apart->pipe, &length, sizeof(length));
	write_all(apart->pipe, bytes, size);
}

/* Libraries write why they give up to standard error: who asked tells it in its own words. */
static void be_silent(void)
{
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
}

static void run_child(const struct apart_task *task, int pipe, pid_t parent)
{
	struct apart apart = {.pipe = pipe};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it went before it could be told */
		_exit(1);
	signal(SIGPIPE, SIG_IGN); /* who no longer listens is met in write_all() */
	be_silent();
	task->work(task->context, &apart);
	_exit(0);
}

/* ---- The parent ---- */

/* 1 all of it, 0 the pipe ended before, -1 interrupted. */
static int read_all(int pipe, void *bytes, size_t size)
{
	uint8_t *at = bytes;

	while (size > 0) {
		if (!interrupt_wait_for_input(pipe))
			return -1;
		ssize_t got = read(pipe, at, size);
		if (got == 0 || (got < 0 && errno != EINTR))
			return 0;
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return 1;
}

/* Hears all that is said: 1 somebody had heard enough, 0 the end, -1 interrupted. */
static int hear_all(const struct apart_task *task, int pipe)
{
	CLEANUP(free_at) uint8_t *message = memory_alloc(APART_MESSAGE_MAX, 1);
	uint32_t size;

	for (;;) {
		int more = read_all(pipe, &size, sizeof(size));
		if (more == 1 && size > APART_MESSAGE_MAX)
			return 0; /* who says that is out of its mind */
		if (more == 1)
			more = read_all(pipe, message, size);
		if (more != 1)
			return more;
		if (task->hear(task->context, message, size) != 0)
			return 1;
	}
}

static void end_child(pid_t child, bool is_stopped, struct apart_end *end)
{
	int status = 0;

	if (is_stopped)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	end->signal = WIFSIGNALED(status) && !is_stopped ? WTERMSIG(status) : 0;
	end->finished = is_stopped || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int apart_run(const struct apart_task *task, struct apart_end *end, struct error *err)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(err, "cannot make a pipe");
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		run_child(task, ends[1], parent);
	}
	close(ends[1]);
	if (child < 0) {
		error_set_errno(err, "cannot make a process");
		close(ends[0]);
		return -1;
	}
	int heard = hear_all(task, ends[0]);
	close(ends[0]);
	end_child(child, heard != 0, end);
	return heard < 0 ? error_set(err, ERROR_INTERRUPTED, "interrupted") : 0;
}
