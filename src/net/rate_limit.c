#include "rate_limit.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layerproof/text.h"

enum {
	DIGITS_MAX = 12,                   /* more make no number of seconds that anybody means */
	FIRST_MOMENT = 1000 * 1000 * 1000, /* from here on a number is a time since 1970 */
};

const char *const RATE_LIMIT_HEADERS[] = {
	"Retry-After",         "X-Retry-After",
	"RateLimit",           "RateLimit-Limit",
	"RateLimit-Remaining", "RateLimit-Reset",
	"X-RateLimit-Limit",   "X-RateLimit-Remaining",
	"X-RateLimit-Reset",   NULL,
};

/* The number at `*at`, which is moved behind it; -1 for none, or for one that is too long. */
static int64_t take_number(const char **at)
{
	size_t size = strspn(*at, "0123456789");
	int64_t number = size > 0 && size <= DIGITS_MAX ? strtoll(*at, NULL, 10) : -1;
	*at += size;
	return number;
}

static int64_t take_whole_number(const char *value)
{
	const char *at = value;
	int64_t number = take_number(&at);
	return *at == '\0' ? number : -1;
}

static int64_t from_now(int64_t moment, int64_t now)
{
	return moment > now ? moment - now : 0;
}

/* Seconds, or a moment since 1970: both are in use (registry-facts 44). */
static int64_t read_seconds_or_moment(const char *value, int64_t now)
{
	int64_t number = take_whole_number(value);
	return number >= FIRST_MOMENT ? from_now(number, now) : number;
}

int64_t rate_limit_retry_after(const char *value, int64_t now)
{
	int64_t number = take_whole_number(value);
	if (number >= 0)
		return number;
	time_t date = curl_getdate(value, NULL);
	return date == -1 ? -1 : from_now(date, now);
}

/* The number of the parameter `;NAME=`, or -1. */
static int64_t parameter(const char *item, size_t size, const char *name)
{
	size_t length = strlen(name);
	const char *end = item + size;
	for (const char *at = item; (at = memchr(at, ';', (size_t)(end - at))) != NULL;) {
		at++;
		at += strspn(at, " \t");
		if (end - at > (ptrdiff_t)length && strncmp(at, name, length) == 0 && at[length] == '=') {
			at += length + 1;
			return take_number(&at);
		}
	}
	return -1;
}

/* "100;w=21600", as Docker Hub writes it. */
static int64_t read_count(const char *value, int64_t *window)
{
	const char *at = value;
	int64_t number = take_number(&at);
	if (*at != '\0' && *at != ';' && *at != ',' && *at != ' ')
		return -1;
	int64_t seconds = parameter(value, strcspn(value, ","), "w");
	if (seconds >= 0)
		*window = seconds;
	return number;
}

/* `"default";r=50;t=30`, several of them behind commas: the one with the least left counts. */
static void read_combined(const char *value, struct rate_limit *limit)
{
	for (const char *item = value; *item != '\0';) {
		size_t size = strcspn(item, ",");
		int64_t left = parameter(item, size, "r");
		if (left >= 0 && (limit->remaining < 0 || left < limit->remaining)) {
			limit->remaining = left;
			limit->reset = parameter(item, size, "t");
		}
		item += size;
		item += strspn(item, ", \t");
	}
}

static void keep(int64_t *held, int64_t number)
{
	if (number >= 0)
		*held = number;
}

void rate_limit_read(const char *name, const char *value, int64_t now, struct rate_limit *limit)
{
	const char *plain = text_starts_with(name, "X-") ? name + 2 : name;
	if (strcmp(name, "Retry-After") == 0)
		keep(&limit->retry, rate_limit_retry_after(value, now));
	else if (strcmp(plain, "Retry-After") == 0)
		keep(&limit->retry, read_seconds_or_moment(value, now));
	else if (strcmp(plain, "RateLimit") == 0)
		read_combined(value, limit);
	else if (strcmp(plain, "RateLimit-Limit") == 0)
		keep(&limit->limit, read_count(value, &limit->window));
	else if (strcmp(plain, "RateLimit-Remaining") == 0)
		keep(&limit->remaining, read_count(value, &limit->window));
	else if (strcmp(plain, "RateLimit-Reset") == 0)
		keep(&limit->reset, read_seconds_or_moment(value, now));
}
