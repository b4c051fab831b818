#include "import_job.h"

#include "layerproof/memory.h"
#include "layerproof/text.h"

void import_job_begin_row(struct import_job *job, uint64_t line)
{
	job->summary->rows++;
	job->line = line;
	job->row_refused = false;
}

/* What the sink is told of a row that gives no image. */
static struct import_refusal describe(const struct import_job *job,
									  const struct import_record *record)
{
	return (struct import_refusal){
		.line = job->line,
		.row = job->summary->rows,
		.column = record->column,
		.reason = record->reason,
	};
}

static int refuse(struct import_job *job, const struct import_record *record, struct error *err)
{
	struct import_refusal refusal = describe(job, record);
	job->summary->refused += !job->row_refused;
	job->row_refused = true;
	return job->sink->refusal(job->sink->context, &refusal, err);
}

static int pass_over(struct import_job *job, const struct import_record *record, struct error *err)
{
	struct import_refusal other = describe(job, record);
	job->summary->passed_over++;
	if (job->sink->passed_over == NULL) {
		return 0;
	}
	return job->sink->passed_over(job->sink->context, &other, err);
}

static int take(struct import_job *job, struct import_record *record, struct error *err)
{
	record->image.row = job->summary->rows;
	if (job->fold == NULL) {
		return job->sink->image(job->sink->context, &record->image, record->has_origin, err);
	}
	import_fold_add(job->fold, &record->image, record->has_origin);
	return 0;
}

int import_job_deliver(struct import_job *job, struct import_record *record, struct error *err)
{
	int status;
	if (record->state == IMPORT_TAKEN) {
		status = take(job, record, err);
	} else if (record->state == IMPORT_SOURCE) {
		job->summary->rows--;
		status = job->sink->source == NULL
					 ? 0
					 : job->sink->source(job->sink->context, &record->source, err);
	} else if (record->state == IMPORT_FILES) {
		job->summary->rows--;
		status = job->sink->files == NULL
					 ? 0
					 : job->sink->files(job->sink->context, &record->files, err);
	} else if (record->state == IMPORT_PASSED_OVER) {
		status = pass_over(job, record, err);
	} else {
		status = refuse(job, record, err);
	}
	job->stopped = status != 0;
	return status == 0 ? 0 : -1;
}

/* A path of --map that leads nowhere is a mistake of whoever typed it. */
static int check_mapped(const struct import_job *job, struct error *err)
{
	for (size_t i = 0; i < job->places.count; i++) {
		const struct import_place_used *used = &job->places.items[i];
		if (used->kind == IMPORT_PLACE_MAPPED && used->found == 0 && job->summary->rows > 0) {
			return error_set(err, ERROR_MALFORMED, "not one of %llu rows has \"%s\" for --map %s",
							 (unsigned long long)job->summary->rows, used->place.path,
							 import_field_name(used->place.field));
		}
	}
	return 0;
}

static int tell_places(struct import_job *job, struct error *err)
{
	for (size_t i = 0; job->sink->place != NULL && i < job->places.count; i++) {
		const struct import_place_used *used = &job->places.items[i];
		if (used->found == 0 || used->place.field == IMPORT_KEPT) {
			continue;
		}
		if (job->sink->place(job->sink->context, import_field_name(used->place.field),
							 used->place.path, used->found, err) != 0) {
			return -1;
		}
	}
	return 0;
}

int import_job_end(struct import_job *job, struct error *err)
{
	if (check_mapped(job, err) != 0) {
		return -1;
	}
	job->stopped = true;
	if (job->fold != NULL &&
		import_fold_each(job->fold, job->sink->image, job->sink->context, err) != 0) {
		return -1;
	}
	if (tell_places(job, err) != 0) {
		return -1;
	}
	job->stopped = false;
	return 0;
}
