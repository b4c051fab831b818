/*
 * format_ctr: `ctr images ls`: REF TYPE DIGEST SIZE PLATFORMS LABELS, with blanks between. The
 * digest is that of the type; a REF that is itself a digest is that of the configuration, by which
 * Kubernetes knows the image.
 */
#include <stddef.h>
#include <string.h>

#include "import_format.h"
#include "import_walk.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

enum { COLUMNS = 3 };

/* Ends each word of the line with a NUL; how many of the first COLUMNS there are. */
static size_t split(char *line, const char *words[static COLUMNS])
{
	size_t count = 0;
	char *rest = NULL;
	for (char *word = strtok_r(line, " \t", &rest); word != NULL && count < COLUMNS;
		 word = strtok_r(NULL, " \t", &rest)) {
		words[count++] = word;
	}
	return count;
}

static bool is_header(const char *const words[static COLUMNS])
{
	return strcmp(words[0], "REF") == 0 && strcmp(words[1], "TYPE") == 0 &&
		   strcmp(words[2], "DIGEST") == 0;
}

static int take_line(struct import_record *record, const char *text, size_t size)
{
	const char *words[COLUMNS];
	CLEANUP(free_at) char *line = memory_copy_span(text, size);
	if (split(line, words) < COLUMNS) {
		return import_record_refuse(record, NULL, "fewer than %d columns", COLUMNS);
	}
	if (is_header(words)) {
		return import_record_pass_over(record, NULL, "header");
	}
	if (import_walk_add(record, import_walk_is_digest(words[0]) ? IMPORT_CONFIG : IMPORT_NAME,
						"REF", words[0]) != 0 ||
		import_walk_add(record, IMPORT_MEDIA_TYPE, "TYPE", words[1]) != 0) {
		return -1;
	}
	return import_walk_add(record, IMPORT_DIGEST, "DIGEST", words[2]);
}

static bool told_by(const char *head, size_t size)
{
	const char *words[COLUMNS];
	const char *feed = memchr(head, '\n', size);
	CLEANUP(free_at)
	char *line = memory_copy_span(head, feed == NULL ? size : (size_t)(feed - head));
	return split(line, words) == COLUMNS && is_header(words);
}

const struct import_format import_format_ctr = {
	.name = "ctr",
	.title = "ctr images ls",
	.encoding = IMPORT_TEXT,
	.folds = true,
	.line = take_line,
	.told_by = told_by,
};
