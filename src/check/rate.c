#include "rate.h"

#include <stddef.h>

#include "layerproof/clock.h"

void rate_begin(struct rate *rate)
{
	*rate = (struct rate){.begun_ms = clock_monotonic_ms()};
}

uint64_t rate_per_10_seconds(struct rate *rate, uint64_t amount)
{
	int64_t now = clock_monotonic_ms();
	size_t place = rate->drawings % RATE_SAMPLES;
	uint64_t before = rate->drawings >= RATE_SAMPLES ? rate->samples[place].amount : 0;
	int64_t since = rate->drawings >= RATE_SAMPLES ? rate->samples[place].at_ms : rate->begun_ms;
	rate->samples[place].amount = amount;
	rate->samples[place].at_ms = now;
	rate->drawings++;
	return now <= since ? 0 : (amount - before) * 10000 / (uint64_t)(now - since);
}
