/* Refused by -Wformat-nonliteral, of -Wformat=2. */
#include <stdio.h>

void answer(const char *format, int value);

void answer(const char *format, int value)
{
	printf(format, value);
}
