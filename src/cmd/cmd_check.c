/*
 * check: classify candidates.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "candidates.h"
#include "check_progress.h"
#include "check_stats.h"
#include "company.h"
#include "layerproof/check.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "rows.h"
#include "terminal.h"

enum {
	OPTION_ORDERED = OPTION_FIRST,
	OPTION_FORMAT,
	OPTION_FAIL_ON,
	OPTION_DEPTH,
	OPTION_STATS,
	OPTION_REPRODUCIBLE,
	OPTION_NO_CACHE,
	OPTION_MEMORY
};

static const struct option_row options[] = {
	{"depth", required_argument, OPTION_DEPTH, "manifest|decisive|full",
	 "how much to fetch (default: decisive)"},
	{"jobs", required_argument, 'j', "N", "candidates, or layers, at a time (default 16)"},
	{"memory", required_argument, OPTION_MEMORY, "N[K|M|G]",
	 "bytes for all layers being read (default 512M)"},
	{"ordered", no_argument, OPTION_ORDERED, NULL, "findings in the order of the candidates"},
	{"format", required_argument, OPTION_FORMAT, "json|table",
	 "default: table on a terminal, else json"},
	{"fail-on", required_argument, OPTION_FAIL_ON, "true_positive|needs_review",
	 "exit 1 if there is a finding with this verdict"},
	{"stats", required_argument, OPTION_STATS, "FILE", "write the figures of the run as JSON"},
	{"reproducible", no_argument, OPTION_REPRODUCIBLE, NULL,
	 "leave times and costs out of the findings"},
	{"no-cache", no_argument, OPTION_NO_CACHE, NULL,
	 "neither use nor keep what earlier runs were told"},
};

static const struct progress_words progress_words = {"checked", "true_positive", "needs_review"};

enum fail_on { FAIL_NEVER, FAIL_ON_TRUE_POSITIVE, FAIL_ON_NEEDS_REVIEW };

struct request {
	const char *depth;
	const char *jobs;
	int64_t memory;
	const char *format;
	const char *stats;
	bool is_ordered;
	bool reproducible;
	bool no_cache;
	enum fail_on fail_on;
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	switch (id) {
	case OPTION_DEPTH:
		request->depth = value;
		break;
	case 'j':
		request->jobs = value;
		break;
	case OPTION_MEMORY:
		return options_parse_memory(value, &request->memory, err);
	case OPTION_FORMAT:
		request->format = value;
		break;
	case OPTION_ORDERED:
		request->is_ordered = true;
		break;
	case OPTION_STATS:
		request->stats = value;
		break;
	case OPTION_REPRODUCIBLE:
		request->reproducible = true;
		break;
	case OPTION_NO_CACHE:
		request->no_cache = true;
		break;
	case OPTION_FAIL_ON:
		if (strcmp(value, "true_positive") == 0)
			request->fail_on = FAIL_ON_TRUE_POSITIVE;
		else if (strcmp(value, "needs_review") == 0)
			request->fail_on = FAIL_ON_NEEDS_REVIEW;
		else
			return error_set(err, ERROR_USAGE,
							 "--fail-on is true_positive or needs_review, not \"%s\"", value);
		break;
	default:
		break;
	}
	return 0;
}

static int set_format(const struct request *request, int verbosity, struct check_options *out,
					  struct error *err)
{
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	const char *format = request->format != NULL ? request->format : is_terminal ? "table" : "json";
	if (strcmp(format, "table") == 0)
		out->format = CHECK_TABLE;
	else if (strcmp(format, "json") != 0)
		return error_set(err, ERROR_USAGE, "--format is json or table, not \"%s\"", format);
	out->table.colour = terminal_takes_colour();
	out->table.evidence = verbosity > 0;
	out->table.columns = terminal_columns();
	out->shares_terminal = is_terminal;
	return 0;
}

static const char *chosen(const struct context *context, const char *flag, const char *key,
						  const char *fallback)
{
	if (flag != NULL)
		return flag;
	const char *setting = settings_get(context->settings, "check", key);
	return setting != NULL ? setting : fallback;
}

static int set_options(const struct context *context, const struct request *request,
					   struct check_options *check, struct assessor_options *assess,
					   struct error *err)
{
	const char *depth = chosen(context, request->depth, "depth", "decisive");
	const char *jobs = chosen(context, request->jobs, "jobs", NULL);
	long number = LIMIT_JOBS_DEFAULT;
	if (depth_parse(depth, &assess->depth) != 0)
		return error_set(err, ERROR_USAGE, "--depth is manifest, decisive or full, not \"%s\"",
						 depth);
	if (jobs != NULL && options_parse_number(jobs, "--jobs", 1, LIMIT_JOBS, &number, err) != 0)
		return -1;
	check->jobs = (unsigned)number;
	assess->readers = (unsigned)number;
	check->is_ordered = request->is_ordered;
	check->reproducible = request->reproducible;
	if (set_format(request, context->verbosity, check, err) != 0)
		return -1;
	return context_complete_bases(context, &assess->complete_bases, err);
}

/* ---- The run ---- */

static int print_headings(const struct check_options *check)
{
	struct buffer headings = BUFFER_INIT(LIMIT_KIB(64));
	struct error reason = ERROR_INIT;
	int result = -1;
	if (check->format == CHECK_TABLE &&
		finding_write_headings(&check->table, &headings, &reason) == 0)
		result = command_print(&headings);
	buffer_clear(&headings);
	return result;
}

static int exit_code_of(const struct request *request, const struct check_totals *totals,
						struct network *network)
{
	if (interrupt_exit_code() != 0)
		return interrupt_exit_code();
	if ((request->fail_on == FAIL_ON_TRUE_POSITIVE && totals->true_positives > 0) ||
		(request->fail_on == FAIL_ON_NEEDS_REVIEW && totals->needs_review > 0))
		return EXIT_HOLDS;
	bool is_whole = totals->incomplete == 0 && !network_has_spent_all(network);
	return is_whole ? EXIT_DONE : EXIT_INCOMPLETE;
}

/* What is left to be done once the last finding is out. */
static int end_check(const struct check_options *check, const struct request *request,
					 const struct check_stats *stats, const struct check_totals *totals,
					 const struct error *failure)
{
	struct error reason = ERROR_INIT;
	int kept = check_stats_write(stats, totals, check->network, failure, &reason);
	if (failure != NULL && failure->code == ERROR_INTERRUPTED) {
		/* Nobody reads on: end as the writer of a pipe does. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (kept != 0)
		(void)command_fail(&reason);
	if (failure != NULL)
		return command_fail(failure);
	log_verbose(
		"%llu candidates: %llu true_positive, %llu needs_review, %llu of them not read whole",
		(unsigned long long)totals->candidates, (unsigned long long)totals->true_positives,
		(unsigned long long)totals->needs_review, (unsigned long long)totals->incomplete);
	return kept != 0 ? EXIT_FAILED : exit_code_of(request, totals, check->network);
}

static int run_check(const struct assessor_options *assess, const struct check_options *check,
					 const struct request *request, const struct check_stats *stats,
					 char **references)
{
	struct error reason = ERROR_INIT;
	struct check_totals totals;
	struct candidates candidates;
	struct candidate_input input = candidates_begin(&candidates,
													*references == NULL ? NULL : references);
	CLEANUP(assessor_free_at) struct assessor *assessor = assessor_new(assess);
	int result = check_run(assessor, check, &input, STDOUT_FILENO, &totals, &reason);
	candidates_end(&candidates);
	progress_free(check->progress);
	return end_check(check, request, stats, &totals, result == 0 ? NULL : &reason);
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.fail_on = FAIL_NEVER};
	struct check_options check = {.jobs = LIMIT_JOBS_DEFAULT};
	struct assessor_options assess = {.index = NULL};
	struct error reason = ERROR_INIT;
	int first;
	int parsed = options_parse(context, command, argc, argv, take, &request, &first);
	if (parsed >= 0)
		return parsed;
	struct check_stats stats;
	if (set_options(context, &request, &check, &assess, &reason) != 0)
		return command_usage(command, "%s", reason.text);
	CLEANUP(company_clear) struct company company;
	if (company_read(context->settings, &company, &reason) != 0)
		return command_usage(command, "%s", reason.text);
	company_tell(&company, &assess);
	if (check_stats_begin(request.stats, &stats, &reason) != 0)
		return reason.code == ERROR_USAGE ? command_usage(command, "%s", reason.text)
										  : command_fail(&reason);
	if (argv[first] == NULL && isatty(STDIN_FILENO) == 1)
		log_note("reading candidates from the terminal: one reference a line, end with Ctrl-D");
	CLEANUP(index_close_at) struct index *index = context_open_index(context, INDEX_READ, &reason);
	if (index == NULL)
		return command_fail(&reason);
	CLEANUP(network_free_at) struct network *network = context_open_network(context, &reason);
	if (network == NULL)
		return command_fail(&reason);
	CLEANUP(cache_close_at) struct cache *cache = NULL;
	if (!request.no_cache && context_open_cache(context, &cache, &reason) != 0)
		return command_usage(command, "%s", reason.text);
	CLEANUP(crew_free_at) struct crew *crew = crew_new(0, request.memory);
	assess.index = index;
	assess.crew = crew;
	assess.network = network;
	assess.cache = cache;
	check.network = network;
	int printed = print_headings(&check);
	if (printed >= 0)
		return printed;
	check.progress = check_progress_start(context->verbosity, argv + first, &progress_words,
										  network);
	return run_check(&assess, &check, &request, &stats, argv + first);
}

const struct command command_check = {
	.name = "check",
	.arguments = "[REF...]",
	.summary = "Classify images: a finding for each candidate",
	.details = "Candidates are references, or JSON objects with \"ref\", one a line on standard\n"
			   "input when no REF is given. Each gives exactly one finding.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.asks_registries = true,
	.run = run,
};
