#include "layerproof/clock.h"

#include <time.h>

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

const char *clock_format(int64_t seconds, char text[static CLOCK_TEXT_SIZE])
{
	time_t moment = (time_t)seconds;
	struct tm parts;
	if (gmtime_r(&moment, &parts) == NULL || parts.tm_year > 8099 || parts.tm_year < -1900)
		gmtime_r(&(time_t){0}, &parts);
	strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return text;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
