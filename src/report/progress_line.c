#include "layerproof/progress_line.h"

#include <inttypes.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

enum { HOSTS_SHOWN = 3 };

static void add_done(struct buffer *out, const struct progress_state *state)
{
	struct error ignored; /* the buffer is large enough for all that is shown */
	(void)buffer_add_format(out, &ignored, "%" PRIu64, state->done);
	if (state->total > 0)
		(void)buffer_add_format(out, &ignored, " of %" PRIu64, state->total);
	(void)buffer_add_format(out, &ignored, " %s, %" PRIu64, state->words.done,
							state->per_10_seconds / 10);
	if (state->per_10_seconds < 100)
		(void)buffer_add_format(out, &ignored, ".%" PRIu64, state->per_10_seconds % 10);
	(void)buffer_add_format(out, &ignored, "/s: %" PRIu64 " %s, %" PRIu64 " %s; ", state->first,
							state->words.first, state->second, state->words.second);
}

/* "docker.io until 05:12:33Z": the date matters to nobody who looks at a terminal. */
static void add_host(struct buffer *out, const struct progress_host *host, const char *joint)
{
	struct error ignored;
	char time[CLOCK_TEXT_SIZE];
	CLEANUP(free_at) char *name = text_printable(host->name);
	(void)buffer_add_format(out, &ignored, "%s%s until %s", joint, name,
							strchr(clock_format(host->opens_at, time), 'T') + 1);
}

static void add_waiting(struct buffer *out, const struct progress_state *state)
{
	struct error ignored;
	for (size_t i = 0; i < state->waiting_count && i < HOSTS_SHOWN; i++)
		add_host(out, &state->waiting[i], i == 0 ? "; waiting for " : ", ");
	if (state->waiting_count > HOSTS_SHOWN)
		(void)buffer_add_format(out, &ignored, " and %zu more", state->waiting_count - HOSTS_SHOWN);
}

char *progress_line_format(const struct progress_state *state, size_t columns)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error ignored;
	char size[32];
	add_done(&out, state);
	text_format_size((long long)state->bytes, size, sizeof(size));
	(void)buffer_add(&out, size, strlen(size), &ignored);
	add_waiting(&out, state);
	char *line = buffer_steal(&out);
	if (columns > 0 && strlen(line) > columns)
		line[columns] = '\0';
	return line;
}
