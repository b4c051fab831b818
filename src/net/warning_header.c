#include "warning_header.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/memory.h"
#include "quoted_string.h"

static bool is_clean(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

char *warning_header_next(const char **at)
{
	static const char before[] = "299 - ";
	for (;;) {
		const char *from = *at + strspn(*at, " \t,");
		if (strncmp(from, before, strlen(before)) != 0)
			return NULL;
		from += strlen(before);
		CLEANUP(free_at) char *text = quoted_string_read(&from);
		const char *behind = from + strspn(from, " \t");
		if (text == NULL || (*behind != ',' && *behind != '\0'))
			return NULL;
		*at = behind;
		if (is_clean(text) && *text != '\0')
			return STEAL(text);
	}
}
