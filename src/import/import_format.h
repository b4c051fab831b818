/*
 * import_format: what a format of exports must say of itself.
 *
 * A new format is one file, with one `const struct import_format import_format_NAME`, and one line
 * in the table of import.c. Most are tables alone.
 */
#ifndef LAYERPROOF_IMPORT_FORMAT_H
#define LAYERPROOF_IMPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "import_field.h"
#include "import_record.h"
#include "layerproof/node.h"

enum import_encoding {
	IMPORT_JSON,
	IMPORT_CSV,
	IMPORT_TEXT, /* lines */
};

/* Rows of other things than container images are counted and passed over: those where `path`
 * has a value that is none of `values`. A row where the path is absent is not passed over. */
struct import_condition {
	const char *path;          /* as in a place, never with '/' */
	const char *const *values; /* in any case; ends with NULL */
};

struct import_format {
	const char *name;  /* --format */
	const char *title; /* for people: "AWS ECR describe-images" */
	enum import_encoding encoding;

	/* JSON: where the records stand, "findings" or "data.images.nodes"; "" is the value itself, or
	 * each element of an array. The first whose signs are there is taken. Ends with NULL; NULL is
	 * {"", NULL}. */
	const char *const *lists;

	/* What tells the format by its beginning (64 KiB): all of these members (paths from the record,
	 * lists on the way left out as in a place), or headers, are there. NULL: never told by content.
	 */
	const char *const *signs;
	const char *const *other_signs; /* instead, where nothing was found, or in another order of
									 * members; NULL: there are none */

	/* JSON: paths from the record to the objects, or lists of them, that are an image each. Ends
	 * with NULL; NULL: the record is the image. */
	const char *const *each;

	/* JSON: paths to lists of objects in which, of those that are equal in all that is kept of
	 * them, one says as much as many. Ends with NULL; NULL: there are none. */
	const char *const *sets;

	const struct import_place *places;         /* ends with a path of NULL */
	const struct import_condition *conditions; /* ends with a path of NULL; NULL: none */

	bool folds;    /* many rows tell of one image: they become one, at the end of the file */
	bool any_text; /* digests are looked for in every text, or in every cell that no place names or
					* that is the image's name, too */

	/* JSON: what the table cannot say; after the places were taken. `object` is the image's,
	 * `record` the outer one (the same without `each`). Only members that are named in `places`
	 * are there (IMPORT_KEPT keeps one for this). Returns -1 when it has refused the record. NULL:
	 * nothing. */
	int (*refine)(struct import_record *record, const struct node *object,
				  const struct node *outer);

	/* TEXT: takes one line that is not blank, without its end. Returns -1 when it has refused. */
	int (*line)(struct import_record *record, const char *text, size_t size);

	/* TEXT: whether the beginning (whole lines of it) is of this format. */
	bool (*told_by)(const char *head, size_t size);
};

#endif
