#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper_output.h"
#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "secret.h"

extern char **environ;

static void close_at(const int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
}

/* The suffix comes from a file: it may name a program on the PATH, never a path. */
static bool is_plain_name(const char *suffix)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								  "0123456789-_.";
	size_t size = strlen(suffix);
	return size > 0 && size <= 64 && strspn(suffix, allowed) == size;
}

/* Standard input as a file in memory: unlike a pipe it cannot break. */
static int open_input(const char *server, struct error *err)
{
	int input = memfd_create("server", MFD_CLOEXEC);
	size_t size = strlen(server);
	if (input >= 0 && pwrite(input, server, size, 0) == (ssize_t)size)
		return input;
	error_set_errno(err, "no memory for the helper's input");
	close_at(&input);
	return -1;
}

/* A group of its own, so that what the helper starts can be ended with it; no descriptor of ours
 * but the two, and no signal that we ignore or hold back. Of its standard error nothing is known to
 * be fit to be shown. */
static int spawn(char *const arguments[], int input, int output, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	sigset_t none;
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
											  POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	int failure = posix_spawnp(child, arguments[0], &actions, &attributes, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failure;
}

/* Waits for something to read, or for the end of it, as long as there is time. */
static int wait_until(int descriptor, int64_t deadline, struct error *err)
{
	while (!interrupt_requested()) {
		struct pollfd waits[] = {
			{.fd = descriptor, .events = POLLIN},
			{.fd = interrupt_descriptor(), .events = POLLIN},
		};
		int64_t left = deadline - clock_monotonic_ms();
		if (left <= 0)
			return error_set(err, ERROR_SYSTEM, "no answer within %d s", LIMIT_HELPER_SECONDS);
		int ready = poll(waits, sizeof waits / sizeof waits[0], (int)left);
		if (waits[0].revents != 0 || (ready < 0 && errno != EINTR))
			return 0;
	}
	return error_set(err, ERROR_INTERRUPTED, "interrupted");
}

static int read_output(int output, int64_t deadline, struct buffer *out, struct error *err)
{
	for (;;) {
		char bytes[4096];
		if (wait_until(output, deadline, err) != 0)
			return -1;
		ssize_t size = read(output, bytes, sizeof bytes);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return error_set_errno(err, "cannot read its answer");
		if (size == 0)
			return 0;
		int added = buffer_add(out, bytes, (size_t)size, err);
		explicit_bzero(bytes, sizeof bytes);
		if (added != 0)
			return -1;
	}
}

/* A helper may close its output and stay. */
static int wait_for_end(pid_t child, int64_t deadline, struct error *err)
{
	CLEANUP(close_at) int handle = pidfd_open(child, 0);
	if (handle < 0)
		return error_set_errno(err, "cannot be waited for");
	return wait_until(handle, deadline, err);
}

/* Its status as waitpid(2) gives it. */
static int reap(pid_t child)
{
	int status = -1;
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

/* Runs the program; `*status` is as waitpid(2) gives it. */
static int run(const char *program, const char *server, struct buffer *out, int *status,
			   struct error *err)
{
	CLEANUP(close_at) int input = open_input(server, err);
	if (input < 0)
		return -1;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set_errno(err, "no pipe");
	CLEANUP(close_at) int output = ends[0];
	CLEANUP(free_at) char *name = memory_copy_text(program);
	char get[] = "get";
	char *arguments[] = {name, get, NULL};
	pid_t child = -1;
	int failure = spawn(arguments, input, ends[1], &child);
	close(ends[1]);
	if (failure != 0)
		return error_set(err, ERROR_SYSTEM, "cannot be run: %s", strerror(failure));
	int64_t deadline = clock_monotonic_ms() + LIMIT_HELPER_SECONDS * INT64_C(1000);
	int result = read_output(output, deadline, out, err);
	if (result == 0)
		result = wait_for_end(child, deadline, err);
	if (result != 0)
		(void)kill(-child, SIGKILL);
	*status = reap(child);
	return result;
}

/* A helper says on its standard output why it failed. */
static int judge_failure(const struct buffer *answer, int status, struct error *err)
{
	CLEANUP(free_at) char *words = helper_output_words(answer->bytes);
	if (text_starts_with(words, "credentials not found"))
		return 0;
	if (WIFSIGNALED(status))
		return error_set(err, ERROR_SYSTEM, "ended by signal %d", WTERMSIG(status));
	if (words[0] == '\0')
		return error_set(err, ERROR_SYSTEM, "failed: exit code %d", WEXITSTATUS(status));
	return error_set(err, ERROR_SYSTEM, "failed: %s", words);
}

int helper_get(const char *suffix, const char *server, struct credential *out, struct error *err)
{
	if (!is_plain_name(suffix))
		return error_set(err, ERROR_USAGE, "not the name of a credential helper");
	CLEANUP(free_at) char *program = memory_format("docker-credential-%s", suffix);
	CLEANUP(secret_buffer_clear) struct buffer answer = BUFFER_INIT(LIMIT_HELPER_OUTPUT);
	int status = -1;
	int result = run(program, server, &answer, &status, err);
	if (result == 0)
		result = status == 0 ? helper_output_read(answer.bytes, answer.size, out, err)
							 : judge_failure(&answer, status, err);
	return result == 0 ? 0 : error_add_context(err, "%s", program);
}
