/*
 * digest: one blob on disk, or on a pipe: what it is, and what it hashes to.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_progress.h"
#include "layerproof/interrupt.h"
#include "layerproof/layer_progress.h"
#include "layerproof/layer_record.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/reader.h"
#include "rows.h"

enum { OPTION_FILES = OPTION_FIRST, OPTION_ALGORITHM };

static const struct option_row options[] = {
	{"files", no_argument, OPTION_FILES, NULL, "first a line for each regular file in it"},
	{"algorithm", required_argument, OPTION_ALGORITHM, "sha256|sha512",
	 "of digest and diff_id (default: sha256)"},
};

struct request {
	const char *path; /* "-": standard input */
	int verbosity;
	bool files;
	enum digest_algorithm algorithm;
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	if (id == OPTION_FILES) {
		request->files = true;
		return 0;
	}
	for (int known = DIGEST_SHA256; known <= DIGEST_SHA512; known++) {
		if (strcmp(value, digest_algorithm_name((enum digest_algorithm)known)) != 0)
			continue;
		request->algorithm = (enum digest_algorithm)known;
		return 0;
	}
	return error_set(err, ERROR_USAGE, "--algorithm is sha256 or sha512, not \"%s\"", value);
}

struct reading {
	struct buffer line;
	int write_failure; /* the errno of standard output; 0 */
	struct layer_reading *progress;
};

/* The lines are gathered by stdio: there may be millions. */
static int print_file(void *context, const struct layer_file *file, struct error *err)
{
	struct reading *reading = context;
	buffer_reset(&reading->line);
	if (layer_record_write_file(file, &reading->line, err) != 0)
		return -1;
	if (fwrite(reading->line.bytes, 1, reading->line.size, stdout) == reading->line.size)
		return 0;
	reading->write_failure = errno;
	return error_set_errno(err, "standard output");
}

static void note_progress(void *context, int64_t size)
{
	struct reading *reading = context;
	layer_progress_note(reading->progress, size);
}

/* None where the list of files is printed to the same terminal. */
static struct layer_progress *open_progress(const struct request *request)
{
	if (!check_progress_is_wanted(request->verbosity) ||
		(request->files && isatty(STDOUT_FILENO) == 1))
		return NULL;
	return layer_progress_new(STDERR_FILENO);
}

/* Of a regular file; -1 for others. */
static int64_t size_of(const char *path)
{
	struct stat status;
	int result = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(path, &status);
	return result == 0 && S_ISREG(status.st_mode) ? (int64_t)status.st_size : -1;
}

/* layer_read(), with what is to be seen meanwhile. Returns its result. */
static int read_layer(struct reader *blob, const struct request *request, struct reading *reading,
					  struct layer_result *out, struct error *err)
{
	static const struct digest unknown;
	CLEANUP(crew_free_at) struct crew *crew = crew_new(0, 0);
	struct layer_progress *progress = open_progress(request);
	const struct layer_options how = {
		.crew = crew,
		.blob_algorithm = request->algorithm,
		.tar_algorithm = request->algorithm,
		.on_file = request->files ? print_file : NULL,
		.on_progress = note_progress,
		.context = reading,
	};
	reading->progress = layer_progress_begin(progress, &unknown, size_of(request->path));
	int result = layer_read(blob, &how, out, err);
	layer_progress_end(progress, reading->progress);
	layer_progress_free(progress);
	return result;
}

/* ---- The record ---- */

static int print_record(const struct layer_result *result, const struct error *failure)
{
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	int written = layer_record_write(result, failure, &out, &reason);
	int printed = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return printed;
}

/* What the record says of damage is said to the user too. */
static void log_problems(const char *name, const struct layer_result *result,
						 const struct error *failure)
{
	struct layer_problem problems[LAYER_PROBLEMS];
	size_t count = layer_record_problems(result, failure, problems);
	for (size_t i = 0; i < count; i++)
		log_error("%s: %s", name, problems[i].error->text);
}

static int print_result(const char *name, const struct layer_result *result,
						const struct error *failure)
{
	int printed = print_record(result, failure);
	if (printed >= 0)
		return printed;
	if (!layer_record_is_damaged(result, failure))
		return EXIT_DONE;
	log_problems(name, result, failure);
	return EXIT_INCOMPLETE;
}

static int digest(struct reader *blob, const struct request *request)
{
	struct reading reading = {.line = BUFFER_INIT(LIMIT_MIB(1))};
	struct layer_result result;
	struct error failure = ERROR_INIT;
	int outcome = read_layer(blob, request, &reading, &result, &failure);
	buffer_clear(&reading.line);
	if (interrupt_exit_code() != 0)
		return interrupt_exit_code();
	if (reading.write_failure != 0) {
		errno = reading.write_failure;
		return command_flush();
	}
	if (outcome != 0 && failure.code != ERROR_OVER_LIMIT)
		return command_fail(&failure);
	const char *name = strcmp(request->path, "-") == 0 ? "standard input" : request->path;
	return print_result(name, &result, &failure);
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.algorithm = DIGEST_SHA256};
	struct error reason = ERROR_INIT;
	int first;
	int parsed = options_parse(context, command, argc, argv, take, &request, &first);
	if (parsed >= 0)
		return parsed;
	if (argc - first != 1)
		return command_usage(command, "one FILE is needed, or - for standard input");
	request.path = argv[first];
	request.verbosity = context->verbosity;
	CLEANUP(reader_close_at) struct reader *blob = reader_open(request.path, &reason);
	if (blob == NULL)
		return interrupt_exit_code() != 0 ? interrupt_exit_code() : command_fail(&reason);
	return digest(blob, &request);
}

const struct command command_digest = {
	.name = "digest",
	.arguments = "FILE|-",
	.summary = "Show what one blob on disk is, and what it hashes to",
	.details = "The file is a layer as a registry or a layout has it: gzip, zstd or plain tar.\n"
			   "Prints one line of JSON with digest, diff_id and more. No index is needed and\n"
			   "nobody is asked.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
