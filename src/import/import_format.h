/*
 * import_format: what a format of exports must offer, and what it works with.
 *
 * A new format is one file, with one `const struct import_format import_format_NAME`, and one line
 * in the table of import.c.
 */
#ifndef LAYERPROOF_IMPORT_FORMAT_H
#define LAYERPROOF_IMPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_field.h"
#include "import_record.h"
#include "layerproof/import.h"

/* One reading of one export. */
struct import_job {
	struct reader *bytes; /* without a byte order mark */
	struct import_columns columns;
	const struct import_sink *sink;
	struct import_summary *summary;
	bool stopped; /* the sink's error ended the reading, not the file's */
};

struct import_format {
	const char *name;
	/* Whether an export that begins with these bytes (the first is not blank) is of this format. */
	bool (*told_by)(const uint8_t *head, size_t size);
	/* Reads to the end, handing each record to import_job_deliver(). Errors begin "line N: ". */
	int (*read)(struct import_job *job, struct error *err);
};

/* Counts the record, which begins on `line`, and hands it to the sink as image or refusal. */
int import_job_deliver(struct import_job *job, struct import_record *record, uint64_t line,
					   struct error *err);

#endif
