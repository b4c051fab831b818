/*
 * import_report: what an import understood, counted as it is read and printed at its end; private
 * to this folder.
 */
#ifndef LAYERPROOF_CMD_IMPORT_REPORT_H
#define LAYERPROOF_CMD_IMPORT_REPORT_H

#include "layerproof/import.h"
#include "layerproof/index.h"
#include "origins.h"

enum { REPORT_SAMPLES = 5, REPORT_KINDS = 20 };

struct import_report {
	const char *file;
	const char *source;
	const struct origins *origins;
	bool dry_run;
	struct import_summary summary;
	struct index_outcome outcome;
	uint64_t images;
	uint64_t digests;                    /* distinct */
	uint64_t identities[IDENTITY_COUNT]; /* digests claimed to be that, of all images */

	char *samples[REPORT_SAMPLES]; /* the first images: row, name and digest */
	size_t sample_count;
	struct report_kind {
		char *what; /* as the export calls it */
		uint64_t count;
	} kinds[REPORT_KINDS]; /* of what was passed over, as they came; further ones are in the sum */
	size_t kind_count;
	struct report_place {
		char *field;
		char *path; /* the column or member */
		uint64_t rows;
	} * places;
	size_t place_count;
	size_t place_capacity;
};

/* While reading. Each copies what it keeps. */
void import_report_image(struct import_report *report, const struct internal_image *image);
void import_report_passed_over(struct import_report *report, const char *what);
void import_report_place(struct import_report *report, const char *field, const char *path,
						 uint64_t rows);

/* As text for people or as one JSON object. */
int import_report_write(const struct import_report *report, bool json, struct buffer *out,
						struct error *err);

void import_report_clear(struct import_report *report);

#endif
