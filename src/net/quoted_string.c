#include "quoted_string.h"

#include <string.h>

#include "layerproof/memory.h"

char *quoted_string_read(const char **at)
{
	const char *from = *at;
	if (*from++ != '"')
		return NULL;
	CLEANUP(free_at) char *text = memory_alloc(strlen(from) + 1, 1);
	size_t size = 0;
	for (; *from != '\0' && *from != '"'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		text[size++] = *from;
	}
	if (*from != '"')
		return NULL;
	*at = from + 1;
	return STEAL(text);
}
