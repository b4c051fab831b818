#include "content_range.h"

#include <stdlib.h>
#include <string.h>

/* Enough for any blob, and too few to overflow. */
enum { DIGITS_MAX = 18 };

static int read_number(const char **at, int64_t *out)
{
	size_t size = strspn(*at, "0123456789");
	if (size == 0 || size > DIGITS_MAX)
		return -1;
	*out = strtoll(*at, NULL, 10);
	*at += size;
	return 0;
}

static int read_byte(const char **at, char wanted)
{
	if (**at != wanted)
		return -1;
	(*at)++;
	return 0;
}

static int read_total(const char **at, int64_t *out)
{
	*out = -1;
	return **at == '*' ? read_byte(at, '*') : read_number(at, out);
}

int content_range_read(const char *value, struct content_range *out)
{
	static const char unit[] = "bytes ";
	const char *at = value;
	if (strncmp(at, unit, strlen(unit)) != 0)
		return -1;
	at += strlen(unit);
	if (read_number(&at, &out->first) != 0 || read_byte(&at, '-') != 0 ||
		read_number(&at, &out->last) != 0 || read_byte(&at, '/') != 0 ||
		read_total(&at, &out->total) != 0 || *at != '\0')
		return -1;
	if (out->last < out->first || (out->total >= 0 && out->total <= out->last))
		return -1;
	return 0;
}
