#include "pace.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "table.h"

/* A new host is not known to bear more; each answer then allows one more, until the first sign that
 * it is too much. */
enum { FIRST_WINDOW = 4 };

enum { FIRST_WAIT_MS = 1000 };

struct host {
	double window;
	bool has_slowed;      /* from then on the window grows by one a round, not with each answer */
	bool has_answered;    /* at least once in this run */
	bool is_given_up;     /* until `closed_until`, with `why` */
	bool is_out_of_quota; /* it was closed for that, not by a refusal */
	bool is_probed;       /* that time is over, and one request was let through... */
	const void *probe;    /* ...of this one, until it failed; NULL: of nobody known */
	int64_t heard;        /* all times are clock_monotonic_ms(); 0: never */
	int64_t slowed;       /* when the window was cut last */
	int64_t closed;       /* when it was closed last */
	int64_t closed_until;
	int64_t trouble_since; /* the first closing since the last answer; 0: all is well */
	int64_t waited;        /* milliseconds: all times that it was closed, the last one to its end */
	unsigned waits;        /* how many those are */
	int64_t next_wait;     /* milliseconds, for a host that does not say how long */
	int64_t next_rest;     /* milliseconds for which it is given up the next time */
	unsigned busy_in_a_row;
	unsigned silent_in_a_row;
	struct error *why; /* NULL while it was never closed */
};

struct pace {
	pthread_mutex_t lock;
	bool is_patient;
	struct table *table; /* of struct host */
};

static void host_free(void *value)
{
	struct host *host = value;
	free(host->why);
	free(host);
}

struct pace *pace_new(bool is_patient)
{
	struct pace *pace = memory_alloc(1, sizeof *pace);
	pthread_mutex_init(&pace->lock, NULL);
	pace->is_patient = is_patient;
	pace->table = table_new(LIMIT_HOSTS_KEPT, host_free);
	return pace;
}

void pace_free(struct pace *pace)
{
	if (pace == NULL)
		return;
	table_free(pace->table);
	pthread_mutex_destroy(&pace->lock);
	free(pace);
}

static void set_at_ease(struct host *host)
{
	host->trouble_since = 0;
	host->next_wait = FIRST_WAIT_MS;
	host->next_rest = LIMIT_HOST_DOWN_SECONDS * INT64_C(1000);
	host->busy_in_a_row = host->silent_in_a_row = 0;
}

/* A reference may write the port that the scheme has anyway; a label does not. */
static struct host *find(const struct pace *pace, const char *name)
{
	CLEANUP(free_at) char *plain = NULL;
	size_t size = strlen(name);
	if (text_ends_with(name, ":443"))
		plain = memory_copy_span(name, size - strlen(":443"));
	else if (text_ends_with(name, ":80"))
		plain = memory_copy_span(name, size - strlen(":80"));
	return table_get(pace->table, plain != NULL ? plain : name);
}

/* The host's entry, made when it is new. The lock is held. */
static struct host *host_of(struct pace *pace, const char *label)
{
	struct host *host = table_get(pace->table, label);
	if (host != NULL)
		return host;
	host = memory_alloc(1, sizeof *host);
	host->window = FIRST_WINDOW;
	set_at_ease(host);
	table_set(pace->table, label, host);
	return host;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of the time that it is closed. */
static int64_t left_of(const struct host *host, int64_t now)
{
	return host->closed_until > now ? host->closed_until - now : 0;
}

/* ---- For whoever shares work out ---- */

void pace_look(struct pace *pace, const char *host, struct pace_view *out)
{
	*out = (struct pace_view){.window = FIRST_WINDOW};
	pthread_mutex_lock(&pace->lock);
	const struct host *held = find(pace, host);
	if (held != NULL) {
		int64_t now = clock_monotonic_ms();
		out->window = (unsigned)held->window;
		out->heard_ms = held->heard;
		out->waits = held->waits;
		out->waited_ms = held->waited - left_of(held, now);
		if (held->closed_until > now) {
			out->is_given_up = held->is_given_up;
			out->opens_ms = held->closed_until;
			out->opens_at = clock_now() + (held->closed_until - now + 999) / 1000;
		}
	}
	pthread_mutex_unlock(&pace->lock);
}

/* ---- For the requests ---- */

/* Lets one request through to a given-up host whose time is over. */
static void probe(struct host *host, const void *who, int64_t now)
{
	host->is_probed = true;
	host->probe = who;
	host->closed_until = now + LIMIT_HOST_DOWN_SECONDS * INT64_C(1000);
	host->waited += LIMIT_HOST_DOWN_SECONDS * INT64_C(1000);
}

/* Of a host that is closed. */
static enum pace_gate gate_of(const struct host *host, const struct pace_visit *visit)
{
	if (host->is_out_of_quota && !visit->is_pull)
		return PACE_OPEN;
	if (!host->is_given_up)
		return visit->is_again ? PACE_OPEN : PACE_WAIT;
	return host->probe != NULL && host->probe == visit->who ? PACE_OPEN : PACE_GIVEN_UP;
}

enum pace_gate pace_enter(struct pace *pace, const char *host, const struct pace_visit *visit,
						  int64_t *until_ms, struct error *why)
{
	enum pace_gate gate = PACE_OPEN;
	pthread_mutex_lock(&pace->lock);
	struct host *held = table_get(pace->table, host);
	int64_t now = clock_monotonic_ms();
	if (held != NULL && held->closed_until > now)
		gate = gate_of(held, visit);
	else if (held != NULL && held->is_given_up && (visit->is_pull || !held->is_out_of_quota))
		probe(held, visit->who, now);
	if (gate != PACE_OPEN) {
		*until_ms = held->closed_until;
		*why = *held->why;
	}
	pthread_mutex_unlock(&pace->lock);
	return gate;
}

void pace_heard(struct pace *pace, const char *host)
{
	pthread_mutex_lock(&pace->lock);
	host_of(pace, host)->heard = clock_monotonic_ms();
	pthread_mutex_unlock(&pace->lock);
}

void pace_answered(struct pace *pace, const char *host)
{
	pthread_mutex_lock(&pace->lock);
	struct host *held = host_of(pace, host);
	held->heard = clock_monotonic_ms();
	held->has_answered = true;
	held->window += held->has_slowed ? 1 / held->window : 1;
	if (held->window > LIMIT_JOBS)
		held->window = LIMIT_JOBS;
	set_at_ease(held);
	/* What was on its way when the host asked to be left alone does not open it again. */
	if (held->is_given_up && (held->is_probed || held->why->code != ERROR_RATE_LIMITED)) {
		held->is_given_up = false;
		held->waited -= left_of(held, held->heard);
		held->closed_until = 0;
	}
	pthread_mutex_unlock(&pace->lock);
}

/* Halves the window, once for all that was on its way when the news came. */
static void cut_window(struct host *host, int64_t begun_ms)
{
	if (begun_ms < host->slowed)
		return;
	host->slowed = clock_monotonic_ms();
	host->has_slowed = true;
	host->window = host->window > 2 ? host->window / 2 : 1;
}

void pace_slow_down(struct pace *pace, const char *host, int64_t begun_ms)
{
	pthread_mutex_lock(&pace->lock);
	cut_window(host_of(pace, host), begun_ms);
	pthread_mutex_unlock(&pace->lock);
}

static void remember_why(struct host *host, const struct error *why)
{
	if (host->why == NULL)
		host->why = memory_alloc(1, sizeof *host->why);
	*host->why = *why;
}

static void close_for(struct host *host, int64_t ms, const struct error *why)
{
	host->closed = clock_monotonic_ms();
	host->waits++;
	host->waited += ms - left_of(host, host->closed);
	host->closed_until = host->closed + ms;
	host->is_given_up = host->is_probed = host->is_out_of_quota = false;
	host->probe = NULL;
	if (host->trouble_since == 0)
		host->trouble_since = host->closed;
	remember_why(host, why);
}

static void give_up_for(struct host *host, int64_t ms, const struct error *why)
{
	close_for(host, ms, why);
	host->is_given_up = true;
}

/* Whether a wait of `ms` from now on ends later than `seconds` after the trouble began. */
static bool is_too_long(const struct host *host, int64_t ms, int64_t seconds)
{
	int64_t now = clock_monotonic_ms();
	int64_t since = host->trouble_since != 0 ? host->trouble_since : now;
	return now + ms - since > seconds * 1000;
}

static enum pace_gate refuse(const struct pace *pace, struct host *host, int64_t ms,
							 struct error *why)
{
	if (pace->is_patient || !is_too_long(host, ms, LIMIT_RETRY_AFTER_SECONDS)) {
		close_for(host, ms, why);
		return PACE_WAIT;
	}
	why->code = ERROR_RATE_LIMITED;
	why->retry_at = clock_now() + ms / 1000;
	give_up_for(host, ms, why);
	return PACE_GIVEN_UP;
}

/* What the host is at already, for a request that was on its way when it was closed. */
static enum pace_gate as_it_is(const struct host *host, struct error *why)
{
	if (!host->is_given_up)
		return PACE_WAIT;
	why->code = host->why->code;
	why->retry_at = host->why->retry_at;
	return PACE_GIVEN_UP;
}

/* A day is as long as anybody can mean. */
static int64_t in_milliseconds(int64_t seconds)
{
	return least(seconds, LIMIT_WAIT_SECONDS) * 1000;
}

enum pace_gate pace_refused(struct pace *pace, const char *host, int64_t begun_ms, int64_t seconds,
							struct error *why, int64_t *until_ms)
{
	pthread_mutex_lock(&pace->lock);
	struct host *held = host_of(pace, host);
	cut_window(held, begun_ms);
	bool is_known = begun_ms < held->closed && held->closed_until > clock_monotonic_ms();
	enum pace_gate gate = is_known ? as_it_is(held, why)
								   : refuse(pace, held, in_milliseconds(seconds), why);
	*until_ms = held->closed_until;
	pthread_mutex_unlock(&pace->lock);
	return gate;
}

void pace_note_quota(struct pace *pace, const char *host, const struct rate_limit *quota)
{
	struct error why = ERROR_INIT;
	if (quota->remaining < 0)
		return;
	pthread_mutex_lock(&pace->lock);
	struct host *held = host_of(pace, host);
	if (quota->remaining < held->window)
		held->window = quota->remaining > 0 ? (double)quota->remaining : 1;
	if (quota->remaining == 0 && quota->reset > 0) {
		error_set(&why, ERROR_RATE_LIMITED, "%s: its quota of requests is used up", host);
		held->trouble_since = 0;
		(void)refuse(pace, held, in_milliseconds(quota->reset), &why);
		held->is_out_of_quota = true;
	}
	pthread_mutex_unlock(&pace->lock);
}

/* For longer and longer. */
static enum pace_gate give_up(struct host *host, const struct error *why)
{
	give_up_for(host, host->next_rest, why);
	host->next_rest = least(2 * host->next_rest, LIMIT_HOST_REST_SECONDS * INT64_C(1000));
	return PACE_GIVEN_UP;
}

/* A second, then two, four...; then the host is given up. */
static enum pace_gate back_off(const struct pace *pace, struct host *host, const struct error *why)
{
	bool is_endless = pace->is_patient && why->code == ERROR_RATE_LIMITED;
	if (!is_endless && is_too_long(host, host->next_wait, LIMIT_HOST_PATIENCE_SECONDS))
		return give_up(host, why);
	close_for(host, host->next_wait, why);
	host->next_wait = least(2 * host->next_wait, LIMIT_HOST_REST_SECONDS * INT64_C(1000));
	return PACE_WAIT;
}

/* What comes of a host that failed again; PACE_OPEN: nothing yet. */
static enum pace_gate fail(const struct pace *pace, struct host *host, enum pace_trouble trouble,
						   const struct error *why)
{
	host->probe = NULL;
	switch (trouble) {
	case PACE_UNCONNECTED:
		if (host->has_answered)
			return back_off(pace, host, why);
		break;
	case PACE_SILENT:
		if (++host->silent_in_a_row < LIMIT_HOST_SILENCES)
			return PACE_OPEN;
		if (host->has_answered)
			return back_off(pace, host, why);
		break;
	case PACE_BUSY:
		host->busy_in_a_row++;
		if (why->code == ERROR_RATE_LIMITED || host->busy_in_a_row >= LIMIT_HOST_FAILURES)
			return back_off(pace, host, why);
		return PACE_OPEN;
	}
	return give_up(host, why);
}

enum pace_gate pace_failed(struct pace *pace, const char *host, int64_t begun_ms,
						   enum pace_trouble trouble, const struct error *why, int64_t *until_ms)
{
	pthread_mutex_lock(&pace->lock);
	struct host *held = host_of(pace, host);
	enum pace_gate gate = PACE_OPEN;
	cut_window(held, begun_ms);
	if (begun_ms >= held->closed)
		gate = fail(pace, held, trouble, why);
	else if (held->closed_until > clock_monotonic_ms())
		gate = held->is_given_up ? PACE_GIVEN_UP : PACE_WAIT;
	*until_ms = held->closed_until;
	pthread_mutex_unlock(&pace->lock);
	return gate;
}
