/*
 * import_job: one reading of one export, whatever its format.
 */
#ifndef LAYERPROOF_IMPORT_JOB_H
#define LAYERPROOF_IMPORT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "import_field.h"
#include "import_record.h"
#include "layerproof/import.h"

struct import_job {
	struct reader *bytes; /* without a byte order mark */
	struct import_columns columns;
	const struct import_sink *sink;
	struct import_summary *summary;
	bool stopped; /* the sink's error ended the reading, not the file's */
};

/* Counts the record, which begins on `line`, and hands it to the sink as image or refusal. */
int import_job_deliver(struct import_job *job, struct import_record *record, uint64_t line,
					   struct error *err);

#endif
