#include "ustar.h"

#include <stddef.h>

enum {
	SIZE_AT = 124,
	SIZE_LENGTH = 12,
	TYPE_AT = 156,
};

int64_t ustar_size(const uint8_t header[static USTAR_BLOCK_SIZE])
{
	const uint8_t *field = header + SIZE_AT;
	size_t at = 0;
	int64_t size = 0;
	while (at < SIZE_LENGTH && field[at] == ' ')
		at++;
	for (; at < SIZE_LENGTH && field[at] >= '0' && field[at] <= '7'; at++)
		size = size * 8 + (field[at] - '0');
	return at == SIZE_LENGTH || field[at] == ' ' || field[at] == '\0' ? size : -1;
}

char ustar_type(const uint8_t header[static USTAR_BLOCK_SIZE])
{
	return (char)header[TYPE_AT];
}
