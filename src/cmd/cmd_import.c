/*
 * import: a CSPM export into the index, all or nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/import.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/text.h"
#include "origins.h"
#include "print_json.h"
#include "rows.h"

enum {
	OPTION_SOURCE = OPTION_FIRST,
	OPTION_FORMAT,
	OPTION_LIST_FORMATS,
	OPTION_MAP,
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
	uint64_t images;
	uint64_t refused;
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
	index_batch_add(reading->batch, &complete);
	reading->images++;
	return 0;
}

static int on_refusal(void *context, const struct import_refusal *refusal, struct error *err)
{
	struct reading *reading = context;
	(void)err;
	if (++reading->refused > REFUSALS_SHOWN)
		return 0;
	log_warning("%s: line %llu: row %llu%s%s: %s", reading->file, (unsigned long long)refusal->line,
				(unsigned long long)refusal->row, refusal->column == NULL ? "" : ": column ",
				refusal->column == NULL ? "" : refusal->column, refusal->reason);
	return 0;
}

/* ---- What was understood ---- */

struct report {
	const struct request *request;
	const struct reading *reading;
	const struct import_summary *summary;
	struct index_outcome outcome;
	uint64_t digests;
};

static int write_json(const struct report *report, struct buffer *out, struct error *err)
{
	const uint64_t *counts = report->request->origins.counts;
	json_t *origins = json_object();
	for (int origin = ORIGIN_PUBLIC; origin >= ORIGIN_UNKNOWN; origin--)
		json_object_set_new(origins, origin_name((enum origin)origin),
							json_integer((json_int_t)counts[origin]));
	CLEANUP(free_at)
	char *source = text_utf8(report->reading->source, strlen(report->reading->source));
	json_t *record = json_pack(
		"{ss ss sI sI sI sI so sI sI sb sb}", "source", source, "format", report->summary->format,
		"rows", (json_int_t)report->summary->rows, "images", (json_int_t)report->reading->images,
		"digests", (json_int_t)report->digests, "refused", (json_int_t)report->summary->refused,
		"origins", origins, "images_new", (json_int_t)report->outcome.images_new, "digests_new",
		(json_int_t)report->outcome.digests_new, "already_imported",
		(int)report->outcome.already_imported, "dry_run", (int)report->request->dry_run);
	int result = json_build_write(record, out, err);
	json_decref(record);
	return result;
}

static int write_text(const struct report *report, struct buffer *out, struct error *err)
{
	const uint64_t *counts = report->request->origins.counts;
	if (buffer_add_format(
			out, err,
			"%s: %s, %llu rows: %llu images with %llu digests, %llu refused\n"
			"  origins: %llu ours, %llu third-party, %llu public, %llu unknown\n",
			report->reading->file, report->summary->format,
			(unsigned long long)report->summary->rows, (unsigned long long)report->reading->images,
			(unsigned long long)report->digests, (unsigned long long)report->summary->refused,
			(unsigned long long)counts[ORIGIN_OURS], (unsigned long long)counts[ORIGIN_THIRD_PARTY],
			(unsigned long long)counts[ORIGIN_PUBLIC],
			(unsigned long long)counts[ORIGIN_UNKNOWN]) != 0 ||
		origins_write_guesses(&report->request->origins, out, err) != 0)
		return -1;
	if (report->request->dry_run)
		return buffer_add_format(out, err, "  nothing was written (--dry-run)\n");
	if (report->outcome.already_imported)
		return buffer_add_format(out, err,
								 "  nothing was changed: the same file is in the index\n");
	return buffer_add_format(out, err, "  new in the index: %llu images, %llu digests\n",
							 (unsigned long long)report->outcome.images_new,
							 (unsigned long long)report->outcome.digests_new);
}

static int print_report(const struct report *report)
{
	struct buffer out = BUFFER_INIT(LIMIT_MIB(16));
	struct error reason = ERROR_INIT;
	int written = report->request->json ? write_json(report, &out, &reason)
										: write_text(report, &out, &reason);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result;
}

/* ---- The run ---- */

static int commit(const struct context *context, const struct report *report,
				  struct index_outcome *outcome, struct error *err)
{
	const struct import_summary *summary = report->summary;
	char *name = memory_copy_text(report->reading->source);
	char *file = memory_copy_text(report->reading->file);
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
	struct index *index = context_open_index(context, report->request->mode, err);
	if (index != NULL)
		result = index_commit(index, report->reading->batch, &source, outcome, err);
	index_source_clear(&source);
	return result;
}

static int read_export(struct reading *reading, struct import_summary *summary, struct error *err)
{
	const struct import_options how = {
		.format = reading->request->format,
		.file = reading->file,
		.map = reading->request->maps,
		.map_count = reading->request->map_count,
	};
	const struct import_sink sink = {.image = on_image, .refusal = on_refusal, .context = reading};
	struct reader *file = reader_open(reading->file, err);
	if (file == NULL)
		return -1;
	int result = import_read(file, &how, &sink, summary, err);
	reader_close(file);
	if (result == 0 && reading->refused > REFUSALS_SHOWN)
		log_warning("%s: %llu more rows were refused", reading->file,
					(unsigned long long)(reading->refused - REFUSALS_SHOWN));
	return result;
}

/* Whether the rows that were refused leave anything to import. */
static int judge_refusals(const struct reading *reading, struct error *err)
{
	if (reading->refused > 0 && reading->request->strict)
		return error_set(err, ERROR_MALFORMED,
						 "%s: %llu rows were refused, and --strict allows none", reading->file,
						 (unsigned long long)reading->refused);
	if (reading->refused > 0 && reading->images == 0)
		return error_set(err, ERROR_MALFORMED, "%s: not one of %llu rows could be used",
						 reading->file, (unsigned long long)reading->refused);
	return 0;
}

static int import_file(const struct context *context, struct reading *reading)
{
	struct import_summary summary;
	struct error reason = ERROR_INIT;
	struct report report = {
		.request = reading->request, .reading = reading, .summary = &summary, .digests = 0};
	if (read_export(reading, &summary, &reason) != 0 || judge_refusals(reading, &reason) != 0 ||
		index_batch_count_digests(reading->batch, &report.digests, &reason) != 0)
		return command_fail(&reason);
	if (!reading->request->dry_run && commit(context, &report, &report.outcome, &reason) != 0)
		return command_fail(&reason);
	int printed = print_report(&report);
	if (printed >= 0)
		return printed;
	return summary.refused > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
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
		reading.batch = index_batch_new();
		origins_add_settings(&request.origins, context->settings);
		result = import_file(context, &reading);
		index_batch_free(reading.batch);
	}
	request_clear(&request);
	return result;
}

const struct command command_import = {
	.name = "import",
	.arguments = "FILE|-",
	.summary = "Read a CSPM export into the index",
	.details = "What CSPMs and container tools write is told by its content, compressed with gzip\n"
			   "or zstd or not; --list-formats prints what is known. Of other CSV with a header\n"
			   "row, and JSON, --map says where the fields stand: name, digest, config, layers,\n"
			   "diff_ids, platform, origin and more.\n"
			   "All or nothing: a failure leaves the index as it was.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
