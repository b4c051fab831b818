#include "layerproof/layer_progress.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "layerproof/layer_lines.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "live.h"
#include "rate.h"

/* A smaller layer is read before anybody could look at its line. */
#define LARGE LIMIT_MIB(8)

struct layer_reading {
	TAILQ_ENTRY(layer_reading) next;
	struct digest digest;
	int64_t size;
	_Atomic int64_t read;
	struct rate rate;
};

struct layer_progress {
	struct live *live;
	TAILQ_HEAD(readings, layer_reading) readings; /* in the order in which they were begun */
	size_t count;
};

static bool is_large(const struct layer_reading *reading)
{
	return reading->size >= LARGE || atomic_load(&reading->read) >= LARGE;
}

static char *draw(void *context, struct live_room room)
{
	struct layer_progress *progress = context;
	CLEANUP(free_at)
	struct layer_line *lines = memory_alloc(progress->count + 1, sizeof(*lines));
	size_t count = 0;
	for (struct layer_reading *reading = TAILQ_FIRST(&progress->readings); reading != NULL;
		 reading = TAILQ_NEXT(reading, next)) {
		if (!is_large(reading))
			continue;
		int64_t read = atomic_load(&reading->read);
		lines[count++] = (struct layer_line){
			.digest = reading->digest,
			.read = read,
			.size = reading->size,
			.per_second = rate_per_10_seconds(&reading->rate, (uint64_t)read) / 10,
		};
	}
	return layer_lines_format(lines, count, room.columns, room.lines);
}

struct layer_progress *layer_progress_new(int terminal)
{
	struct layer_progress *progress = memory_alloc(1, sizeof(*progress));
	TAILQ_INIT(&progress->readings);
	progress->live = live_new(terminal, draw, progress);
	if (progress->live != NULL)
		return progress;
	free(progress);
	return NULL;
}

void layer_progress_free(struct layer_progress *progress)
{
	if (progress == NULL)
		return;
	live_free(progress->live);
	free(progress);
}

struct layer_reading *layer_progress_begin(struct layer_progress *progress,
										   const struct digest *digest, int64_t size)
{
	if (progress == NULL)
		return NULL;
	struct layer_reading *reading = memory_alloc(1, sizeof(*reading));
	reading->digest = *digest;
	reading->size = size;
	rate_begin(&reading->rate);
	live_lock(progress->live);
	TAILQ_INSERT_TAIL(&progress->readings, reading, next);
	progress->count++;
	live_unlock(progress->live);
	return reading;
}

void layer_progress_note(void *reading, int64_t size)
{
	struct layer_reading *noted = reading;
	if (noted != NULL)
		atomic_store(&noted->read, size);
}

void layer_progress_end(struct layer_progress *progress, struct layer_reading *reading)
{
	if (progress == NULL)
		return;
	live_lock(progress->live);
	TAILQ_REMOVE(&progress->readings, reading, next);
	progress->count--;
	live_unlock(progress->live);
	free(reading);
}
