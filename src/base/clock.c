#include "layerproof/clock.h"

#include <stdio.h>
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
	/* RFC 3339 section 5.6: four digits of year, where strftime(3) writes fewer before 1000. */
	int used = snprintf(text, CLOCK_TEXT_SIZE, "%04d", parts.tm_year + 1900);
	strftime(text + used, (size_t)(CLOCK_TEXT_SIZE - used), "-%m-%dT%H:%M:%SZ", &parts);
	return text;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
