#include "warning_header.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/memory.h"

static bool is_control(char letter)
{
	return (unsigned char)letter < 0x20 || letter == 0x7f;
}

/* Reads a quoted-string (RFC 9110 section 5.6.4) up to behind its closing quote. NULL when there is
 * none. */
static char *read_quoted(const char **at, bool *is_clean)
{
	const char *from = *at;
	if (*from++ != '"')
		return NULL;
	CLEANUP(free_at) char *text = memory_alloc(strlen(from) + 1, 1);
	size_t size = 0;
	for (; *from != '\0' && *from != '"'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*is_clean = *is_clean && !is_control(*from);
		text[size++] = *from;
	}
	if (*from != '"')
		return NULL;
	*at = from + 1;
	return STEAL(text);
}

char *warning_header_next(const char **at)
{
	static const char before[] = "299 - ";
	for (;;) {
		const char *from = *at + strspn(*at, " \t,");
		bool is_clean = true;
		if (strncmp(from, before, strlen(before)) != 0)
			return NULL;
		from += strlen(before);
		CLEANUP(free_at) char *text = read_quoted(&from, &is_clean);
		const char *behind = from + strspn(from, " \t");
		if (text == NULL || (*behind != ',' && *behind != '\0'))
			return NULL;
		*at = behind;
		if (is_clean && *text != '\0')
			return STEAL(text);
	}
}
