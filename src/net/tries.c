#include "tries.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"

enum { FIRST_WAIT_MS = 100 };

int64_t tries_wait(int made)
{
	int64_t longest = (int64_t)FIRST_WAIT_MS << (made - 1);
	return longest - (int64_t)arc4random_uniform((uint32_t)(longest / 2));
}

/* Only digits, and few enough for a number. */
static bool is_number(const char *text)
{
	size_t size = strspn(text, "0123456789");
	return size > 0 && size <= 12 && text[size] == '\0';
}

int64_t tries_read_retry_after(const char *value, int64_t now)
{
	if (is_number(value))
		return strtoll(value, NULL, 10);
	time_t date = curl_getdate(value, NULL);
	if (date == -1)
		return -1;
	return date > now ? date - now : 0;
}

static int tries_allowed(enum failure_kind kind)
{
	switch (kind) {
	case FAILURE_CONNECT:
	case FAILURE_NOT_TLS:
		return LIMIT_CONNECT_TRIES;
	case FAILURE_PASSING:
		return LIMIT_TRIES;
	case FAILURE_FINAL:
	case FAILURE_AGAIN:
		break;
	}
	return 0;
}

static void mark_host(const struct failure *failure, struct hosts *hosts)
{
	bool silent = failure->kind == FAILURE_CONNECT || failure->kind == FAILURE_NOT_TLS;
	if (silent && failure->host[0] != '\0')
		hosts_mark_down(hosts, failure->host, &failure->error);
}

/* False when a signal came first. */
static bool sleep_ms(int64_t ms)
{
	int64_t deadline = clock_monotonic_ms() + ms;
	for (int64_t left = ms; left > 0; left = deadline - clock_monotonic_ms()) {
		if (interrupt_requested())
			return false;
		struct pollfd signal = {.fd = interrupt_descriptor(), .events = POLLIN};
		(void)poll(&signal, 1, (int)left);
	}
	return true;
}

static bool give_up_waiting(struct failure *failure)
{
	char text[ERROR_TEXT_SIZE];
	memcpy(text, failure->error.text, sizeof text);
	error_set(&failure->error, ERROR_RATE_LIMITED, "%.400s; asks to wait %lld s", text,
			  (long long)failure->retry_after);
	return false;
}

bool tries_again(struct tries *tries, struct failure *failure, struct hosts *hosts)
{
	if (failure->kind == FAILURE_AGAIN)
		return true;
	if (failure->retry_after > LIMIT_RETRY_AFTER_SECONDS)
		return give_up_waiting(failure);
	if (++tries->made >= tries_allowed(failure->kind)) {
		mark_host(failure, hosts);
		return false;
	}
	int64_t wait = tries_wait(tries->made);
	if (failure->retry_after > 0)
		wait = failure->retry_after * 1000;
	if (sleep_ms(wait))
		return true;
	failure->error.code = ERROR_INTERRUPTED;
	return false;
}
