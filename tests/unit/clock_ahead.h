/*
 * clock_ahead: stands in for the library's clock, and goes as far ahead of it as the test likes.
 */
#ifndef LAYERPROOF_TESTS_CLOCK_AHEAD_H
#define LAYERPROOF_TESTS_CLOCK_AHEAD_H

#include <stdatomic.h>
#include <time.h>

#include "layerproof/clock.h"

static atomic_llong seconds_ahead;

int64_t clock_monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + seconds_ahead) * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return time(NULL) + seconds_ahead;
}

#endif
