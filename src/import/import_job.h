/*
 * import_job: one reading of one export, whatever its format.
 */
#ifndef LAYERPROOF_IMPORT_JOB_H
#define LAYERPROOF_IMPORT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "import_field.h"
#include "import_fold.h"
#include "import_format.h"
#include "import_record.h"
#include "layerproof/import.h"

struct import_job {
	struct reader *bytes; /* without a byte order mark, decompressed */
	const struct import_format *format;
	char delimiter;   /* CSV */
	const char *list; /* JSON, of the format's lists; NULL: the first object tells */
	struct import_places places;
	const struct import_sink *sink;
	struct import_summary *summary;
	struct import_fold *fold; /* NULL: each row is an image */
	uint64_t line;            /* where the row began */
	bool row_refused;
	bool stopped; /* the sink's error ended the reading, not the file's */
};

/* A row begins, on `line`: one CSV row, one JSON record, one line. */
void import_job_begin_row(struct import_job *job, uint64_t line);

/* Hands what the row says of one image, finished, to the sink as image or refusal, or counts what
 * is passed over. A row may hold several, and one that holds none tells so itself by a refused
 * record. */
int import_job_deliver(struct import_job *job, struct import_record *record, struct error *err);

/* At the end of the file: the folded images, and the places of --map that no record had. */
int import_job_end(struct import_job *job, struct error *err);

/* Reads to the end, by encoding; errors begin "line N: ". */
int import_json_read(struct import_job *job, struct error *err);
int import_csv_read(struct import_job *job, struct error *err);
int import_text_read(struct import_job *job, struct error *err);

#endif
