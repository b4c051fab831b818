#include "link_header.h"

#include <stdbool.h>
#include <string.h>

#include "layerproof/memory.h"
#include "layerproof/text.h"

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Whether `next` is among the relations, which blanks part. */
static bool names_next(const char *relations)
{
	CLEANUP(free_at) char *copy = memory_copy_text(relations);
	char *rest = NULL;
	for (char *word = strtok_r(copy, " \t", &rest); word != NULL;
		 word = strtok_r(NULL, " \t", &rest))
		if (text_equal_fold(word, "next"))
			return true;
	return false;
}

/* The value of a parameter, quoted or not, and `*at` behind it; NULL when its quote has no end. */
static char *take_value(const char **at)
{
	if (**at != '"') {
		size_t size = strcspn(*at, " \t;,");
		*at += size;
		return memory_copy_span(*at - size, size);
	}
	char *value = memory_alloc(strlen(*at), 1);
	char *to = value;
	const char *from = *at + 1;
	for (; *from != '\0' && *from != '"'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from;
	}
	if (*from == '"') {
		*at = from + 1;
		return value;
	}
	free(value);
	return NULL;
}

/* One `;name=value` of a link, `*at` behind it: 1; 0 where there is none; -1. `*is_next` is set by
 * the first relation that the link has. */
static int take_parameter(const char **at, bool *has_relation, bool *is_next)
{
	const char *start = skip_blanks(*at);
	if (*start != ';')
		return 0;
	start = skip_blanks(start + 1);
	size_t size = strcspn(start, " \t=;,\"");
	CLEANUP(free_at) char *name = memory_copy_span(start, size);
	*at = skip_blanks(start + size);
	if (**at != '=')
		return 1;
	*at = skip_blanks(*at + 1);
	CLEANUP(free_at) char *value = take_value(at);
	if (value == NULL)
		return -1;
	if (text_equal_fold(name, "rel") && !*has_relation) {
		*has_relation = true;
		*is_next = names_next(value);
	}
	return 1;
}

/* What stands behind the target of a link: 0, and `*at` behind all of it, or -1. */
static int take_parameters(const char **at, bool *is_next)
{
	bool has_relation = false;
	int taken;
	*is_next = false;
	while ((taken = take_parameter(at, &has_relation, is_next)) > 0)
		continue;
	*at = skip_blanks(*at);
	return taken == 0 && (**at == ',' || **at == '\0') ? 0 : -1;
}

int link_header_next(const char *value, char **target)
{
	bool is_next = false;
	for (const char *at = value; *(at += strspn(at, " \t,")) != '\0';) {
		const char *end = *at == '<' ? strchr(at, '>') : NULL;
		if (end == NULL)
			return -1;
		const char *start = at + 1;
		at = end + 1;
		if (take_parameters(&at, &is_next) != 0)
			return -1;
		if (is_next) {
			*target = memory_copy_span(start, (size_t)(end - start));
			return 1;
		}
	}
	return 0;
}
