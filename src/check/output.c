#include "output.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "layerproof/memory.h"

struct waiting_line {
	char *bytes; /* NULL: not there yet */
	size_t size;
};

struct output {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int descriptor;
	bool is_ordered;
	struct waiting_line *window; /* line n waits at n modulo window_size */
	size_t window_size;
	uint64_t next; /* number of the line to be written next */
	int failure;   /* errno of the first failed write; 0 */
};

struct output *output_new(int descriptor, bool is_ordered, size_t window)
{
	struct output *output = memory_alloc(1, sizeof(*output));
	output->descriptor = descriptor;
	output->is_ordered = is_ordered;
	output->window_size = window;
	output->window = memory_alloc(window, sizeof(*output->window));
	pthread_mutex_init(&output->lock, NULL);
	pthread_cond_init(&output->moved, NULL);
	return output;
}

void output_free(struct output *output)
{
	if (output == NULL)
		return;
	for (size_t i = 0; i < output->window_size; i++)
		free(output->window[i].bytes);
	free(output->window);
	pthread_cond_destroy(&output->moved);
	pthread_mutex_destroy(&output->lock);
	free(output);
}

void output_wait_for_room(struct output *output, uint64_t number)
{
	if (!output->is_ordered)
		return;
	pthread_mutex_lock(&output->lock);
	while (number >= output->next + output->window_size)
		pthread_cond_wait(&output->moved, &output->lock);
	pthread_mutex_unlock(&output->lock);
}

/* After a failure lines are dropped: there is nobody to read them. */
static void write_whole(struct output *output, const char *bytes, size_t size)
{
	while (size > 0 && output->failure == 0) {
		ssize_t written = write(output->descriptor, bytes, size);
		if (written >= 0) {
			bytes += written;
			size -= (size_t)written;
		} else if (errno != EINTR) {
			output->failure = errno;
		}
	}
}

static void write_those_in_turn(struct output *output)
{
	struct waiting_line *line = &output->window[output->next % output->window_size];
	while (line->bytes != NULL) {
		write_whole(output, line->bytes, line->size);
		free(STEAL(line->bytes));
		output->next++;
		line = &output->window[output->next % output->window_size];
	}
	pthread_cond_broadcast(&output->moved);
}

void output_put(struct output *output, uint64_t number, char *line, size_t size)
{
	pthread_mutex_lock(&output->lock);
	if (output->is_ordered) {
		output->window[number % output->window_size] = (struct waiting_line){line, size};
		write_those_in_turn(output);
	} else {
		write_whole(output, line, size);
		free(line);
	}
	pthread_mutex_unlock(&output->lock);
}

bool output_has_failed(struct output *output)
{
	pthread_mutex_lock(&output->lock);
	bool has_failed = output->failure != 0;
	pthread_mutex_unlock(&output->lock);
	return has_failed;
}

int output_result(struct output *output, struct error *err)
{
	if (output->failure == 0)
		return 0;
	errno = output->failure;
	error_set_errno(err, "standard output");
	if (output->failure == EPIPE)
		err->code = ERROR_INTERRUPTED;
	return -1;
}
