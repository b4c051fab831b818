#include "layerproof/check.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hints.h"
#include "layerproof/candidate.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/lanes.h"
#include "layerproof/limits.h"
#include "layerproof/lines.h"
#include "layerproof/memory.h"
#include "layerproof/progress.h"
#include "layerproof/workers.h"
#include "output.h"

enum { WINDOW_PER_JOB = 64 }; /* ordered lines that may wait behind a slow one */

struct run {
	struct assessor *assessor;
	const struct check_options *options;
	const struct candidate_input *input;
	struct lanes *lanes;
	struct output *output;
	pthread_mutex_t totals_lock;
	struct check_totals totals;
};

static void count(struct run *run, const struct assessment *assessment,
				  const struct finding *finding)
{
	pthread_mutex_lock(&run->totals_lock);
	run->totals.candidates++;
	if (finding->judgement->verdict == VERDICT_TRUE_POSITIVE)
		run->totals.true_positives++;
	else
		run->totals.needs_review++;
	if (assessment_is_incomplete(assessment))
		run->totals.incomplete++;
	run->totals.reasons[finding->judgement->reason]++;
	run->totals.layer_bytes += finding->layer_bytes;
	const struct progress_counts counts = {run->totals.candidates, run->totals.true_positives,
										   run->totals.needs_review};
	progress_note(run->options->progress, &counts);
	pthread_mutex_unlock(&run->totals_lock);
}

static int write_finding(const struct run *run, const struct finding *finding, struct buffer *out,
						 struct error *err)
{
	if (run->options->format == CHECK_JSON)
		return finding_write_json(finding, run->options->reproducible, out, err);
	return finding_write_table(finding, &run->options->table, out, err);
}

/* Takes in what the candidate's own name says: the assessment is that of all who have its image. */
static void take_name(struct run *run, struct finding *finding, struct hints *hints,
					  struct judgement *judgement)
{
	hints->patterns = assessor_names(run->assessor);
	hints_read_name(hints, finding->reference, finding->discovery);
	finding->name_hints = hints->items;
	finding->name_hint_count = hints->count;
	if (hints->count == 0 || finding->facts == NULL)
		return;
	*judgement = *finding->judgement; /* borrows what the assessment owns */
	match_judge_name(finding->facts, judgement);
	finding->judgement = judgement;
}

/* The finding of one assessment, as a line. A finding too large to print is replaced by one that
 * says so: no candidate goes without. */
static void emit(struct run *run, uint64_t number, struct assessment *assessment,
				 struct finding *finding)
{
	struct buffer line = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	struct assessment *replacement = NULL;
	struct hints hints = {.count = 0};
	struct judgement named;
	assessment_describe(assessment, finding);
	take_name(run, finding, &hints, &named);
	if (write_finding(run, finding, &line, &reason) != 0) {
		error_add_context(&reason, "the finding");
		replacement = assessment_of_failure(&reason);
		assessment_describe(replacement, finding);
		buffer_reset(&line);
		write_finding(run, finding, &line, &reason);
	}
	count(run, replacement == NULL ? assessment : replacement, finding);
	size_t size = line.size;
	struct progress *beside = run->options->shares_terminal ? run->options->progress : NULL;
	progress_step_aside(beside);
	output_put(run->output, number, buffer_steal(&line), size);
	progress_step_back(beside);
	assessment_release(replacement);
	finding->judgement = NULL;
	finding->name_hints = NULL;
	hints_clear(&hints);
}

static void take_costs(const struct assessor_worker *worker, struct finding *costs)
{
	assessor_worker_count(worker, &costs->requests, &costs->bytes, &costs->layer_bytes);
	costs->milliseconds = clock_monotonic_ms();
}

/* What it took since `before`, and what it took the times before. */
static void count_costs(const struct assessor_worker *worker, const struct finding *before,
						struct finding *costs)
{
	struct finding now;
	take_costs(worker, &now);
	costs->requests += now.requests - before->requests;
	costs->bytes += now.bytes - before->bytes;
	costs->layer_bytes += now.layer_bytes - before->layer_bytes;
	costs->milliseconds += now.milliseconds - before->milliseconds;
}

/* A run that was asked to end waits for no registry. */
static struct assessment *of_interrupt(void)
{
	struct error why = ERROR_INIT;
	error_set(&why, ERROR_INTERRUPTED, "interrupted while a registry was waited for");
	return assessment_of_failure(&why);
}

static struct assessment *assess(struct assessor_worker *worker, const struct candidate *candidate,
								 struct work *work, int64_t *come_back_ms, bool *is_not_resent)
{
	*come_back_ms = 0;
	if (!candidate->has_reference)
		return assessment_of_failure(&candidate->error);
	if (work->was_begun && interrupt_requested())
		return of_interrupt();
	struct assessment *assessment = assessor_assess_in_turn(
		worker, &candidate->reference, &work->refusals, come_back_ms, is_not_resent);
	if (*come_back_ms == 0 || !interrupt_requested())
		return assessment;
	*come_back_ms = 0;
	assessment_release(assessment);
	return of_interrupt();
}

static void keep_costs(struct work *work, const struct finding *costs)
{
	work->requests = costs->requests;
	work->bytes = costs->bytes;
	work->layer_bytes = costs->layer_bytes;
	work->milliseconds = costs->milliseconds;
}

/* Writes its finding, or puts it back until its registry may be asked again. */
static void check_candidate(struct run *run, struct assessor_worker *worker,
							const struct candidate *candidate, struct work *work)
{
	struct finding before;
	struct finding finding = {
		.input = candidate->input,
		.discovery = candidate->discovery,
		.reference = candidate->has_reference ? &candidate->reference : NULL,
		.requests = work->requests,
		.bytes = work->bytes,
		.layer_bytes = work->layer_bytes,
		.milliseconds = work->milliseconds,
	};
	int64_t come_back_ms = 0;
	take_costs(worker, &before);
	struct assessment *assessment = assess(worker, candidate, work, &come_back_ms,
										   &finding.is_not_resent);
	count_costs(worker, &before, &finding);
	if (come_back_ms > 0) {
		keep_costs(work, &finding);
		lanes_put_back(run->lanes, work, come_back_ms);
	} else {
		finding.checked_at = clock_now();
		emit(run, work->number, assessment, &finding);
		lanes_done(run->lanes, work);
	}
	assessment_release(assessment);
}

static void *arrive(void *context, struct error *err)
{
	const struct run *run = context;
	return assessor_worker_new(run->assessor, err);
}

static void leave(void *worker)
{
	assessor_worker_free(worker);
}

static void check_work(void *context, void *worker, struct work *work)
{
	struct candidate candidate;
	candidate_parse(work->line, work->size, work->is_long, &candidate);
	check_candidate(context, worker, &candidate, work);
	candidate_clear(&candidate);
}

/* Whether there is no sense in going on. */
static bool is_over(void *context)
{
	struct run *run = context;
	struct error ignored;
	return output_has_failed(run->output) || assessor_has_failed(run->assessor, &ignored);
}

static int feed(void *context, struct error *err)
{
	struct run *run = context;
	const struct candidate_input *input = run->input;
	const char *line;
	struct work like = {.number = 0};
	int there;
	while (!interrupt_requested() && !is_over(run) &&
		   (there = input->next(input->context, &line, &like.size, &like.is_long, err)) != 0) {
		if (there < 0)
			return -1;
		if (!like.is_long && candidate_is_skipped(line, like.size))
			continue;
		output_wait_for_room(run->output, like.number);
		if (!lanes_put(run->lanes, &like, line, is_over, run))
			break;
		like.number++;
	}
	return 0;
}

static int run_workers(struct run *run, unsigned count, struct error *err)
{
	const struct workers_duty duty = {
		.lanes = run->lanes,
		.context = run,
		.arrive = arrive,
		.work = check_work,
		.leave = leave,
	};
	int result = workers_run(&duty, count, feed, run, err);
	if (output_result(run->output, err) != 0 || assessor_has_failed(run->assessor, err))
		return -1;
	return result;
}

int check_run(struct assessor *assessor, const struct check_options *options,
			  const struct candidate_input *input, int output, struct check_totals *totals,
			  struct error *err)
{
	unsigned spare = workers_spare(options->jobs);
	struct run run = {
		.assessor = assessor,
		.options = options,
		.input = input,
		.lanes = lanes_new(options->network, options->jobs, spare),
		.output = output_new(output, options->is_ordered, (size_t)options->jobs * WINDOW_PER_JOB),
	};
	pthread_mutex_init(&run.totals_lock, NULL);
	int result = run_workers(&run, options->jobs + spare, err);
	*totals = run.totals;
	pthread_mutex_destroy(&run.totals_lock);
	lanes_free(run.lanes);
	output_free(run.output);
	return result;
}

uint64_t check_count_candidates(int input)
{
	struct stat found;
	off_t start = lseek(input, 0, SEEK_CUR);
	if (start < 0 || fstat(input, &found) != 0 || !S_ISREG(found.st_mode) ||
		found.st_size - start > LIMIT_COUNTED_INPUT)
		return 0;
	struct lines *lines = lines_new(input, (size_t)LIMIT_CANDIDATE_LINE, "candidates");
	struct error ignored;
	const char *line;
	size_t size;
	uint64_t number;
	uint64_t count = 0;
	enum lines_result result;
	while ((result = lines_next(lines, &line, &size, &number, &ignored)) == LINES_LINE ||
		   result == LINES_LONG)
		if (result == LINES_LONG || !candidate_is_skipped(line, size))
			count++;
	lines_free(lines);
	return lseek(input, start, SEEK_SET) < 0 ? 0 : count;
}
