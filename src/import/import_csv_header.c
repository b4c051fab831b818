#include "import_csv_header.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

void csv_strip_guard(const char **text, size_t *size)
{
	if (*size != 0 && **text == '\'') {
		(*text)++;
		(*size)--;
	}
}

void csv_header_add(struct csv_header *header, const char *text, size_t size)
{
	if (header->count == LIMIT_IMPORT_COLUMNS) {
		header->too_wide = true;
		return;
	}
	csv_strip_guard(&text, &size);
	header->texts = memory_grow(header->texts, header->count, &header->capacity,
								sizeof(*header->texts));
	header->texts[header->count++] = memory_copy_span(text, size);
}

void csv_header_clear(struct csv_header *header)
{
	for (size_t i = 0; i < header->count; i++) {
		free(header->texts[i]);
	}
	free(header->texts);
	*header = (struct csv_header){0};
}

size_t csv_header_find(const struct csv_header *header, const char *name, bool exact, size_t *first,
					   size_t *last)
{
	size_t count = 0;
	for (size_t i = 0; i < header->count; i++) {
		if (exact ? strcmp(header->texts[i], name) != 0
				  : !text_equal_fold(header->texts[i], name)) {
			continue;
		}
		if (count++ == 0) {
			*first = i;
		}
		*last = i;
	}
	return count;
}

char *csv_header_list(const struct csv_header *header)
{
	struct buffer list = BUFFER_INIT(ERROR_TEXT_SIZE);
	struct error full = ERROR_INIT;
	for (size_t i = 0; i < header->count; i++) {
		CLEANUP(free_at) char *text = text_printable(header->texts[i]);
		if (buffer_add_format(&list, &full, "%s\"%s\"", i == 0 ? "" : ", ", text) != 0) {
			break; /* error texts end sooner */
		}
	}
	return buffer_steal(&list);
}

/* ---- Out of the beginning of a file ---- */

struct first_row {
	struct csv_header *header;
	bool ended;
};

static void take_field(void *text, size_t size, void *context)
{
	struct first_row *row = context;
	if (!row->ended) {
		csv_header_add(row->header, text, size);
	}
}

static void end_row(int end, void *context)
{
	(void)end;
	((struct first_row *)context)->ended = true;
}

/* A blank line before the header ends nothing. */
static char find_delimiter(const char *bytes, size_t size)
{
	static const char delimiters[] = {',', ';', '\t'};
	bool seen[sizeof(delimiters)] = {false};
	bool quoted = false;
	bool blank = true;
	for (size_t i = 0; i < size && (quoted || blank || (bytes[i] != '\n' && bytes[i] != '\r'));
		 i++) {
		quoted ^= bytes[i] == '"';
		blank = blank && text_is_blank(bytes[i]);
		for (size_t k = 0; !quoted && k < sizeof(delimiters); k++) {
			seen[k] = seen[k] || bytes[i] == delimiters[k];
		}
	}
	for (size_t k = 0; k < sizeof(delimiters); k++) {
		if (seen[k]) {
			return delimiters[k];
		}
	}
	return ',';
}

void csv_header_read(struct csv_header *header, const char *bytes, size_t size)
{
	struct csv_parser parser;
	struct first_row row = {.header = header};
	char delimiter = find_delimiter(bytes, size);
	header->delimiter = delimiter;
	if (csv_init(&parser, CSV_STRICT) != 0) {
		return;
	}
	csv_set_delim(&parser, (unsigned char)delimiter);
	while (!row.ended && size > 0) {
		const char *feed = memchr(bytes, '\n', size);
		size_t line = feed == NULL ? size : (size_t)(feed - bytes) + 1;
		if (csv_parse(&parser, bytes, line, take_field, end_row, &row) != line) {
			break;
		}
		bytes += line;
		size -= line;
	}
	csv_free(&parser);
	if (!row.ended) {
		csv_header_clear(header);
		header->delimiter = delimiter;
	}
}
