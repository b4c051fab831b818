/*
 * add: images themselves into the index, with every digest they are known by.
 */
#include "layerproof/add.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "candidates.h"
#include "check_progress.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/text.h"
#include "origins.h"
#include "rows.h"

enum {
	OPTION_ORIGIN = OPTION_FIRST,
	OPTION_BOUNDARY,
	OPTION_CONTENT,
	OPTION_MISSING,
	OPTION_NO_WAIT,
};

static const struct option_row options[] = {
	{"origin", required_argument, OPTION_ORIGIN, "ours|public|third_party",
	 "whose the images are (default: by the name)"},
	{"boundary", required_argument, OPTION_BOUNDARY, "N",
	 "their N bottom layers are not our own work"},
	{"content", no_argument, OPTION_CONTENT, NULL, "read and hash the layers too"},
	{"missing", no_argument, OPTION_MISSING, NULL,
	 "those that the index knows without their layers"},
	{"no-wait", no_argument, OPTION_NO_WAIT, NULL, "fail at once if another writes the index"},
	{"jobs", required_argument, 'j', "N", "images at a time (default 16)"},
};

static const struct progress_words progress_words = {"read", "images", "failures"};

struct request {
	const struct context *context;
	bool has_origin;
	enum origin origin;
	bool has_boundary;
	long boundary;
	bool has_content;
	bool is_missing;
	bool no_wait;
	long jobs;
	struct origins origins;
	struct progress *progress;
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	switch (id) {
	case OPTION_ORIGIN:
		request->has_origin = true;
		if (origin_parse(value, &request->origin) != 0 || request->origin == ORIGIN_UNKNOWN)
			return error_set(err, ERROR_USAGE,
							 "--origin is ours, public or third_party, not \"%s\"", value);
		break;
	case OPTION_BOUNDARY:
		request->has_boundary = true;
		return options_parse_number(value, "--boundary", 0, LIMIT_LAYERS, &request->boundary, err);
	case OPTION_CONTENT:
		request->has_content = true;
		break;
	case OPTION_MISSING:
		request->is_missing = true;
		break;
	case OPTION_NO_WAIT:
		request->no_wait = true;
		break;
	case 'j':
		return options_parse_number(value, "--jobs", 1, LIMIT_JOBS, &request->jobs, err);
	default:
		break;
	}
	return 0;
}

/* ---- What the run asks for ---- */

/* What lies on the user's own disk is the user's unless said otherwise: a path is no repository to
 * judge by. */
static enum origin judge(void *context, const char *name, bool is_local, enum origin known)
{
	struct request *request = context;
	if (request->has_origin)
		return request->origin;
	if (known != ORIGIN_UNKNOWN)
		return known;
	return is_local ? ORIGIN_OURS : origins_judge(&request->origins, name);
}

static struct index *open_index(void *context, enum index_mode mode, struct error *err)
{
	const struct request *request = context;
	if (request->no_wait && mode == INDEX_WRITE)
		mode = INDEX_WRITE_NOW;
	return context_open_index(request->context, mode, err);
}

static void note(void *context, const struct add_totals *totals)
{
	const struct request *request = context;
	const struct progress_counts counts = {totals->done, totals->images, totals->failed};
	progress_note(request->progress, &counts);
}

/* ---- What is printed ---- */

static int write_missing(const struct missing *missing, const struct add_totals *totals,
						 struct buffer *out, struct error *err)
{
	unsigned long long asked = missing->named - missing->unlocated;
	if (buffer_add_format(out, err, "%llu images lacked their layers: %llu completed, %llu not\n",
						  (unsigned long long)missing->named, (unsigned long long)totals->completed,
						  asked - (unsigned long long)totals->completed) != 0)
		return -1;
	if (missing->unlocated == 0)
		return 0;
	return buffer_add_format(out, err, "  not asked for: %llu whose names say no registry\n",
							 (unsigned long long)missing->unlocated);
}

static int write_report(const struct request *request, const struct missing *missing,
						const struct add_totals *totals, struct buffer *out, struct error *err)
{
	const uint64_t *counts = totals->origins;
	if (missing != NULL && write_missing(missing, totals, out, err) != 0)
		return -1;
	if (buffer_add_format(out, err, "%llu images read: %llu ours, %llu third-party, %llu public\n",
						  (unsigned long long)totals->images,
						  (unsigned long long)counts[ORIGIN_OURS],
						  (unsigned long long)counts[ORIGIN_THIRD_PARTY],
						  (unsigned long long)counts[ORIGIN_PUBLIC]) != 0 ||
		origins_write_guesses(&request->origins, out, err) != 0)
		return -1;
	return buffer_add_format(out, err, "  new in the index: %llu images, %llu digests\n",
							 (unsigned long long)totals->images_new,
							 (unsigned long long)totals->digests_new);
}

/* Without an image each reference has its error on a line already. */
static int print_report(const struct request *request, const struct missing *missing,
						const struct add_totals *totals)
{
	struct buffer out = BUFFER_INIT(LIMIT_MIB(16));
	struct error reason = ERROR_INIT;
	if (missing == NULL && totals->images == 0)
		return -1;
	int written = write_report(request, missing, totals, &out, &reason);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result;
}

static int exit_code_of(const struct request *request, const struct missing *missing,
						const struct add_totals *totals)
{
	if (interrupt_exit_code() != 0)
		return interrupt_exit_code();
	if (!request->is_missing && totals->images == 0 && totals->failed > 0)
		return EXIT_FAILED;
	return totals->failed > 0 || (missing != NULL && missing->unlocated > 0) ? EXIT_INCOMPLETE
																			 : EXIT_DONE;
}

/* ---- The run ---- */

/* Before anything is read that could then not be written. None is made. */
static int check_turn(const struct context *context, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct index *index = context_open_index(context, INDEX_READ, &ignored);
	if (index == NULL)
		return 0;
	index_close(index);
	index = context_open_index(context, INDEX_WRITE_NOW, err);
	index_close(index);
	return index == NULL ? -1 : 0;
}

static int find_missing(const struct context *context, struct missing *out, struct error *err)
{
	CLEANUP(index_close_at) struct index *index = context_open_index(context, INDEX_READ, err);
	return index == NULL ? -1 : missing_find(index, out, err);
}

static int add_candidates(const struct add_options *add, char *const *references,
						  struct add_totals *totals, struct error *err)
{
	struct candidates candidates;
	bool is_piped = strcmp(references[0], "-") == 0;
	struct candidate_input input = candidates_begin(&candidates, is_piped ? NULL : references);
	int result = add_references(add, &input, totals, err);
	candidates_end(&candidates);
	return result;
}

static bool stands_for_many(char *const *references)
{
	while (*references != NULL)
		if (text_ends_with(*references++, ":*"))
			return true;
	return false;
}

/* Nobody knows how many tags there are. */
static struct progress *start_progress(const struct request *request, char *const *references,
									   const struct missing *missing, struct network *network)
{
	static char *const piped[] = {NULL};
	int verbosity = request->context->verbosity;
	if (missing != NULL || stands_for_many(references))
		return check_progress_is_wanted(verbosity)
				   ? progress_new(STDERR_FILENO,
								  missing == NULL ? 0 : missing->named - missing->unlocated,
								  &progress_words, network)
				   : NULL;
	bool is_piped = strcmp(references[0], "-") == 0;
	return check_progress_start(verbosity, is_piped ? piped : references, &progress_words, network);
}

static int run_add(struct request *request, char *const *references, struct missing *missing)
{
	struct error reason = ERROR_INIT;
	struct add_totals totals = {.done = 0};
	CLEANUP(network_free_at)
	struct network *network = context_open_network(request->context, &reason);
	if (network == NULL)
		return command_fail(&reason);
	CLEANUP(crew_free_at) struct crew *crew = request->has_content ? crew_new(0, 0) : NULL;
	const struct add_options add = {
		.network = network,
		.jobs = (unsigned)request->jobs,
		.has_content = request->has_content,
		.crew = crew,
		.has_boundary = request->has_boundary,
		.boundary = (size_t)request->boundary,
		.judge = judge,
		.open_index = open_index,
		.note = note,
		.context = request,
	};
	request->progress = start_progress(request, references, missing, network);
	int result = missing != NULL ? add_missing(&add, missing, &totals, &reason)
								 : add_candidates(&add, references, &totals, &reason);
	progress_free(STEAL(request->progress));
	if (result != 0)
		return command_fail(&reason);
	int printed = print_report(request, missing, &totals);
	return printed >= 0 ? printed : exit_code_of(request, missing, &totals);
}

static int check_request(const struct command *command, const struct request *request,
						 char *const *references)
{
	if (request->is_missing && *references != NULL)
		return command_usage(command, "--missing takes no REF");
	if (!request->is_missing && *references == NULL)
		return command_usage(command, "at least one REF is needed");
	if (!request->is_missing && strcmp(references[0], "-") == 0 && references[1] != NULL)
		return command_usage(command, "- stands for all of the input, alone");
	if (request->has_boundary && request->has_origin && request->origin != ORIGIN_OURS)
		return command_usage(command, "--boundary is for images of ours");
	return -1;
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.context = context, .jobs = LIMIT_JOBS_DEFAULT};
	struct missing missing = {.images = NULL};
	struct error reason = ERROR_INIT;
	int first;
	int result = options_parse(context, command, argc, argv, take, &request, &first);
	if (result < 0)
		result = check_request(command, &request, argv + first);
	if (result < 0 && request.no_wait && check_turn(context, &reason) != 0)
		result = command_fail(&reason);
	if (result < 0 && request.is_missing && find_missing(context, &missing, &reason) != 0)
		result = command_fail(&reason);
	if (result < 0) {
		origins_add_settings(&request.origins, context->settings);
		result = run_add(&request, argv + first, request.is_missing ? &missing : NULL);
	}
	missing_clear(&missing);
	origins_clear(&request.origins);
	return result;
}

const struct command command_add = {
	.name = "add",
	.arguments = "[REF...|-]",
	.summary = "Read images themselves into the index",
	.details = "Manifests and configurations of every platform are read, and each digest is\n"
			   "computed from the bytes served: index, manifest, config, layer, diff_id and\n"
			   "chain_id. REPOSITORY:* stands for all of its tags, - for references on\n"
			   "standard input, one a line.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.asks_registries = true,
	.run = run,
};
