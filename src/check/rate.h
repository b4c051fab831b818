/*
 * rate: how fast something grows, over the last drawings of live.h; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_RATE_H
#define LAYERPROOF_CHECK_RATE_H

#include <stdint.h>

enum { RATE_SAMPLES = 20 }; /* drawings that it is taken over: five seconds */

/* Begun by rate_begin(). */
struct rate {
	struct {
		uint64_t amount;
		int64_t at_ms;
	} samples[RATE_SAMPLES]; /* the one of drawing n is at n modulo RATE_SAMPLES */
	uint64_t drawings;
	int64_t begun_ms;
};

void rate_begin(struct rate *rate);

/* Once a drawing: what `amount` grew by in ten seconds, over the last ones, and over the whole time
 * while it is younger. */
uint64_t rate_per_10_seconds(struct rate *rate, uint64_t amount);

#endif
