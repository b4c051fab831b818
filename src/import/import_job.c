#include "import_job.h"

int import_job_deliver(struct import_job *job, struct import_record *record, uint64_t line,
					   struct error *err)
{
	const struct import_sink *sink = job->sink;
	int status;
	job->summary->rows++;
	if (import_record_finish(record) == 0) {
		record->image.row = job->summary->rows;
		status = sink->image(sink->context, &record->image, record->has_origin, err);
	} else {
		job->summary->refused++;
		struct import_refusal refusal = {
			.line = line,
			.row = job->summary->rows,
			.column = record->column,
			.reason = record->reason,
		};
		status = sink->refusal(sink->context, &refusal, err);
	}
	job->stopped = status != 0;
	return status == 0 ? 0 : -1;
}
