/*
 * format_list: digests, or references with a digest, one a line; # begins a comment.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

/* Narrows a line to what stands before a comment. */
static void strip(const char **text, size_t *size)
{
	for (size_t i = 0; i < *size; i++) {
		if ((*text)[i] == '#' && (i == 0 || text_is_blank((*text)[i - 1]))) {
			*size = i;
		}
	}
	text_trim(text, size);
}

static bool has_blank(const char *text)
{
	return text[strcspn(text, " \t")] != '\0';
}

static int take_line(struct import_record *record, const char *text, size_t size)
{
	strip(&text, &size);
	CLEANUP(free_at) char *entry = memory_copy_span(text, size);
	if (has_blank(entry)) {
		return import_record_refuse(record, NULL, "more than one word");
	}
	return import_record_add(record, import_walk_is_digest(entry) ? IMPORT_DIGEST : IMPORT_NAME,
							 NULL, text, size);
}

/* By the first line that says something: a digest or a reference with one, and nothing else. */
static bool told_by(const char *head, size_t size)
{
	while (size != 0) {
		const char *feed = memchr(head, '\n', size);
		const char *text = head;
		size_t length = feed == NULL ? size : (size_t)(feed - head);
		size -= feed == NULL ? size : length + 1;
		head += length + (feed == NULL ? 0 : 1);
		strip(&text, &length);
		if (length != 0) {
			CLEANUP(free_at) char *entry = memory_copy_span(text, length);
			const char *at = strrchr(entry, '@');
			return !has_blank(entry) && strpbrk(entry, ",;\"{[") == NULL &&
				   import_walk_is_digest(at == NULL ? entry : at + 1);
		}
	}
	return false;
}

const struct import_format import_format_list = {
	.name = "list",
	.title = "list of digests",
	.encoding = IMPORT_TEXT,
	.line = take_line,
	.told_by = told_by,
};
