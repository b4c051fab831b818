/* Refused by -Wvla. */
#include <string.h>

void answer(int size);

void answer(int size)
{
	char room[size];
	memset(room, 0, sizeof(room));
}
