/*
 * clock: the time, for records and for measuring.
 */
#ifndef LAYERPROOF_CLOCK_H
#define LAYERPROOF_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 32 };

/* Seconds since 1970 (UTC). */
int64_t clock_now(void);

/* RFC 3339 in UTC with whole seconds, "2026-01-02T03:04:05Z"; returns `text`. A moment
 * outside the years 0 to 9999, which no such text can name, is written as that of 0 seconds. */
const char *clock_format(int64_t seconds, char text[static CLOCK_TEXT_SIZE]);

/* Milliseconds of a clock that only goes forward. */
int64_t clock_monotonic_ms(void);

#endif
