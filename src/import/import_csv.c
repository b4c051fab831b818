/*
 * import_csv: RFC 4180, with a header row.
 *
 * libcsv says where fields and rows end, but not where in the file: it is fed up to one line end at
 * a time, so that at most one row ends in each call and the lines can be counted.
 */
#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "import_format.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

enum { NOT_THERE = -1, AMBIGUOUS = -2 };

struct table {
	struct import_job *job;
	struct csv_parser parser;
	struct import_record record;

	char **headers; /* texts as in the file */
	size_t header_count;
	size_t header_capacity;
	bool too_wide; /* more headers than are kept */
	bool has_header;
	ptrdiff_t column[IMPORT_FIELD_COUNT]; /* or NOT_THERE */

	uint64_t line;       /* of the byte to come */
	uint64_t row_line;   /* where the row began */
	size_t row_size;     /* bytes of it so far */
	size_t cells;        /* ended so far */
	size_t cells_filled; /* as far as the last that is not blank */
	bool row_ended;
	bool after_return; /* the last byte was a CR: an LF then ends the same line */
};

/* One leading ' marks text in spreadsheets, and guards formulas in some exports. */
static void strip_guard(const char **text, size_t *size)
{
	if (*size != 0 && **text == '\'') {
		(*text)++;
		(*size)--;
	}
}

static void keep_header(struct table *table, const char *text, size_t size)
{
	if (table->header_count == LIMIT_IMPORT_COLUMNS) {
		table->too_wide = true;
		return;
	}
	strip_guard(&text, &size);
	table->headers = memory_grow(table->headers, table->header_count, &table->header_capacity,
								 sizeof(*table->headers));
	table->headers[table->header_count++] = memory_copy_span(text, size);
}

static void keep_cell(struct table *table, const char *text, size_t size)
{
	ptrdiff_t column = (ptrdiff_t)table->cells++;
	if (size != 0) {
		table->cells_filled = table->cells;
	}
	strip_guard(&text, &size);
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		if (table->column[i] == column) {
			import_record_add(&table->record, (enum import_field)i, table->headers[column], text,
							  size);
		}
	}
}

static void field_ended(void *text, size_t size, void *context)
{
	struct table *table = context;
	if (table->has_header) {
		keep_cell(table, text, size);
	} else {
		keep_header(table, text, size);
	}
}

static void row_ended(int end, void *context)
{
	(void)end;
	((struct table *)context)->row_ended = true;
}

/* The headers, for an error text. Owned. */
static char *list_headers(const struct table *table)
{
	struct buffer list = BUFFER_INIT(ERROR_TEXT_SIZE);
	struct error full = ERROR_INIT;
	for (size_t i = 0; i < table->header_count; i++) {
		CLEANUP(free_at) char *header = text_printable(table->headers[i]);
		if (buffer_add_format(&list, &full, "%s\"%s\"", i == 0 ? "" : ", ", header) != 0) {
			break; /* error texts end sooner */
		}
	}
	return buffer_steal(&list);
}

/* By --map the header is meant as written, and must be the only one; by default the field's name in
 * any case, and the first of several. */
static ptrdiff_t find_column(const struct table *table, const char *name, bool mapped)
{
	ptrdiff_t found = NOT_THERE;
	for (size_t i = 0; i < table->header_count; i++) {
		if (mapped ? strcmp(table->headers[i], name) != 0
				   : !text_equal_fold(table->headers[i], name)) {
			continue;
		}
		if (!mapped) {
			return (ptrdiff_t)i;
		}
		if (found != NOT_THERE) {
			return AMBIGUOUS;
		}
		found = (ptrdiff_t)i;
	}
	return found;
}

static int choose_column(struct table *table, enum import_field field, struct error *err)
{
	const struct import_columns *columns = &table->job->columns;
	const char *name = columns->name[field];
	ptrdiff_t found = find_column(table, name, columns->mapped[field]);
	table->column[field] = found;
	if (found == AMBIGUOUS) {
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: --map %s=%s is ambiguous: several columns have this header",
						 (unsigned long long)table->row_line, import_field_name(field), name);
	}
	if (found == NOT_THERE && columns->mapped[field]) {
		CLEANUP(free_at) char *headers = list_headers(table);
		return error_set(
			err, ERROR_MALFORMED, "line %llu: no column \"%s\" for --map %s; the headers are %s",
			(unsigned long long)table->row_line, name, import_field_name(field), headers);
	}
	return 0;
}

static int header_ended(struct table *table, struct error *err)
{
	bool usable = false;
	if (table->too_wide) {
		return error_set(err, ERROR_OVER_LIMIT, "line %llu: more than %d columns",
						 (unsigned long long)table->row_line, LIMIT_IMPORT_COLUMNS);
	}
	for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
		if (choose_column(table, (enum import_field)i, err) != 0) {
			return -1;
		}
		usable = usable || (table->column[i] >= 0 && import_field_identifies((enum import_field)i));
	}
	if (!usable) {
		CLEANUP(free_at) char *headers = list_headers(table);
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: no column name, digest, config, layers or diff_ids; "
						 "--map FIELD=COLUMN says which it is of %s",
						 (unsigned long long)table->row_line, headers);
	}
	table->has_header = true;
	return 0;
}

/* A row with more cells than the header has a comma too many somewhere: its columns cannot be
 * trusted. One with fewer leaves the last ones blank. */
static int deliver_row(struct table *table, struct error *err)
{
	if (table->cells_filled > table->header_count) {
		import_record_refuse(&table->record, NULL, "%zu cells, but the header has %zu",
							 table->cells, table->header_count);
		table->record.column = NULL;
	}
	int status = import_job_deliver(table->job, &table->record, table->row_line, err);
	import_record_start(&table->record);
	return status;
}

static int finish_row(struct table *table, struct error *err)
{
	if (!table->row_ended) {
		return 0;
	}
	int status = table->has_header ? deliver_row(table, err) : header_ended(table, err);
	table->row_ended = false;
	table->row_size = 0;
	table->cells = 0;
	table->cells_filled = 0;
	return status;
}

/* Strict quoting: a quote out of place may hide the rows behind it, so it is never guessed at. */
static int bad_quoting(const struct table *table, struct error *err)
{
	return error_set(err, ERROR_MALFORMED,
					 "line %llu: a quote out of place, in the row that begins on line %llu",
					 (unsigned long long)table->line, (unsigned long long)table->row_line);
}

static size_t line_size(const uint8_t *bytes, size_t size)
{
	const uint8_t *feed = memchr(bytes, '\n', size);
	size_t line = feed == NULL ? size : (size_t)(feed - bytes) + 1;
	const uint8_t *carriage = memchr(bytes, '\r', line);
	return carriage == NULL ? line : (size_t)(carriage - bytes) + 1;
}

/* Bytes up to a line end at most. An LF straight behind a CR ends no line of its own. */
static void count_line(struct table *table, const uint8_t *bytes, size_t size)
{
	uint8_t last = bytes[size - 1];
	bool same_end = table->after_return && size == 1;
	if (last == '\r' || (last == '\n' && !same_end)) {
		table->line++;
	}
	table->after_return = last == '\r';
}

static bool is_blank_line(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!text_is_blank((char)bytes[i])) {
			return false;
		}
	}
	return true;
}

/* Bytes of one line, up to its end at most. */
static int add_line(struct table *table, const uint8_t *bytes, size_t size, struct error *err)
{
	if (table->row_size == 0 && is_blank_line(bytes, size)) {
		count_line(table, bytes, size);
		return 0;
	}
	if (table->row_size == 0) {
		table->row_line = table->line;
	}
	if (size > (size_t)LIMIT_IMPORT_RECORD - table->row_size) {
		return error_set(err, ERROR_OVER_LIMIT, "line %llu: a row larger than %lld MiB",
						 (unsigned long long)table->row_line,
						 (long long)(LIMIT_IMPORT_RECORD >> 20));
	}
	table->row_size += size;
	if (csv_parse(&table->parser, bytes, size, field_ended, row_ended, table) != size) {
		return bad_quoting(table, err);
	}
	count_line(table, bytes, size);
	return finish_row(table, err);
}

static int add_chunk(struct table *table, const uint8_t *bytes, size_t size, struct error *err)
{
	while (size != 0) {
		size_t line = line_size(bytes, size);
		if (add_line(table, bytes, line, err) != 0) {
			return -1;
		}
		bytes += line;
		size -= line;
	}
	return 0;
}

static int end_table(struct table *table, struct error *err)
{
	if (csv_fini(&table->parser, field_ended, row_ended, table) != 0) {
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: the file ends inside quotes, in the row that begins here",
						 (unsigned long long)table->row_line);
	}
	return finish_row(table, err);
}

static int read_table(struct table *table, struct error *err)
{
	for (;;) {
		const uint8_t *bytes;
		size_t size;
		if (reader_next(table->job->bytes, &bytes, &size, err) != 0) {
			return -1;
		}
		if (size == 0) {
			return end_table(table, err);
		}
		if (add_chunk(table, bytes, size, err) != 0) {
			return -1;
		}
	}
}

static void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->header_count; i++) {
		free(table->headers[i]);
	}
	free(table->headers);
	import_record_clear(&table->record);
	csv_free(&table->parser);
}

static void *resize_fields(void *old, size_t size)
{
	return memory_resize(old, size, 1);
}

static int csv_read(struct import_job *job, struct error *err)
{
	struct table table = {.job = job, .line = 1, .row_line = 1};
	csv_init(&table.parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_realloc_func(&table.parser, resize_fields);
	csv_set_blk_size(&table.parser, (size_t)LIMIT_KIB(64));
	int status = read_table(&table, err);
	table_clear(&table);
	return status;
}

const struct import_format import_format_csv = {.name = "csv", .read = csv_read};
