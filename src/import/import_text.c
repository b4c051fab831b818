/*
 * import_text: exports of lines without a structure of their own; each format takes its lines
 * itself.
 */
#include <string.h>

#include "import_job.h"
#include "layerproof/buffer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"

struct text {
	struct import_job *job;
	struct import_record record;
	struct buffer line;
	uint64_t number;
};

static int end_line(struct text *text, struct error *err)
{
	const char *line = text->line.bytes;
	size_t size = text->line.size;
	int status = 0;
	text->number++;
	if (size > 0) {
		text_trim(&line, &size);
	}
	if (size > 0 && line[0] != '#') {
		import_job_begin_row(text->job, text->number);
		text->job->format->line(&text->record, line, size);
		import_record_finish(&text->record);
		status = import_job_deliver(text->job, &text->record, err);
		import_record_start(&text->record);
	}
	buffer_reset(&text->line);
	return status;
}

static int add_chunk(struct text *text, const char *bytes, size_t size, struct error *err)
{
	while (size != 0) {
		const char *feed = memchr(bytes, '\n', size);
		size_t line = feed == NULL ? size : (size_t)(feed - bytes);
		if (buffer_add(&text->line, bytes, line, err) != 0) {
			return error_set(err, ERROR_OVER_LIMIT, "line %llu: longer than %lld KiB",
							 (unsigned long long)text->number + 1,
							 (long long)(LIMIT_CANDIDATE_LINE >> 10));
		}
		if (feed != NULL && end_line(text, err) != 0) {
			return -1;
		}
		line += feed != NULL;
		bytes += line;
		size -= line;
	}
	return 0;
}

static int read_lines(struct text *text, struct error *err)
{
	for (;;) {
		const uint8_t *bytes;
		size_t size;
		if (reader_next(text->job->bytes, &bytes, &size, err) != 0) {
			return -1;
		}
		if (size == 0) {
			return text->line.size > 0 ? end_line(text, err) : 0;
		}
		if (add_chunk(text, (const char *)bytes, size, err) != 0) {
			return -1;
		}
	}
}

int import_text_read(struct import_job *job, struct error *err)
{
	struct text text = {.job = job, .line = BUFFER_INIT(LIMIT_CANDIDATE_LINE)};
	int status = read_lines(&text, err);
	buffer_clear(&text.line);
	import_record_clear(&text.record);
	return status;
}
