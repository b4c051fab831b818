/*
 * digest: one blob on disk, or on a pipe: what it is, and what it hashes to.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "layerproof/interrupt.h"
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

struct listing {
	struct buffer line;
	int exit_code; /* why it ended early; -1 */
};

/* The lines are gathered by stdio: there may be millions. */
static int print_file(void *context, const struct layer_file *file, struct error *err)
{
	struct listing *listing = context;
	buffer_reset(&listing->line);
	if (layer_record_write_file(file, &listing->line, err) != 0) {
		listing->exit_code = command_fail(err);
		return -1;
	}
	if (fwrite(listing->line.bytes, 1, listing->line.size, stdout) == listing->line.size)
		return 0;
	listing->exit_code = command_flush();
	return error_set(err, ERROR_SYSTEM, "standard output");
}

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

static int digest(struct reader *blob, const char *name, const struct request *request)
{
	CLEANUP(crew_free_at) struct crew *crew = crew_new(0, 0);
	struct listing listing = {.line = BUFFER_INIT(LIMIT_MIB(1)), .exit_code = -1};
	const struct layer_options how = {
		.crew = crew,
		.blob_algorithm = request->algorithm,
		.tar_algorithm = request->algorithm,
		.on_file = request->files ? print_file : NULL,
		.context = &listing,
	};
	struct layer_result result;
	struct error failure = ERROR_INIT;
	int outcome = layer_read(blob, &how, &result, &failure);
	buffer_clear(&listing.line);
	if (listing.exit_code >= 0)
		return listing.exit_code;
	if (interrupt_exit_code() != 0)
		return interrupt_exit_code();
	if (outcome != 0 && failure.code != ERROR_OVER_LIMIT)
		return command_fail(&failure);
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
	CLEANUP(reader_close_at) struct reader *blob = reader_open(argv[first], &reason);
	if (blob == NULL)
		return interrupt_exit_code() != 0 ? interrupt_exit_code() : command_fail(&reason);
	const char *name = strcmp(argv[first], "-") == 0 ? "standard input" : argv[first];
	return digest(blob, name, &request);
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
