#include "tries.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "pace.h"
#include "shared.h"

enum {
	FIRST_WAIT_MS = 100,
	SHORT_WAIT_MS = 2000, /* such a wait is made here: to begin anew would cost more */
};

int64_t tries_wait(int made)
{
	int64_t longest = (int64_t)FIRST_WAIT_MS << (made - 1);
	return longest - (int64_t)arc4random_uniform((uint32_t)(longest / 2));
}

void tries_begin(struct tries *tries)
{
	tries->begun_ms = clock_monotonic_ms();
}

static int tries_allowed(enum failure_kind kind)
{
	switch (kind) {
	case FAILURE_CONNECT:
	case FAILURE_NOT_TLS:
		return LIMIT_CONNECT_TRIES;
	case FAILURE_PASSING:
		return LIMIT_TRIES;
	case FAILURE_SILENT:
	case FAILURE_FINAL:
	case FAILURE_AGAIN:
	case FAILURE_CLOSED:
		break;
	}
	return 0;
}

/* False when a signal came first. */
static bool sleep_until(int64_t until_ms, struct failure *failure)
{
	for (int64_t left; (left = until_ms - clock_monotonic_ms()) > 0;) {
		if (interrupt_requested()) {
			failure->error.code = ERROR_INTERRUPTED;
			return false;
		}
		struct pollfd signal = {.fd = interrupt_descriptor(), .events = POLLIN};
		(void)poll(&signal, 1, (int)left);
	}
	return true;
}

static bool waits_here(const struct tries *tries, const struct http *http)
{
	return !http->has_other_work || tries->stays;
}

/* Here, or by giving the thread back to who has other work for it. */
static bool wait_until(const struct tries *tries, int64_t until_ms, struct failure *failure,
					   struct http *http)
{
	bool is_short = until_ms - clock_monotonic_ms() <= SHORT_WAIT_MS;
	if (is_short || waits_here(tries, http))
		return sleep_until(until_ms, failure);
	http->come_back_ms = until_ms;
	return false;
}

static void add_wish(struct failure *failure)
{
	char text[ERROR_TEXT_SIZE];
	memcpy(text, failure->error.text, sizeof text);
	error_set(&failure->error, failure->error.code, "%.400s; asks to wait %lld s", text,
			  (long long)failure->retry_after);
}

/* One who comes back later begins anew, but for the count of what was refused. */
static bool has_used_all(const struct tries *tries, struct http *http)
{
	int count = waits_here(tries, http) ? tries->made : ++http->refusals;
	return count >= LIMIT_TRIES && !http->network->is_patient;
}

static bool wait_as_asked(const struct tries *tries, struct failure *failure, struct http *http)
{
	int64_t until_ms = 0;
	add_wish(failure);
	if (pace_refused(http->network->pace, failure->host, tries->begun_ms, failure->retry_after,
					 &failure->error, &until_ms) == PACE_GIVEN_UP ||
		has_used_all(tries, http))
		return false;
	return wait_until(tries, until_ms, failure, http);
}

static enum pace_trouble trouble_of(enum failure_kind kind)
{
	switch (kind) {
	case FAILURE_CONNECT:
	case FAILURE_NOT_TLS:
		return PACE_UNCONNECTED;
	case FAILURE_SILENT:
		return PACE_SILENT;
	default:
		return PACE_BUSY;
	}
}

/* A host that answered before and is now gone may be about to come back. One that is busy fails
 * this request; those to come are held back. */
static bool fail(const struct tries *tries, struct failure *failure, struct http *http)
{
	int64_t until_ms = 0;
	enum pace_trouble trouble = trouble_of(failure->kind);
	enum pace_gate gate = pace_failed(http->network->pace, failure->host, tries->begun_ms, trouble,
									  &failure->error, &until_ms);
	bool may_come_back = trouble == PACE_UNCONNECTED ||
						 (failure->error.code == ERROR_RATE_LIMITED && http->network->is_patient);
	return gate == PACE_WAIT && may_come_back && wait_until(tries, until_ms, failure, http);
}

static bool decide(struct tries *tries, struct failure *failure, struct http *http)
{
	if (failure->kind == FAILURE_AGAIN)
		return true;
	if (failure->kind == FAILURE_CLOSED)
		return wait_until(tries, failure->until_ms, failure, http);
	tries->made++;
	if (failure->kind == FAILURE_FINAL)
		return false;
	if (failure->retry_after > 0)
		return wait_as_asked(tries, failure, http);
	if (tries->made >= tries_allowed(failure->kind))
		return fail(tries, failure, http);
	pace_slow_down(http->network->pace, failure->host, tries->begun_ms);
	return sleep_until(clock_monotonic_ms() + tries_wait(tries->made), failure);
}

bool tries_again(struct tries *tries, struct failure *failure, struct http *http)
{
	bool has_failed = failure->kind != FAILURE_AGAIN && failure->kind != FAILURE_CLOSED;
	bool is_again = decide(tries, failure, http);
	bool is_put_back = !is_again && http->come_back_ms > 0;
	if (has_failed && (is_again || is_put_back))
		traffic_retry(http->network->traffic, failure->host);
	return is_again;
}
