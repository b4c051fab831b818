/*
 * import_csv_header: the names of the columns of a CSV file.
 */
#ifndef LAYERPROOF_IMPORT_CSV_HEADER_H
#define LAYERPROOF_IMPORT_CSV_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct csv_header {
	char **texts; /* as in the file */
	size_t count;
	size_t capacity;
	bool too_wide;  /* there are more than LIMIT_IMPORT_COLUMNS, which are kept */
	char delimiter; /* by csv_header_read() */
};

/* One leading ' marks text in spreadsheets, and guards formulas in some exports. */
void csv_strip_guard(const char **text, size_t *size);

void csv_header_add(struct csv_header *header, const char *text, size_t size);
void csv_header_clear(struct csv_header *header);

/* How many columns have this name, `*first` being the first of them and `*last` the last. */
size_t csv_header_find(const struct csv_header *header, const char *name, bool exact, size_t *first,
					   size_t *last);

/* All of them, for an error text. Owned. */
char *csv_header_list(const struct csv_header *header);

/* The first row of a CSV file out of its beginning; nothing where that does not hold all of it, or
 * is no CSV. What parts its cells is a comma, or, where it has none outside of quotes, a semicolon
 * or else a tab, as spreadsheets and consoles of some countries write them. */
void csv_header_read(struct csv_header *header, const char *bytes, size_t size);

#endif
