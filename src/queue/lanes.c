#include "layerproof/lanes.h"

#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layerproof/candidate.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/pace.h"
#include "layerproof/source.h"

enum {
	SILENCE_MS = 2000, /* of a registry, until the workers it holds no longer count */
	NAP_MS = 200,      /* at most; then signals and the pace of the registries are looked at anew */
};

enum lane_state {
	LANE_EMPTY,  /* nothing waits in it */
	LANE_READY,  /* in the ring: to be looked at in turn */
	LANE_FULL,   /* until one of its candidates is done */
	LANE_CLOSED, /* until `opens_ms` */
};

STAILQ_HEAD(work_list, work);
TAILQ_HEAD(lane_list, lane);
LIST_HEAD(working_list, lane);

struct lane {
	TAILQ_ENTRY(lane) turn;   /* in the ring, or among the closed ones */
	LIST_ENTRY(lane) working; /* where `running` is not 0 */
	struct work_list works;
	enum lane_state state;
	unsigned running;
	int64_t opens_ms;
	int64_t moved_ms; /* when work was last begun or ended */
	bool is_local;    /* no registry is asked */
	char *host;
};

struct lanes {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* work came, or ended */
	pthread_cond_t emptied; /* less waits */
	struct pace *pace;
	unsigned jobs;
	unsigned spare;
	unsigned running;
	bool is_closed;
	size_t waiting_size; /* bytes of all that waits */
	size_t waiting;
	void *by_host; /* tsearch(3) */
	struct lane_list ring;
	struct lane_list closed;
	struct working_list working;
};

struct lanes *lanes_new(struct network *network, unsigned jobs, unsigned spare)
{
	struct lanes *lanes = memory_alloc(1, sizeof(*lanes));
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&lanes->lock, NULL);
	pthread_cond_init(&lanes->changed, &monotonic);
	pthread_cond_init(&lanes->emptied, &monotonic);
	pthread_condattr_destroy(&monotonic);
	lanes->pace = network == NULL ? NULL : network_pace(network);
	lanes->jobs = jobs;
	lanes->spare = spare;
	TAILQ_INIT(&lanes->ring);
	TAILQ_INIT(&lanes->closed);
	LIST_INIT(&lanes->working);
	return lanes;
}

static void nap(struct lanes *lanes, pthread_cond_t *condition)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += NAP_MS * 1000L * 1000L;
	until.tv_sec += until.tv_nsec / (1000L * 1000L * 1000L);
	until.tv_nsec %= 1000L * 1000L * 1000L;
	(void)pthread_cond_timedwait(condition, &lanes->lock, &until);
}

/* ---- A lane and its state ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct lane *)a)->host, ((const struct lane *)b)->host);
}

static struct lane *lane_of(struct lanes *lanes, const char *host)
{
	struct lane wanted = {.host = (char *)(host == NULL ? "" : host)};
	struct lane **found = tfind(&wanted, &lanes->by_host, compare);
	if (found != NULL)
		return *found;
	struct lane *lane = memory_alloc(1, sizeof(*lane));
	lane->host = memory_copy_text(wanted.host);
	lane->is_local = host == NULL || lanes->pace == NULL;
	STAILQ_INIT(&lane->works);
	(void)memory_require(tsearch(lane, &lanes->by_host, compare));
	return lane;
}

static void leave_list(struct lanes *lanes, struct lane *lane)
{
	if (lane->state == LANE_READY)
		TAILQ_REMOVE(&lanes->ring, lane, turn);
	else if (lane->state == LANE_CLOSED)
		TAILQ_REMOVE(&lanes->closed, lane, turn);
}

static void set_state(struct lanes *lanes, struct lane *lane, enum lane_state state)
{
	leave_list(lanes, lane);
	lane->state = state;
	if (state == LANE_READY)
		TAILQ_INSERT_TAIL(&lanes->ring, lane, turn);
	else if (state == LANE_CLOSED)
		TAILQ_INSERT_TAIL(&lanes->closed, lane, turn);
}

static void lane_free(void *at)
{
	struct lane *lane = at;
	struct work *work;
	while ((work = STAILQ_FIRST(&lane->works)) != NULL) {
		STAILQ_REMOVE_HEAD(&lane->works, next);
		free(work);
	}
	free(lane->host);
	free(lane);
}

void lanes_free(struct lanes *lanes)
{
	if (lanes == NULL)
		return;
	tdestroy(lanes->by_host, lane_free);
	pthread_cond_destroy(&lanes->changed);
	pthread_cond_destroy(&lanes->emptied);
	pthread_mutex_destroy(&lanes->lock);
	free(lanes);
}

/* After anything about it changed: to be looked at anew, or gone when nothing is left of it. */
static void review(struct lanes *lanes, struct lane *lane)
{
	if (!STAILQ_EMPTY(&lane->works)) {
		if (lane->state != LANE_READY)
			set_state(lanes, lane, LANE_READY);
		return;
	}
	set_state(lanes, lane, LANE_EMPTY);
	if (lane->running > 0)
		return;
	(void)tdelete(lane, &lanes->by_host, compare);
	lane_free(lane);
}

/* ---- Putting ---- */

static void count_in(struct lanes *lanes, const struct work *work)
{
	lanes->waiting++;
	lanes->waiting_size += sizeof(*work) + work->size;
}

static void count_out(struct lanes *lanes, const struct work *work)
{
	lanes->waiting--;
	lanes->waiting_size -= sizeof(*work) + work->size;
	pthread_cond_signal(&lanes->emptied);
}

static bool is_stopped(bool (*stop)(void *context), void *context)
{
	return interrupt_requested() || (stop != NULL && stop(context));
}

bool lanes_put(struct lanes *lanes, const struct work *like, const char *line,
			   bool (*stop)(void *context), void *context)
{
	struct candidate candidate;
	struct work *work = memory_alloc(1, sizeof(*work) + like->size + 1);
	*work = *like;
	memcpy(work->line, line, like->size);
	candidate_parse(line, like->size, like->is_long, &candidate);
	const char *host = candidate.has_reference ? source_host(&candidate.reference) : NULL;
	pthread_mutex_lock(&lanes->lock);
	bool is_stopping = is_stopped(stop, context);
	while (!is_stopping && lanes->waiting_size > (size_t)LIMIT_WAITING_SIZE) {
		nap(lanes, &lanes->emptied);
		is_stopping = is_stopped(stop, context);
	}
	if (is_stopping) {
		free(work);
	} else {
		work->lane = lane_of(lanes, host);
		STAILQ_INSERT_TAIL(&work->lane->works, work, next);
		count_in(lanes, work);
		if (work->lane->state == LANE_EMPTY)
			set_state(lanes, work->lane, LANE_READY);
		pthread_cond_signal(&lanes->changed);
	}
	pthread_mutex_unlock(&lanes->lock);
	candidate_clear(&candidate);
	return !is_stopping;
}

void lanes_close(struct lanes *lanes)
{
	pthread_mutex_lock(&lanes->lock);
	lanes->is_closed = true;
	pthread_cond_broadcast(&lanes->changed);
	pthread_mutex_unlock(&lanes->lock);
}

/* ---- Taking ---- */

/* Workers that wait for registries of which nothing has been heard for a while. */
static unsigned count_stalled(const struct lanes *lanes, int64_t now)
{
	unsigned stalled = 0;
	for (const struct lane *lane = LIST_FIRST(&lanes->working); lane != NULL;
		 lane = LIST_NEXT(lane, working)) {
		struct pace_view view;
		if (lane->is_local || now - lane->moved_ms < SILENCE_MS)
			continue;
		pace_look(lanes->pace, lane->host, &view);
		if (now - view.heard_ms >= SILENCE_MS)
			stalled += lane->running;
	}
	return stalled < lanes->spare ? stalled : lanes->spare;
}

static bool has_room(const struct lanes *lanes, int64_t now)
{
	return lanes->running < lanes->jobs || lanes->running - count_stalled(lanes, now) < lanes->jobs;
}

/* What may be done with the lane now. */
static enum lane_state judge(const struct lanes *lanes, struct lane *lane, int64_t now)
{
	struct pace_view view;
	if (lane->is_local)
		return LANE_READY;
	if (lane->opens_ms > now)
		return LANE_CLOSED;
	pace_look(lanes->pace, lane->host, &view);
	if (view.is_given_up)
		return LANE_READY;
	if (view.opens_ms > now) {
		lane->opens_ms = view.opens_ms;
		return LANE_CLOSED;
	}
	return lane->running < view.window ? LANE_READY : LANE_FULL;
}

static void reopen(struct lanes *lanes, int64_t now)
{
	struct lane *lane = TAILQ_FIRST(&lanes->closed);
	while (lane != NULL) {
		struct lane *after = TAILQ_NEXT(lane, turn);
		if (lane->opens_ms <= now)
			set_state(lanes, lane, LANE_READY);
		lane = after;
	}
}

/* The lane whose turn it is; those that cannot have it leave the ring. */
static struct lane *next_lane(struct lanes *lanes, int64_t now)
{
	struct lane *lane;
	reopen(lanes, now);
	while ((lane = TAILQ_FIRST(&lanes->ring)) != NULL) {
		enum lane_state state = judge(lanes, lane, now);
		set_state(lanes, lane, state);
		if (state == LANE_READY)
			return lane;
	}
	return NULL;
}

static struct work *begin(struct lanes *lanes, struct lane *lane, int64_t now)
{
	struct work *work = STAILQ_FIRST(&lane->works);
	STAILQ_REMOVE_HEAD(&lane->works, next);
	count_out(lanes, work);
	if (STAILQ_EMPTY(&lane->works))
		set_state(lanes, lane, LANE_EMPTY);
	if (lane->running++ == 0)
		LIST_INSERT_HEAD(&lanes->working, lane, working);
	lane->moved_ms = now;
	lanes->running++;
	return work;
}

struct kept {
	struct lanes *lanes;
	struct work *found;
};

static void find_begun(const void *node, VISIT visit, void *context)
{
	struct kept *kept = context;
	struct lane *lane = *(struct lane *const *)node;
	struct work *work;
	if ((visit != postorder && visit != leaf) || kept->found != NULL)
		return;
	while ((work = STAILQ_FIRST(&lane->works)) != NULL && !work->was_begun) {
		STAILQ_REMOVE_HEAD(&lane->works, next);
		count_out(kept->lanes, work);
		free(work);
	}
	kept->found = work;
}

/* After a signal: work that was begun before, wherever it waits; the rest is dropped. */
static struct work *take_begun(struct lanes *lanes)
{
	struct kept kept = {.lanes = lanes};
	twalk_r(lanes->by_host, find_begun, &kept);
	return kept.found == NULL ? NULL : begin(lanes, kept.found->lane, clock_monotonic_ms());
}

static struct work *take(struct lanes *lanes)
{
	for (;;) {
		int64_t now = clock_monotonic_ms();
		if (interrupt_requested())
			return take_begun(lanes);
		struct lane *lane = has_room(lanes, now) ? next_lane(lanes, now) : NULL;
		if (lane != NULL)
			return begin(lanes, lane, now);
		/* What is in work may be put back. */
		if (lanes->is_closed && lanes->waiting == 0 && lanes->running == 0)
			return NULL;
		nap(lanes, &lanes->changed);
	}
}

struct work *lanes_take(struct lanes *lanes)
{
	pthread_mutex_lock(&lanes->lock);
	struct work *work = take(lanes);
	if (!TAILQ_EMPTY(&lanes->ring) && lanes->running < lanes->jobs)
		pthread_cond_signal(&lanes->changed); /* there may be work for one more */
	pthread_mutex_unlock(&lanes->lock);
	return work;
}

/* ---- Ending ---- */

static void end(struct lanes *lanes, struct lane *lane)
{
	lane->moved_ms = clock_monotonic_ms();
	lanes->running--;
	if (--lane->running == 0)
		LIST_REMOVE(lane, working);
	review(lanes, lane);
	/* The worker itself comes for more: to wake another would only part them from their
	 * connections. But this may have been the last of all. */
	if (lanes->running == 0)
		pthread_cond_broadcast(&lanes->changed);
}

void lanes_done(struct lanes *lanes, struct work *work)
{
	pthread_mutex_lock(&lanes->lock);
	end(lanes, work->lane);
	pthread_mutex_unlock(&lanes->lock);
	free(work);
}

void lanes_put_back(struct lanes *lanes, struct work *work, int64_t until_ms)
{
	struct lane *lane = work->lane;
	pthread_mutex_lock(&lanes->lock);
	work->was_begun = true;
	STAILQ_INSERT_HEAD(&lane->works, work, next);
	count_in(lanes, work);
	if (lane->opens_ms < until_ms)
		lane->opens_ms = until_ms;
	end(lanes, lane);
	pthread_mutex_unlock(&lanes->lock);
}
