#include "live.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"

enum {
	DRAW_MS = 250,
	USUAL_COLUMNS = 80,
	USUAL_ROWS = 24,
};

struct live {
	pthread_mutex_t lock; /* recursive: a thread that draws may have something to say itself */
	pthread_cond_t ended;
	pthread_t thread;
	char *(*draw)(void *context, struct live_room room);
	void *context;
	int terminal;
	bool is_over;
	size_t drawn; /* lines on the terminal */
};

/* The lock is held, here and below. */
static void write_text(const struct live *live, const char *text)
{
	/* Nobody is left to tell when the terminal is gone. */
	ssize_t written = write(live->terminal, text, strlen(text));
	(void)written;
}

/* To the beginning of the first line that was drawn. */
static void add_return(const struct live *live, struct buffer *out, struct error *err)
{
	if (live->drawn > 1)
		(void)buffer_add_format(out, err, "\x1b[%zuA", live->drawn - 1);
	(void)buffer_add(out, "\r", 1, err);
}

static void erase(struct live *live)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(1));
	struct error ignored;
	if (live->drawn == 0)
		return;
	add_return(live, &out, &ignored);
	(void)buffer_add_format(&out, &ignored, live->drawn > 1 ? "\x1b[J" : "\x1b[K");
	write_text(live, out.bytes);
	buffer_clear(&out);
	live->drawn = 0;
}

static struct live_room room_of(int terminal)
{
	struct winsize size = {.ws_col = 0};
	(void)ioctl(terminal, TIOCGWINSZ, &size);
	size_t columns = size.ws_col > 1 ? size.ws_col : USUAL_COLUMNS;
	size_t rows = size.ws_row > 1 ? size.ws_row : USUAL_ROWS;
	return (struct live_room){.columns = columns - 1, .lines = rows - 1};
}

static size_t count_lines(const char *text)
{
	size_t count = 1;
	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		count++;
	}
	return count;
}

/* Over what stands there, line by line, so that it does not flicker. */
static void overwrite(struct live *live, char *text)
{
	struct buffer out = BUFFER_INIT(LIMIT_MIB(1));
	struct error ignored; /* the buffer is large enough for a terminal */
	char *rest = NULL;
	size_t count = count_lines(text);
	const char *begin = "";
	add_return(live, &out, &ignored);
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest)) {
		(void)buffer_add_format(&out, &ignored, "%s%s\x1b[K", begin, line);
		begin = "\r\n";
	}
	if (live->drawn > count)
		(void)buffer_add_format(&out, &ignored, "\x1b[J");
	write_text(live, out.bytes);
	buffer_clear(&out);
	live->drawn = count;
}

static void redraw(struct live *live)
{
	CLEANUP(free_at) char *text = live->draw(live->context, room_of(live->terminal));
	if (*text == '\0')
		erase(live);
	else
		overwrite(live, text);
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
	struct live *live = context;
	pthread_mutex_lock(&live->lock);
	while (!live->is_over) {
		struct timespec until = time_in(DRAW_MS);
		(void)pthread_cond_timedwait(&live->ended, &live->lock, &until);
		if (!live->is_over)
			redraw(live);
	}
	pthread_mutex_unlock(&live->lock);
	return NULL;
}

static void step_aside(void *context)
{
	live_step_aside(context);
}

static void step_back(void *context)
{
	live_step_back(context);
}

static void init_locks(struct live *live)
{
	pthread_mutexattr_t recursive;
	pthread_condattr_t monotonic;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&live->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&live->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static void destroy(struct live *live)
{
	pthread_cond_destroy(&live->ended);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

struct live *live_new(int terminal, char *(*draw)(void *context, struct live_room room),
					  void *context)
{
	struct live *live = memory_alloc(1, sizeof(*live));
	live->terminal = terminal;
	live->draw = draw;
	live->context = context;
	init_locks(live);
	if (pthread_create(&live->thread, NULL, keep_drawing, live) != 0) {
		destroy(live); /* one can do without */
		return NULL;
	}
	log_set_frame(step_aside, step_back, live);
	return live;
}

void live_free(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	live->is_over = true;
	pthread_cond_signal(&live->ended);
	pthread_mutex_unlock(&live->lock);
	pthread_join(live->thread, NULL);
	log_set_frame(NULL, NULL, NULL);
	erase(live);
	destroy(live);
}

void live_lock(struct live *live)
{
	pthread_mutex_lock(&live->lock);
}

void live_unlock(struct live *live)
{
	pthread_mutex_unlock(&live->lock);
}

void live_step_aside(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	erase(live);
}

void live_step_back(struct live *live)
{
	pthread_mutex_unlock(&live->lock);
}
