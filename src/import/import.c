#include "layerproof/import.h"

#include <string.h>

#include "import_job.h"
#include "import_shape.h"
#include "import_stream.h"
#include "layerproof/memory.h"

/* Every format, in the order in which the content is asked; the last two take what no other does.
 */
#define FORMATS(FORMAT)                                                                            \
	FORMAT(anchore)                                                                                \
	FORMAT(anchore_v1)                                                                             \
	FORMAT(aqua)                                                                                   \
	FORMAT(aqua_risks)                                                                             \
	FORMAT(aqua_scan)                                                                              \
	FORMAT(artifact_registry)                                                                      \
	FORMAT(buildkit)                                                                               \
	FORMAT(crowdstrike)                                                                            \
	FORMAT(ctr)                                                                                    \
	FORMAT(cyclonedx)                                                                              \
	FORMAT(defender)                                                                               \
	FORMAT(docker_inspect)                                                                         \
	FORMAT(ecr)                                                                                    \
	FORMAT(ecr_manifests)                                                                          \
	FORMAT(gcloud_describe)                                                                        \
	FORMAT(gcloud_list)                                                                            \
	FORMAT(grype)                                                                                  \
	FORMAT(harbor)                                                                                 \
	FORMAT(harbor_csv)                                                                             \
	FORMAT(image_config)                                                                           \
	FORMAT(index)                                                                                  \
	FORMAT(inspector)                                                                              \
	FORMAT(kubernetes)                                                                             \
	FORMAT(lacework)                                                                               \
	FORMAT(layerproof)                                                                             \
	FORMAT(list)                                                                                   \
	FORMAT(manifest)                                                                               \
	FORMAT(manifest_inspect)                                                                       \
	FORMAT(prisma)                                                                                 \
	FORMAT(prisma_csv)                                                                             \
	FORMAT(security_hub)                                                                           \
	FORMAT(skopeo)                                                                                 \
	FORMAT(snyk)                                                                                   \
	FORMAT(snyk_facts)                                                                             \
	FORMAT(spdx)                                                                                   \
	FORMAT(syft)                                                                                   \
	FORMAT(sysdig)                                                                                 \
	FORMAT(sysdig_cli)                                                                             \
	FORMAT(sysdig_csv)                                                                             \
	FORMAT(sysdig_runtime)                                                                         \
	FORMAT(trivy)                                                                                  \
	FORMAT(twistcli)                                                                               \
	FORMAT(wiz)                                                                                    \
	FORMAT(wiz_csv)                                                                                \
	FORMAT(wiz_issues_csv)                                                                         \
	FORMAT(json)                                                                                   \
	FORMAT(csv)

#define DECLARE_FORMAT(name) extern const struct import_format import_format_##name;
#define LIST_FORMAT(name)    &import_format_##name,

FORMATS(DECLARE_FORMAT)

static const struct import_format *const formats[] = {FORMATS(LIST_FORMAT)};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

/* Files that users have at hand instead of the export itself. */
static const struct {
	const char *bytes;
	size_t size;
	const char *advice;
} unsupported[] = {
	{"PK\x03\x04", 4, "a ZIP archive or an Excel workbook: export it as CSV"},
	{"\xFF\xFE", 2, "UTF-16 text: export it as UTF-8"},
	{"\xFE\xFF", 2, "UTF-16 text: export it as UTF-8"},
};

bool import_next_format(size_t number, const char **name, const char **title)
{
	if (number >= FORMAT_COUNT) {
		return false;
	}
	*name = formats[number]->name;
	*title = formats[number]->title;
	return true;
}

static int no_format(const char *name, struct error *err)
{
	struct buffer list = BUFFER_INIT(ERROR_TEXT_SIZE);
	struct error full = ERROR_INIT;
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (buffer_add_format(&list, &full, " %s", formats[i]->name) != 0) {
			break; /* error texts end sooner */
		}
	}
	error_set(err, ERROR_USAGE, "no format \"%s\"; there are:%s", name,
			  list.size > 0 ? list.bytes : "");
	buffer_clear(&list);
	return -1;
}

static int find_format(const char *name, const struct import_format **out, struct error *err)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(formats[i]->name, name) == 0) {
			*out = formats[i];
			return 0;
		}
	}
	return no_format(name, err);
}

/* Fields that --map names are meant for a file of no known tool. */
static const struct import_format *told_by(const struct import_shape *shape,
										   const struct import_options *options, const char **list)
{
	*list = NULL;
	for (size_t i = 0; options->map_count == 0 && i < FORMAT_COUNT; i++) {
		if (import_shape_shows(shape, formats[i], list)) {
			return formats[i];
		}
	}
	return shape->is_json ? &import_format_json : &import_format_csv;
}

static int check_encoding(const struct import_shape *shape, const struct import_format *format,
						  struct error *err)
{
	bool wants_json = format->encoding == IMPORT_JSON;
	if (shape->is_json == wants_json || format == &import_format_json ||
		format == &import_format_csv) {
		return 0; /* those two say themselves what they expected */
	}
	return error_set(err, ERROR_MALFORMED, "line 1: %s is %s, and this begins with %s",
					 format->name, wants_json ? "JSON" : "no JSON",
					 shape->is_json ? "a bracket" : "something else");
}

static int choose_format(struct import_job *job, const struct import_options *options,
						 const struct import_shape *shape, struct error *err)
{
	if (options->format == NULL) {
		job->format = told_by(shape, options, &job->list);
		return 0;
	}
	if (find_format(options->format, &job->format, err) != 0 ||
		check_encoding(shape, job->format, err) != 0) {
		return -1;
	}
	if (job->format->encoding == IMPORT_JSON && job->format != &import_format_json) {
		job->list = import_shape_list(shape, job->format);
	}
	return 0;
}

static int check_supported(const char *head, size_t size, struct error *err)
{
	if (size == 0) {
		return error_set(err, ERROR_MALFORMED, "empty, or blank for its first 64 KiB: no export");
	}
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		if (size >= unsupported[i].size &&
			memcmp(head, unsupported[i].bytes, unsupported[i].size) == 0) {
			return error_set(err, ERROR_UNSUPPORTED, "%s", unsupported[i].advice);
		}
	}
	return 0;
}

static int tell_format(struct import_job *job, const struct import_options *options,
					   struct error *err)
{
	const uint8_t *head;
	size_t size;
	struct import_shape shape;
	if (import_stream_look(job->bytes, &head, &size, err) != 0 ||
		check_supported((const char *)head, size, err) != 0) {
		return -1;
	}
	import_shape_set(&shape, (const char *)head, size);
	job->delimiter = shape.header.delimiter;
	int status = choose_format(job, options, &shape, err);
	import_shape_clear(&shape);
	return status;
}

static int read_records(struct import_job *job, struct error *err)
{
	switch (job->format->encoding) {
	case IMPORT_JSON:
		return import_json_read(job, err);
	case IMPORT_CSV:
		return import_csv_read(job, err);
	case IMPORT_TEXT:
		return import_text_read(job, err);
	}
	return -1;
}

static int read_stream(struct import_job *job, const struct import_options *options,
					   struct error *err)
{
	const struct import_format *named;
	if (options->format != NULL && find_format(options->format, &named, err) != 0) {
		return -1;
	}
	if (tell_format(job, options, err) != 0 ||
		import_places_set(job->format->places, options->map, options->map_count, &job->places,
						  err) != 0) {
		return -1;
	}
	job->fold = job->format->folds ? import_fold_new() : NULL;
	job->summary->format = job->format->name;
	if (read_records(job, err) != 0 || import_job_end(job, err) != 0) {
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
	int status = read_stream(&job, options, err);
	import_places_clear(&job.places);
	import_fold_free(job.fold);
	if (status != 0) {
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
