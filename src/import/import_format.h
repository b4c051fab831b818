/*
 * import_format: what a format of exports must offer.
 *
 * A new format is one file, with one `const struct import_format import_format_NAME`, and one line
 * in the table of import.c.
 */
#ifndef LAYERPROOF_IMPORT_FORMAT_H
#define LAYERPROOF_IMPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_job.h"

struct import_format {
	const char *name;
	/* Whether an export that begins with these bytes (the first is not blank) is of this format.
	 * NULL for the last of the table, which takes what no other does. */
	bool (*told_by)(const uint8_t *head, size_t size);
	/* Reads to the end, handing each record to import_job_deliver(). Errors begin "line N: ". */
	int (*read)(struct import_job *job, struct error *err);
};

#endif
