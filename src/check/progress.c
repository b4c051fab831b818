#include "layerproof/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "layerproof/clock.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/progress_line.h"

enum {
	DRAW_MS = 250,
	SAMPLES = 20, /* drawings that the rate is taken over: five seconds */
};

struct sample {
	uint64_t done;
	int64_t at_ms;
};

struct progress {
	pthread_mutex_t lock; /* recursive: a thread that draws may have something to say itself */
	pthread_cond_t ended;
	pthread_t thread;
	struct network *network;
	int terminal;
	bool is_over;
	bool is_drawn;
	uint64_t total;
	struct check_totals totals;
	struct sample samples[SAMPLES]; /* the one of drawing n is at n modulo SAMPLES */
	uint64_t drawings;
	int64_t begun_ms;
};

static void write_text(const struct progress *progress, const char *text)
{
	/* Nobody is left to tell when the terminal is gone. */
	ssize_t written = write(progress->terminal, text, strlen(text));
	(void)written;
}

/* The lock is held, here and below. */
static void erase(struct progress *progress)
{
	if (progress->is_drawn)
		write_text(progress, "\r\x1b[K");
	progress->is_drawn = false;
}

/* Over the last seconds, and over the whole run while it is younger. */
static uint64_t rate_of(struct progress *progress)
{
	struct sample now = {progress->totals.candidates, clock_monotonic_ms()};
	struct sample then = {0, progress->begun_ms};
	struct sample *oldest = &progress->samples[progress->drawings % SAMPLES];
	if (progress->drawings >= SAMPLES)
		then = *oldest;
	*oldest = now;
	progress->drawings++;
	int64_t passed = now.at_ms - then.at_ms;
	return passed <= 0 ? 0 : (now.done - then.done) * 10000 / (uint64_t)passed;
}

/* Those of `hosts` that are left alone at the moment. Returns how many. */
static size_t find_waiting(const struct progress *progress, const struct traffic_host *hosts,
						   size_t count, struct progress_host *out)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		struct pace_view view;
		pace_look(network_pace(progress->network), hosts[i].name, &view);
		if (view.opens_at != 0 && !view.is_given_up)
			out[found++] = (struct progress_host){hosts[i].name, view.opens_at};
	}
	return found;
}

static size_t columns_of(int terminal)
{
	struct winsize size;
	return ioctl(terminal, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* One column less than there are: a full line would wrap, and could not be erased. */
static void draw_state(struct progress *progress, const struct progress_state *state)
{
	size_t columns = columns_of(progress->terminal);
	CLEANUP(free_at) char *text = progress_line_format(state, columns > 1 ? columns - 1 : 79);
	CLEANUP(free_at) char *line = memory_format("\r%s\x1b[K", text);
	write_text(progress, line);
	progress->is_drawn = true;
}

static void draw(struct progress *progress)
{
	struct traffic *traffic = network_traffic(progress->network);
	struct traffic_host *hosts;
	size_t count = traffic_list(traffic, &hosts);
	CLEANUP(free_at) struct progress_host *waiting = memory_alloc(count, sizeof(*waiting));
	const struct progress_state state = {
		.done = progress->totals.candidates,
		.total = progress->total,
		.per_10_seconds = rate_of(progress),
		.true_positives = progress->totals.true_positives,
		.needs_review = progress->totals.needs_review,
		.bytes = traffic_sum(traffic).bytes,
		.waiting = waiting,
		.waiting_count = find_waiting(progress, hosts, count, waiting),
	};
	draw_state(progress, &state);
	traffic_list_free(hosts, count);
}

static struct timespec time_in(int64_t ms)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	int64_t nanoseconds = time.tv_nsec + ms * 1000000;
	time.tv_sec += nanoseconds / 1000000000;
	time.tv_nsec = nanoseconds % 1000000000;
	return time;
}

static void *keep_drawing(void *context)
{
	struct progress *progress = context;
	pthread_mutex_lock(&progress->lock);
	while (!progress->is_over) {
		struct timespec until = time_in(DRAW_MS);
		(void)pthread_cond_timedwait(&progress->ended, &progress->lock, &until);
		if (!progress->is_over)
			draw(progress);
	}
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

static void step_aside(void *context)
{
	progress_step_aside(context);
}

static void step_back(void *context)
{
	progress_step_back(context);
}

static void init_locks(struct progress *progress)
{
	pthread_mutexattr_t recursive;
	pthread_condattr_t monotonic;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&progress->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&progress->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static void destroy(struct progress *progress)
{
	pthread_cond_destroy(&progress->ended);
	pthread_mutex_destroy(&progress->lock);
	free(progress);
}

struct progress *progress_new(int terminal, uint64_t total, struct network *network)
{
	struct progress *progress = memory_alloc(1, sizeof(*progress));
	progress->terminal = terminal;
	progress->total = total;
	progress->network = network;
	progress->begun_ms = clock_monotonic_ms();
	init_locks(progress);
	if (pthread_create(&progress->thread, NULL, keep_drawing, progress) != 0) {
		destroy(progress); /* one can do without */
		return NULL;
	}
	log_set_frame(step_aside, step_back, progress);
	return progress;
}

void progress_free(struct progress *progress)
{
	if (progress == NULL)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->is_over = true;
	pthread_cond_signal(&progress->ended);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	log_set_frame(NULL, NULL, NULL);
	erase(progress);
	destroy(progress);
}

void progress_note(struct progress *progress, const struct check_totals *totals)
{
	if (progress == NULL)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->totals = *totals;
	pthread_mutex_unlock(&progress->lock);
}

void progress_step_aside(struct progress *progress)
{
	if (progress == NULL)
		return;
	pthread_mutex_lock(&progress->lock);
	erase(progress);
}

void progress_step_back(struct progress *progress)
{
	if (progress != NULL)
		pthread_mutex_unlock(&progress->lock);
}
