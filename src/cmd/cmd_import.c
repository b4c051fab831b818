/*
 * import: a CSPM export into the index, all or nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_report.h"
#include "layerproof/clock.h"
#include "layerproof/import.h"
#include "layerproof/index_files.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/text.h"
#include "rows.h"

enum {
	OPTION_SOURCE = OPTION_FIRST,
	OPTION_FORMAT,
	OPTION_LIST_FORMATS,
	OPTION_MAP,
	OPTION_MEMORY,
	OPTION_OURS,
	OPTION_THIRD_PARTY,
	OPTION_DRY_RUN,
	OPTION_STRICT,
	OPTION_NO_WAIT,
	OPTION_JSON,
	REFUSALS_SHOWN = 20,
};

static const struct option_row options[] = {
	{"source", required_argument, OPTION_SOURCE, "NAME",
	 "whose list this is (default: the file's name)"},
	{"format", required_argument, OPTION_FORMAT, "FORMAT", "default: told by the content"},
	{"list-formats", no_argument, OPTION_LIST_FORMATS, NULL, "print the formats there are"},
	{"map", required_argument, OPTION_MAP, "FIELD=COLUMN",
	 "where a field stands; may be given again"},
	{"memory", required_argument, OPTION_MEMORY, "N[K|M|G]",
	 "hold that much, the rest on disk (default 128M)"},
	{"ours", required_argument, OPTION_OURS, "PATTERN",
	 "repositories that are ours; may be given again"},
	{"third-party", required_argument, OPTION_THIRD_PARTY, "PATTERN",
	 "repositories that are others'; may be given again"},
	{"dry-run", no_argument, OPTION_DRY_RUN, NULL, "read and count, write nothing"},
	{"strict", no_argument, OPTION_STRICT, NULL, "import nothing if any row is refused"},
	{"no-wait", no_argument, OPTION_NO_WAIT, NULL, "fail at once if another writes the index"},
	{"json", no_argument, OPTION_JSON, NULL, "print one JSON object"},
};

struct request {
	const char *source;
	const char *format;
	uint64_t memory;
	struct import_map *maps;
	size_t map_count;
	size_t map_capacity;
	struct origins origins;
	bool list_formats;
	bool dry_run;
	bool strict;
	enum index_mode mode; /* of opening the index */
	bool json;
};

/* What the reading feeds. */
struct reading {
	struct request *request;
	const char *file;
	const char *source;
	struct index_batch *batch;
	uint64_t refusals;
	bool has_sources; /* it is an exported index, and no list of its own */
	struct import_report report;
};

static int take_map(struct request *request, const char *value, struct error *err)
{
	request->maps = memory_grow(request->maps, request->map_count, &request->map_capacity,
								sizeof(*request->maps));
	if (import_map_parse(value, &request->maps[request->map_count], err) != 0)
		return -1;
	request->map_count++;
	return 0;
}

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	switch (id) {
	case OPTION_SOURCE:
		request->source = value;
		break;
	case OPTION_FORMAT:
		request->format = value;
		break;
	case OPTION_LIST_FORMATS:
		request->list_formats = true;
		break;
	case OPTION_MAP:
		return take_map(request, value, err);
	case OPTION_MEMORY:
		return options_parse_batch_memory(value, &request->memory, err);
	case OPTION_OURS:
		text_list_add(&request->origins.ours, value);
		break;
	case OPTION_THIRD_PARTY:
		text_list_add(&request->origins.third_party, value);
		break;
	case OPTION_DRY_RUN:
		request->dry_run = true;
		break;
	case OPTION_STRICT:
		request->strict = true;
		break;
	case OPTION_NO_WAIT:
		request->mode = INDEX_WRITE_NOW;
		break;
	case OPTION_JSON:
		request->json = true;
		break;
	default:
		break;
	}
	return 0;
}

static void request_clear(struct request *request)
{
	for (size_t i = 0; i < request->map_count; i++)
		import_map_clear(&request->maps[i]);
	free(request->maps);
	origins_clear(&request->origins);
}

static int on_image(void *context, const struct internal_image *image, bool has_origin,
					struct error *err)
{
	struct reading *reading = context;
	struct internal_image complete = *image;
	(void)err;
	/* Both are borrowed by the copy and go no further than this call. */
	complete.source = (char *)(uintptr_t)reading->source;
	if (has_origin)
		origins_count(&reading->request->origins, complete.origin);
	else
		complete.origin = origins_judge(&reading->request->origins, complete.name);
	reading->has_sources = reading->has_sources || image->mention_count > 0;
	index_batch_add(reading->batch, &complete);
	import_report_image(&reading->report, &complete);
	return 0;
}

static int on_refusal(void *context, const struct import_refusal *refusal, struct error *err)
{
	struct reading *reading = context;
	(void)err;
	if (++reading->refusals > REFUSALS_SHOWN)
		return 0;
	log_warning("%s: line %llu: row %llu%s%s: %s", reading->file, (unsigned long long)refusal->line,
				(unsigned long long)refusal->row, refusal->column == NULL ? "" : ": column ",
				refusal->column == NULL ? "" : refusal->column, refusal->reason);
	return 0;
}

static int on_passed_over(void *context, const struct import_refusal *other, struct error *err)
{
	struct reading *reading = context;
	(void)err;
	import_report_passed_over(&reading->report, other->reason);
	return 0;
}

static int on_source(void *context, const struct import_source *source, struct error *err)
{
	struct reading *reading = context;
	/* The texts are borrowed by the copy and go no further than this call. */
	const struct index_source known = {
		.name = (char *)(uintptr_t)source->name,
		.file = (char *)(uintptr_t)source->file,
		.sha256 = source->sha256,
		.imported_at = source->imported_at,
		.rows = source->rows,
		.refused = source->refused,
	};
	(void)err;
	index_batch_add_source(reading->batch, &known);
	reading->has_sources = true;
	return 0;
}

static int on_files(void *context, const struct import_layer_files *files, struct error *err)
{
	struct reading *reading = context;
	const struct index_file_layer layer = {.digest = files->layer,
										   .has_packages = files->has_packages};
	(void)err;
	for (size_t i = 0; i < files->count; i++)
		index_batch_add_file(reading->batch, &layer, &files->files[i]);
	return 0;
}

static int on_place(void *context, const char *field, const char *path, uint64_t rows,
					struct error *err)
{
	struct reading *reading = context;
	(void)err;
	import_report_place(&reading->report, field, path, rows);
	return 0;
}

/* ---- The run ---- */

static int commit(const struct context *context, struct reading *reading, struct error *err)
{
	const struct import_summary *summary = &reading->report.summary;
	char *name = memory_copy_text(reading->source);
	char *file = memory_copy_text(reading->file);
	struct index_source source = {
		.name = name,
		.file = file,
		.sha256 = summary->sha256,
		.imported_at = clock_now(),
		.rows = summary->rows - summary->refused,
		.refused = summary->refused,
	};
	int result = -1;
	CLEANUP(index_close_at)
	struct index *index = context_open_index(context, reading->request->mode, err);
	if (index != NULL)
		result = index_commit(index, reading->batch, reading->has_sources ? NULL : &source,
							  &reading->report.outcome, err);
	reading->report.digests = reading->report.outcome.digests;
	index_source_clear(&source);
	return result;
}

static int read_export(struct reading *reading, struct error *err)
{
	const struct import_options how = {
		.format = reading->request->format,
		.file = reading->file,
		.map = reading->request->maps,
		.map_count = reading->request->map_count,
	};
	const struct import_sink sink = {
		.image = on_image,
		.refusal = on_refusal,
		.passed_over = on_passed_over,
		.source = on_source,
		.files = on_files,
		.place = on_place,
		.context = reading,
	};
	struct reader *file = reader_open(reading->file, err);
	if (file == NULL)
		return -1;
	int result = import_read(file, &how, &sink, &reading->report.summary, err);
	reader_close(file);
	if (result == 0 && reading->refusals > REFUSALS_SHOWN)
		log_warning("%s: %llu more rows were refused", reading->file,
					(unsigned long long)(reading->refusals - REFUSALS_SHOWN));
	return result;
}

/* Whether the rows that were refused leave anything to import. */
static int judge_refusals(const struct reading *reading, struct error *err)
{
	const struct import_report *report = &reading->report;
	uint64_t refused = report->summary.refused;
	if (refused > 0 && reading->request->strict)
		return error_set(err, ERROR_MALFORMED,
						 "%s: %llu rows were refused, and --strict allows none", reading->file,
						 (unsigned long long)refused);
	if (refused > 0 && report->images == 0)
		return error_set(err, ERROR_MALFORMED, "%s: not one of %llu rows could be used",
						 reading->file, (unsigned long long)refused);
	return 0;
}

static int print_report(const struct reading *reading)
{
	struct buffer out = BUFFER_INIT(LIMIT_MIB(16));
	struct error reason = ERROR_INIT;
	int written = import_report_write(&reading->report, reading->request->json, &out, &reason);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result;
}

static int import_file(const struct context *context, struct reading *reading)
{
	struct error reason = ERROR_INIT;
	if (read_export(reading, &reason) != 0 || judge_refusals(reading, &reason) != 0 ||
		index_batch_check(reading->batch, &reason) != 0)
		return command_fail(&reason);
	int done = reading->request->dry_run
				   ? index_batch_count_digests(reading->batch, &reading->report.digests, &reason)
				   : commit(context, reading, &reason);
	if (done != 0)
		return command_fail(&reason);
	int printed = print_report(reading);
	if (printed >= 0)
		return printed;
	return reading->report.summary.refused > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
}

static const char *default_source(const char *file)
{
	const char *slash = strrchr(file, '/');
	return slash == NULL ? file : slash + 1;
}

static int list_formats(void)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	const char *name;
	const char *title;
	int written = 0;
	for (size_t i = 0; written == 0 && import_next_format(i, &name, &title); i++)
		written = buffer_add_format(&out, &reason, "%-20s %s\n", name, title);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result >= 0 ? result : EXIT_DONE;
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.mode = INDEX_WRITE};
	int first;
	int result = options_parse(context, command, argc, argv, take, &request, &first);
	if (result < 0 && request.list_formats)
		result = list_formats();
	if (result < 0 && argc - first != 1)
		result = command_usage(command, "one FILE is needed, or - for standard input");
	if (result < 0) {
		struct reading reading = {.request = &request, .file = argv[first]};
		reading.source = request.source != NULL ? request.source : default_source(reading.file);
		reading.batch = index_batch_new(request.memory);
		reading.report = (struct import_report){
			.file = reading.file,
			.source = reading.source,
			.origins = &request.origins,
			.dry_run = request.dry_run,
		};
		origins_add_settings(&request.origins, context->settings);
		result = import_file(context, &reading);
		index_batch_free(reading.batch);
		import_report_clear(&reading.report);
	}
	request_clear(&request);
	return result;
}

const struct command command_import = {
	.name = "import",
	.arguments = "FILE|-",
	.summary = "Read a CSPM export into the index",
	.details = "What CSPMs and container tools write is told by its content, compressed or\n"
			   "not; --list-formats prints what is known. Of other CSV with a header row, and\n"
			   "JSON, --map says where the fields stand: name, digest, config, layers,\n"
			   "diff_ids, platform, origin and more.\n"
			   "All or nothing: a failure leaves the index as it was.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
