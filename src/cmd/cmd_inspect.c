/*
 * inspect: the tree of one image, with every computed digest and what the index says of it.
 */
#include <unistd.h>

#include "check_progress.h"
#include "company.h"
#include "layerproof/image_record.h"
#include "layerproof/image_tree.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "rows.h"
#include "terminal.h"

enum { OPTION_VERIFY = OPTION_FIRST, OPTION_JSON, OPTION_MEMORY };

static const struct option_row options[] = {
	{"verify", no_argument, OPTION_VERIFY, NULL, "download every layer and recompute its digests"},
	{"jobs", required_argument, 'j', "N", "layers at a time (default 4)"},
	{"memory", required_argument, OPTION_MEMORY, "N[K|M|G]",
	 "bytes for all layers being read (default 512M)"},
	{"json", no_argument, OPTION_JSON, NULL, "print one JSON object"},
};

struct request {
	bool verify;
	bool json;
	long jobs;
	int64_t memory;
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	if (id == 'j')
		return options_parse_number(value, "--jobs", 1, LIMIT_JOBS, &request->jobs, err);
	if (id == OPTION_MEMORY)
		return options_parse_memory(value, &request->memory, err);
	request->verify = request->verify || id == OPTION_VERIFY;
	request->json = request->json || id == OPTION_JSON;
	return 0;
}

/* An index is only there to mark the lines: none is no error, unless it was named. */
static int open_index(const struct context *context, struct index **out, struct error *err)
{
	*out = context_open_index(context, INDEX_READ, err);
	if (*out != NULL || (err->code == ERROR_NOT_FOUND && context->index_directory == NULL))
		return 0;
	return -1;
}

static int write_record(const struct request *request, const struct finding *finding,
						struct buffer *out, struct error *err)
{
	if (request->json)
		return image_record_write_json(finding->reference, finding->facts, finding->errors,
									   finding->error_count, out, err);
	return image_tree_write(finding, terminal_takes_colour(), out, err);
}

static int print_record(const struct request *request, const struct reference *reference,
						const struct assessment *assessment)
{
	struct finding finding = {.input = "", .reference = reference};
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	assessment_describe(assessment, &finding);
	if (finding.facts == NULL) {
		log_error("%s", finding.errors[0].message);
		return EXIT_FAILED;
	}
	int result = write_record(request, &finding, &out, &reason) != 0 ? command_fail(&reason)
																	 : command_print(&out);
	buffer_clear(&out);
	if (result >= 0)
		return result;
	if (assessment_is_tampered(assessment))
		return EXIT_HOLDS;
	return finding.error_count > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int inspect(const struct assessor_options *assess, const struct request *request,
				   const struct reference *reference)
{
	struct error reason = ERROR_INIT;
	CLEANUP(assessor_free_at) struct assessor *assessor = assessor_new(assess);
	struct assessor_worker *worker = assessor_worker_new(assessor, &reason);
	if (worker == NULL) {
		layer_progress_free(assess->progress);
		return command_fail(&reason);
	}
	bool ignored;
	struct assessment *assessment = assessor_assess(worker, reference, &ignored);
	layer_progress_free(assess->progress);
	int result = print_record(request, reference, assessment);
	if (interrupt_exit_code() != 0 && (result == EXIT_INCOMPLETE || result == EXIT_FAILED))
		result = interrupt_exit_code(); /* what is missing is missing for the signal */
	assessment_release(assessment);
	assessor_worker_free(worker);
	return result;
}

static int inspect_text(const struct context *context, const struct request *request,
						const char *text)
{
	struct reference reference;
	struct error reason = ERROR_INIT;
	struct index *opened = NULL;
	struct assessor_options assess = {
		.depth = request->verify ? DEPTH_FULL : DEPTH_MANIFEST,
		.readers = (unsigned)request->jobs,
	};
	CLEANUP(company_clear) struct company company;
	if (company_read(context->settings, &company, &reason) != 0 ||
		context_complete_bases(context, &assess.complete_bases, &reason) != 0 ||
		open_index(context, &opened, &reason) != 0)
		return command_fail(&reason);
	company_tell(&company, &assess);
	CLEANUP(index_close_at) struct index *index = opened;
	CLEANUP(network_free_at) struct network *network = context_open_network(context, &reason);
	if (network == NULL)
		return command_fail(&reason);
	if (reference_parse(text, &reference, &reason) != 0) {
		error_add_context(&reason, "%s", text);
		return command_fail(&reason);
	}
	CLEANUP(crew_free_at) struct crew *crew = crew_new(0, request->memory);
	assess.crew = crew;
	assess.index = index;
	assess.network = network;
	if (request->verify && check_progress_is_wanted(context->verbosity))
		assess.progress = layer_progress_new(STDERR_FILENO);
	int result = inspect(&assess, request, &reference);
	reference_clear(&reference);
	return result;
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.jobs = LIMIT_LAYERS_AT_ONCE};
	int first;
	int parsed = options_parse(context, command, argc, argv, take, &request, &first);
	if (parsed >= 0)
		return parsed;
	if (argc - first != 1)
		return command_usage(command, "one REF is needed, %d were given", argc - first);
	return inspect_text(context, &request, argv[first]);
}

const struct command command_inspect = {
	.name = "inspect",
	.arguments = "REF",
	.summary = "Show an image's tree with every computed digest",
	.details = "Each line says whose the index takes the digest for. With --verify every layer\n"
			   "is downloaded and hashed, and exit code 1 says that something differs.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.asks_registries = true,
	.run = run,
};
