/*
 * import_record: the fields of one record, of whatever format, become an internal image or a reason
 * to refuse it. Nothing is half-taken: one bad digest refuses the whole record.
 */
#ifndef LAYERPROOF_IMPORT_RECORD_H
#define LAYERPROOF_IMPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_field.h"
#include "layerproof/internal_image.h"

enum import_record_state {
	IMPORT_TAKEN,
	IMPORT_REFUSED,
	IMPORT_SOURCE,      /* `source` was told, and no image */
	IMPORT_FILES,       /* `files` were told, and no image */
	IMPORT_PASSED_OVER, /* a row of something that is no container image */
};

struct import_record {
	struct internal_image image;
	char *part[IMPORT_FIELD_COUNT]; /* texts of parts, until import_record_finish(); NULL: none */
	struct import_source source;
	char *source_name; /* the texts of `source`, which are told when the record's are gone */
	char *source_file;
	struct import_layer_files files;
	bool has_origin;
	enum import_record_state state;
	const char *column; /* that was refused; borrowed; NULL for the whole record */
	char reason[ERROR_TEXT_SIZE];
};

/* Empties it for the record to come. */
void import_record_start(struct import_record *record);
void import_record_clear(struct import_record *record);

/* Sets the reason, unless there is one; `column` is borrowed until the record is delivered.
 * Returns -1. */
int import_record_refuse(struct import_record *record, const char *column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Says that the record is no container image, with what it is: "AWS_EC2_INSTANCE". Returns -1. */
int import_record_pass_over(struct import_record *record, const char *column, const char *what);

/* Takes the text of a field. Blank, "<none>" and "null" count as absent. The lists may hold several
 * digests, separated by blanks, commas or semicolons, or be a JSON array. -1: refused. */
int import_record_add(struct import_record *record, enum import_field field, const char *column,
					  const char *text, size_t size);

/* Takes one element of a list, `place` counting from 1: a blank one is refused. */
int import_record_add_element(struct import_record *record, enum import_field field,
							  const char *column, size_t place, const char *text, size_t size);

/* Takes one finding of a scanner: its severity's word, its class (NULL: none), and the digest of
 * the layer it is attributed to (NULL: none). A word that is no severity is none. -1: refused. */
int import_record_add_severity(struct import_record *record, const char *column,
							   const char *severity, const char *class, const char *layer);

/* Takes every digest that stands in a text, as one of the image, unless the image has it already
 * (import_scan). */
void import_record_add_scanned(struct import_record *record, const char *text, size_t size);

/* What can only be told from the whole record: name and platform from their parts, the kind of the
 * digest by its media type; it has a digest, and as many layers as diff_ids. */
int import_record_finish(struct import_record *record);

/* What a spreadsheet or a shortening did to a cell that should hold a digest, or what
 * digest_parse_lenient() says of it. */
int import_digest_parse(const char *text, size_t size, struct digest *out, struct error *err);

#endif
