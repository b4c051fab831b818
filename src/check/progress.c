#include "layerproof/progress.h"

#include <stdlib.h>

#include "layerproof/memory.h"
#include "live.h"
#include "rate.h"

struct progress {
	struct live *live;
	struct network *network;
	uint64_t total;
	struct progress_words words;
	struct progress_counts counts;
	struct rate rate;
};

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

static char *draw(void *context, struct live_room room)
{
	struct progress *progress = context;
	struct traffic *traffic = network_traffic(progress->network);
	struct traffic_host *hosts;
	size_t count = traffic_list(traffic, &hosts);
	CLEANUP(free_at) struct progress_host *waiting = memory_alloc(count, sizeof(*waiting));
	const struct progress_state state = {
		.done = progress->counts.done,
		.total = progress->counts.done > progress->total ? 0 : progress->total,
		.per_10_seconds = rate_per_10_seconds(&progress->rate, progress->counts.done),
		.words = progress->words,
		.first = progress->counts.first,
		.second = progress->counts.second,
		.bytes = traffic_sum(traffic).bytes,
		.waiting = waiting,
		.waiting_count = find_waiting(progress, hosts, count, waiting),
	};
	char *line = progress_line_format(&state, room.columns);
	traffic_list_free(hosts, count);
	return line;
}

struct progress *progress_new(int terminal, uint64_t total, const struct progress_words *words,
							  struct network *network)
{
	struct progress *progress = memory_alloc(1, sizeof(*progress));
	progress->total = total;
	progress->words = *words;
	progress->network = network;
	rate_begin(&progress->rate);
	progress->live = live_new(terminal, draw, progress);
	if (progress->live != NULL)
		return progress;
	free(progress);
	return NULL;
}

void progress_free(struct progress *progress)
{
	if (progress == NULL)
		return;
	live_free(progress->live);
	free(progress);
}

void progress_note(struct progress *progress, const struct progress_counts *counts)
{
	if (progress == NULL)
		return;
	live_lock(progress->live);
	progress->counts = *counts;
	live_unlock(progress->live);
}

void progress_step_aside(struct progress *progress)
{
	if (progress != NULL)
		live_step_aside(progress->live);
}

void progress_step_back(struct progress *progress)
{
	if (progress != NULL)
		live_step_back(progress->live);
}
