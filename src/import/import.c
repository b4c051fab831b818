#include "layerproof/import.h"

#include <string.h>

#include "import_format.h"
#include "import_stream.h"
#include "layerproof/memory.h"

/* Every format, in the order in which the content is asked; the last takes what no other does. */
#define FORMATS(FORMAT) FORMAT(json) FORMAT(csv)

#define DECLARE_FORMAT(name) extern const struct import_format import_format_##name;
#define LIST_FORMAT(name)    &import_format_##name,
#define NAME_FORMAT(name)    " " #name

FORMATS(DECLARE_FORMAT)

static const struct import_format *const formats[] = {FORMATS(LIST_FORMAT)};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

/* Files that users have at hand instead of the export itself. */
static const struct {
	const char *bytes;
	size_t size;
	const char *advice;
} unsupported[] = {
	{"\x1F\x8B", 2, "compressed with gzip: decompress it first"},
	{"\x28\xB5\x2F\xFD", 4, "compressed with zstd: decompress it first"},
	{"PK\x03\x04", 4, "a ZIP archive or an Excel workbook: export it as CSV"},
	{"\xFF\xFE", 2, "UTF-16 text: export it as UTF-8"},
	{"\xFE\xFF", 2, "UTF-16 text: export it as UTF-8"},
};

static const struct import_format *find_format(const char *name, struct error *err)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(formats[i]->name, name) == 0) {
			return formats[i];
		}
	}
	error_set(err, ERROR_USAGE, "no format \"%s\"; there are:" FORMATS(NAME_FORMAT), name);
	return NULL;
}

static const struct import_format *told_by(const uint8_t *head, size_t size)
{
	size_t i = 0;
	while (i + 1 < FORMAT_COUNT && !formats[i]->told_by(head, size)) {
		i++;
	}
	return formats[i];
}

static const struct import_format *tell_format(struct reader *stream, struct error *err)
{
	const uint8_t *head;
	size_t size;
	if (import_stream_look(stream, &head, &size, err) != 0) {
		return NULL;
	}
	if (size == 0) {
		error_set(err, ERROR_MALFORMED, "empty, or blank for its first 4 KiB: no export");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		if (size >= unsupported[i].size &&
			memcmp(head, unsupported[i].bytes, unsupported[i].size) == 0) {
			error_set(err, ERROR_UNSUPPORTED, "%s", unsupported[i].advice);
			return NULL;
		}
	}
	return told_by(head, size);
}

/* Looks at the content even where the user has named the format: it may be no text at all. */
static const struct import_format *choose_format(struct reader *stream, const char *name,
												 struct error *err)
{
	const struct import_format *named = name == NULL ? NULL : find_format(name, err);
	if (name != NULL && named == NULL) {
		return NULL;
	}
	const struct import_format *told = tell_format(stream, err);
	return told != NULL && named != NULL ? named : told;
}

static int read_stream(struct import_job *job, const struct import_options *options,
					   struct error *err)
{
	if (import_columns_set(options->map, options->map_count, &job->columns, err) != 0) {
		return -1;
	}
	const struct import_format *format = choose_format(job->bytes, options->format, err);
	if (format == NULL) {
		return -1;
	}
	job->summary->format = format->name;
	if (format->read(job, err) != 0) {
		return -1;
	}
	return import_stream_finish(job->bytes, &job->summary->sha256, err);
}

int import_read(struct reader *file, const struct import_options *options,
				const struct import_sink *sink, struct import_summary *out, struct error *err)
{
	CLEANUP(reader_close_at) struct reader *stream = import_stream_new(file);
	struct import_summary summary = {0};
	struct import_job job = {.bytes = stream, .sink = sink, .summary = &summary};
	if (read_stream(&job, options, err) != 0) {
		/* A reader names its file itself, and a sink's reasons are not the file's. */
		if (!job.stopped && err->code != ERROR_USAGE && err->code != ERROR_SYSTEM) {
			const char *name = strcmp(options->file, "-") == 0 ? "standard input" : options->file;
			error_add_context(err, "%s", name);
		}
		return -1;
	}
	*out = summary;
	return 0;
}
