/*
 * import_csv: RFC 4180, with a header row.
 *
 * libcsv says where fields and rows end, but not where in the file: it is fed up to one line end at
 * a time, so that at most one row ends in each call and the lines can be counted.
 */
#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "import_csv_header.h"
#include "import_job.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

/* What the cells below one header are read for. */
struct column {
	size_t *places; /* of the job */
	size_t count;
	const struct import_condition *condition; /* or NULL */
	bool is_searched;                         /* for digests inside other text */
};

struct table {
	struct import_job *job;
	struct csv_parser parser;
	struct import_record record;

	struct csv_header header;
	bool has_header;
	struct column *columns; /* one for each header */

	uint64_t line;       /* of the byte to come */
	uint64_t row_line;   /* where the row began */
	size_t row_size;     /* bytes of it so far */
	size_t cells;        /* ended so far */
	size_t cells_filled; /* as far as the last that is not blank */
	bool row_ended;
	bool after_return; /* the last byte was a CR: an LF then ends the same line */
};

static void check_condition(struct table *table, const struct import_condition *condition,
							const char *text, size_t size)
{
	CLEANUP(free_at) char *copy = memory_copy_span(text, size);
	for (const char *const *value = condition->values; *value != NULL; value++) {
		if (text_equal_fold(copy, *value)) {
			return;
		}
	}
	import_record_pass_over(&table->record, condition->path, copy);
}

static void keep_cell(struct table *table, const char *text, size_t size)
{
	size_t at = table->cells++;
	if (size != 0) {
		table->cells_filled = table->cells;
	}
	csv_strip_guard(&text, &size);
	if (at >= table->header.count || size == 0) {
		return;
	}
	const struct column *column = &table->columns[at];
	for (size_t i = 0; i < column->count; i++) {
		struct import_place_used *used = &table->job->places.items[column->places[i]];
		used->found++;
		import_record_add(&table->record, used->place.field, table->header.texts[at], text, size);
	}
	if (column->condition != NULL) {
		check_condition(table, column->condition, text, size);
	}
	if (column->is_searched) {
		import_record_add_scanned(&table->record, text, size);
	}
}

static void field_ended(void *text, size_t size, void *context)
{
	struct table *table = context;
	if (table->has_header) {
		keep_cell(table, text, size);
	} else {
		csv_header_add(&table->header, text, size);
	}
}

static void row_ended(int end, void *context)
{
	(void)end;
	((struct table *)context)->row_ended = true;
}

static int no_column(const struct table *table, const struct import_place_used *used,
					 struct error *err)
{
	CLEANUP(free_at) char *headers = csv_header_list(&table->header);
	return error_set(err, ERROR_MALFORMED,
					 "line %llu: no column \"%s\" for --map %s; the headers are %s",
					 (unsigned long long)table->row_line, used->place.path,
					 import_field_name(used->place.field), headers);
}

/* How many columns a place of a format stands for, `*at` being the one that is meant. */
static size_t find_named(const struct table *table, const char *path, size_t *at)
{
	size_t other;
	size_t size = strlen(path);
	size_t suffix = strlen(IMPORT_LAST_COLUMN);
	bool is_last = size > suffix && strcmp(path + size - suffix, IMPORT_LAST_COLUMN) == 0;
	CLEANUP(free_at) char *name = memory_copy_span(path, is_last ? size - suffix : size);
	return is_last ? csv_header_find(&table->header, name, false, &other, at)
				   : csv_header_find(&table->header, name, false, at, &other);
}

/* By --map the header is meant as written, and must be the only one; else in any case, and the
 * first of several. */
static int choose_column(struct table *table, size_t place, struct error *err)
{
	const struct import_place_used *used = &table->job->places.items[place];
	bool mapped = used->kind == IMPORT_PLACE_MAPPED;
	size_t at;
	size_t last;
	size_t count = mapped ? csv_header_find(&table->header, used->place.path, true, &at, &last)
						  : find_named(table, used->place.path, &at);
	if (mapped && count > 1) {
		return error_set(err, ERROR_MALFORMED,
						 "line %llu: --map %s=%s is ambiguous: several columns have this header",
						 (unsigned long long)table->row_line, import_field_name(used->place.field),
						 used->place.path);
	}
	if (count == 0) {
		return mapped ? no_column(table, used, err) : 0;
	}
	struct column *column = &table->columns[at];
	column->places = memory_resize(column->places, column->count + 1, sizeof(*column->places));
	column->places[column->count++] = place;
	return 0;
}

static void choose_conditions(struct table *table)
{
	const struct import_condition *condition = table->job->format->conditions;
	for (; condition != NULL && condition->path != NULL; condition++) {
		size_t at;
		size_t last;
		if (csv_header_find(&table->header, condition->path, false, &at, &last) > 0) {
			table->columns[at].condition = condition;
		}
	}
}

/* Columns that no place names, and names, which may hold a digest anywhere. */
static void choose_searched(struct table *table)
{
	for (size_t i = 0; i < table->header.count; i++) {
		struct column *column = &table->columns[i];
		column->is_searched = table->job->format->any_text;
		for (size_t k = 0; k < column->count; k++) {
			const struct import_place *place = &table->job->places.items[column->places[k]].place;
			column->is_searched = column->is_searched && place->field == IMPORT_NAME;
		}
	}
}

/* Whether an image can be told by any column. */
static bool is_usable(const struct table *table)
{
	for (size_t i = 0; i < table->header.count; i++) {
		for (size_t k = 0; k < table->columns[i].count; k++) {
			size_t place = table->columns[i].places[k];
			if (import_field_identifies(table->job->places.items[place].place.field)) {
				return true;
			}
		}
	}
	return table->job->format->any_text;
}

static int header_ended(struct table *table, struct error *err)
{
	if (table->header.too_wide) {
		return error_set(err, ERROR_OVER_LIMIT, "line %llu: more than %d columns",
						 (unsigned long long)table->row_line, LIMIT_IMPORT_COLUMNS);
	}
	table->columns = memory_alloc(table->header.count + 1, sizeof(*table->columns));
	for (size_t i = 0; i < table->job->places.count; i++) {
		if (choose_column(table, i, err) != 0) {
			return -1;
		}
	}
	choose_conditions(table);
	choose_searched(table);
	if (!is_usable(table)) {
		CLEANUP(free_at) char *headers = csv_header_list(&table->header);
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
	import_job_begin_row(table->job, table->row_line);
	if (table->cells_filled > table->header.count) {
		import_record_refuse(&table->record, NULL, "%zu cells, but the header has %zu",
							 table->cells, table->header.count);
		table->record.column = NULL;
	}
	import_record_finish(&table->record);
	int status = import_job_deliver(table->job, &table->record, err);
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
	for (size_t i = 0; table->columns != NULL && i < table->header.count; i++) {
		free(table->columns[i].places);
	}
	free(table->columns);
	csv_header_clear(&table->header);
	import_record_clear(&table->record);
	csv_free(&table->parser);
}

static void *resize_fields(void *old, size_t size)
{
	return memory_resize(old, size, 1);
}

int import_csv_read(struct import_job *job, struct error *err)
{
	struct table table = {.job = job, .line = 1, .row_line = 1};
	csv_init(&table.parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&table.parser, (unsigned char)job->delimiter);
	csv_set_realloc_func(&table.parser, resize_fields);
	csv_set_blk_size(&table.parser, (size_t)LIMIT_KIB(64));
	int status = read_table(&table, err);
	table_clear(&table);
	return status;
}
