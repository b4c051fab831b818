/*
 * pace: how many requests a host is asked at once, and when it is left alone.
 *
 * Every host has a window, the number of candidates that may be worked on at once: it grows with
 * each answer and is halved when the host says that it is too much, or shows it (429, 5xx, broken
 * connections, time-outs). A host that asks to be left alone is closed for that long; one that
 * keeps failing is closed for a second, then two, four...; when that has lasted too long it is
 * given up: requests to it fail at once, with the reason, until it is time to try again.
 *
 * This half is for whoever shares work out among hosts. Hosts are named as in references: "HOST" or
 * "HOST:PORT". Shared by all threads.
 */
#ifndef LAYERPROOF_PACE_H
#define LAYERPROOF_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace;

/* What there is to know of a host before work on it begins. */
struct pace_view {
	unsigned window;   /* candidates at once, at least 1 */
	int64_t opens_ms;  /* clock_monotonic_ms() before which nothing is to be begun; 0: it is open */
	int64_t opens_at;  /* the same in seconds since 1970, for people; 0: it is open */
	int64_t heard_ms;  /* when it last sent anything; 0: never */
	unsigned waits;    /* how often it was closed so far */
	int64_t waited_ms; /* for how long altogether */
	bool is_given_up;  /* whatever is begun fails at once: there is no need to hold it back */
};

void pace_look(struct pace *pace, const char *host, struct pace_view *out);

#endif
