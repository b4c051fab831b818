/*
 * import: internal images out of exports: one file per format, one interface.
 */
#ifndef LAYERPROOF_IMPORT_H
#define LAYERPROOF_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/internal_image.h"
#include "layerproof/reader.h"

/* FIELD=COLUMN of --map: which column or member holds which field. A field that is not mapped is
 * the column of its own name, in any case (in JSON: lower, Capitalised or upper). */
struct import_map {
	char *field;  /* name, digest, config, layers...: see layerproof-import(1) */
	char *column; /* a CSV header as written, or a dotted path of JSON members; a list on the path
				   * stands for each of its elements */
};

struct import_options {
	const char *format; /* of import_next_format(), or NULL: told by the content */
	const char *file;   /* name for error texts; "-" is standard input */
	const struct import_map *map;
	size_t map_count;
};

/* Where a row could not be used, and why. Texts are borrowed during the call. */
struct import_refusal {
	uint64_t line;      /* of the file, from 1: where the record begins */
	uint64_t row;       /* record, from 1 */
	const char *column; /* header or member path; NULL when the whole record is at fault */
	const char *reason;
};

/* A list that an exported index was made from. Texts are borrowed during the call. */
struct import_source {
	const char *name;
	const char *file;
	struct digest sha256; /* unset: of images that were added */
	int64_t imported_at;  /* seconds */
	uint64_t rows;
	uint64_t refused;
};

/* Files of a layer, as an exported index has them. Borrowed during the call. */
struct import_layer_files {
	struct digest layer;
	bool has_packages;
	struct digest *files;
	size_t count;
};

/* What the reader calls. A return other than 0 stops the reading (and -1 is what import_read() then
 * returns). */
struct import_sink {
	/* One image with at least one digest. All is set but source and origin, which are the caller's
	 * to set, except that an `origin` column sets `has_origin`.
	 * The image is borrowed and cleared afterwards. */
	int (*image)(void *context, const struct internal_image *image, bool has_origin,
				 struct error *err);
	int (*refusal)(void *context, const struct import_refusal *refusal, struct error *err);
	/* A row, or a part of one, that is no container image; `reason` is what it is. NULL: not told.
	 */
	int (*passed_over)(void *context, const struct import_refusal *other, struct error *err);
	/* A record of an exported index that is one of its sources; images name theirs in `mentions`.
	 * NULL: not told. */
	int (*source)(void *context, const struct import_source *source, struct error *err);
	/* A record of an exported index that tells files of a layer. NULL: not told. */
	int (*files)(void *context, const struct import_layer_files *files, struct error *err);
	/* At the end, in the order of the format's table: a column or member path that was used, and in
	 * how many rows it held something. NULL: not told. */
	int (*place)(void *context, const char *field, const char *path, uint64_t rows,
				 struct error *err);
	void *context;
};

struct import_summary {
	const char *format;   /* fixed text */
	uint64_t rows;        /* records read, refused ones and those of other things included */
	uint64_t refused;     /* rows */
	uint64_t passed_over; /* rows, or parts of them, that are no container images */
	struct digest sha256; /* of the file's bytes */
};

/* The formats there are, by number from 0; false behind the last. Fixed texts: the name that
 * --format takes, and what writes it. */
bool import_next_format(size_t number, const char **name, const char **title);

/* Checks FIELD=COLUMN; ERROR_USAGE names the fields there are. */
int import_map_parse(const char *text, struct import_map *out, struct error *err);
void import_map_clear(struct import_map *map);

/* Reads the whole export in bounded memory. A row that cannot be used is a refusal, not a failure;
 * -1 is for an export that cannot be read at all (ERROR_MALFORMED "FILE: line N: ...": its records
 * cannot be told apart for certain; ERROR_UNSUPPORTED, ERROR_SYSTEM, ERROR_OVER_LIMIT for one huge
 * record; ERROR_USAGE for a format or field that does not exist); `out` is untouched then. */
int import_read(struct reader *file, const struct import_options *options,
				const struct import_sink *sink, struct import_summary *out, struct error *err);

#endif
