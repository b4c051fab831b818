#include "layerproof/check.h"

#include <pthread.h>
#include <stdlib.h>

#include "candidate.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "output.h"

enum { WINDOW_PER_JOB = 64 }; /* ordered lines that may wait behind a slow one */

/* Candidates between the reader and the workers: as many slots as workers, so that little is taken
 * that an interrupt would have to wait for. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t emptied;
	struct candidate *slots;
	size_t capacity;
	size_t count;
	size_t first;
	bool is_closed;
};

struct run {
	struct assessor *assessor;
	const struct check_options *options;
	struct queue queue;
	struct output *output;
	pthread_mutex_t totals_lock;
	struct check_totals totals;
};

struct job {
	struct run *run;
	struct assessor_worker *worker;
	pthread_t thread;
};

static void queue_push(struct queue *queue, const struct candidate *candidate)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->count == queue->capacity)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	queue->slots[(queue->first + queue->count) % queue->capacity] = *candidate;
	queue->count++;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

/* False when the queue is closed and empty. */
static bool queue_pop(struct queue *queue, struct candidate *out)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->is_closed)
		pthread_cond_wait(&queue->filled, &queue->lock);
	bool is_there = queue->count > 0;
	if (is_there) {
		*out = queue->slots[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->count--;
		pthread_cond_signal(&queue->emptied);
	}
	pthread_mutex_unlock(&queue->lock);
	return is_there;
}

static void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

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
	pthread_mutex_unlock(&run->totals_lock);
}

static int write_finding(const struct run *run, const struct finding *finding, struct buffer *out,
						 struct error *err)
{
	if (run->options->format == CHECK_JSON)
		return finding_write_json(finding, run->options->reproducible, out, err);
	return finding_write_table(finding, &run->options->table, out, err);
}

/* The finding of one assessment, as a line. A finding too large to print is replaced by one that
 * says so: no candidate goes without. */
static void emit(struct run *run, const struct candidate *candidate, struct assessment *assessment,
				 struct finding *finding)
{
	struct buffer line = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error reason = ERROR_INIT;
	struct assessment *replacement = NULL;
	assessment_describe(assessment, finding);
	if (write_finding(run, finding, &line, &reason) != 0) {
		error_add_context(&reason, "the finding");
		replacement = assessment_of_failure(&reason);
		assessment_describe(replacement, finding);
		buffer_reset(&line);
		write_finding(run, finding, &line, &reason);
	}
	count(run, replacement == NULL ? assessment : replacement, finding);
	size_t size = line.size;
	output_put(run->output, candidate->number, buffer_steal(&line), size);
	assessment_release(replacement);
}

static void check_candidate(struct job *job, const struct candidate *candidate)
{
	struct finding finding = {.input = candidate->input, .discovery = candidate->discovery};
	uint64_t requests;
	uint64_t bytes;
	uint64_t layer_bytes;
	int64_t begun = clock_monotonic_ms();
	assessor_worker_count(job->worker, &requests, &bytes, &layer_bytes);
	struct assessment *assessment = candidate->has_reference
										? assessor_assess(job->worker, &candidate->reference,
														  &finding.is_not_resent)
										: assessment_of_failure(&candidate->error);
	assessor_worker_count(job->worker, &finding.requests, &finding.bytes, &finding.layer_bytes);
	finding.requests -= requests;
	finding.bytes -= bytes;
	finding.layer_bytes -= layer_bytes;
	finding.milliseconds = clock_monotonic_ms() - begun;
	finding.checked_at = clock_now();
	finding.reference = candidate->has_reference ? &candidate->reference : NULL;
	emit(job->run, candidate, assessment, &finding);
	assessment_release(assessment);
}

static void *work(void *context)
{
	struct job *job = context;
	struct candidate candidate;
	while (queue_pop(&job->run->queue, &candidate)) {
		check_candidate(job, &candidate);
		candidate_clear(&candidate);
	}
	return NULL;
}

static int feed(struct run *run, const struct check_input *input, struct error *err)
{
	const char *line;
	size_t size;
	bool is_long;
	int there;
	uint64_t number = 0;
	while (!interrupt_requested() && !output_has_failed(run->output) &&
		   !assessor_has_failed(run->assessor, err) &&
		   (there = input->next(input->context, &line, &size, &is_long, err)) != 0) {
		if (there < 0)
			return -1;
		if (!is_long && candidate_is_skipped(line, size))
			continue;
		struct candidate candidate;
		candidate_parse(line, size, is_long, &candidate);
		candidate.number = number++;
		output_wait_for_room(run->output, candidate.number);
		queue_push(&run->queue, &candidate);
	}
	return 0;
}

static void stop_jobs(struct run *run, struct job *jobs, unsigned started)
{
	queue_close(&run->queue);
	for (unsigned i = 0; i < started; i++) {
		pthread_join(jobs[i].thread, NULL);
		assessor_worker_free(jobs[i].worker);
	}
}

static int start_jobs(struct run *run, struct job *jobs, struct error *err)
{
	for (unsigned i = 0; i < run->options->jobs; i++) {
		jobs[i].run = run;
		jobs[i].worker = assessor_worker_new(run->assessor, err);
		int failed = jobs[i].worker == NULL ? -1
											: pthread_create(&jobs[i].thread, NULL, work, &jobs[i]);
		if (failed == 0)
			continue;
		if (failed > 0)
			error_set(err, ERROR_SYSTEM, "cannot start thread %u", i + 1);
		assessor_worker_free(jobs[i].worker);
		stop_jobs(run, jobs, i);
		return -1;
	}
	return 0;
}

static int run_jobs(struct run *run, const struct check_input *input, struct error *err)
{
	CLEANUP(free_at) struct job *jobs = memory_alloc(run->options->jobs, sizeof(*jobs));
	if (start_jobs(run, jobs, err) != 0)
		return -1;
	int fed = feed(run, input, err);
	stop_jobs(run, jobs, run->options->jobs);
	if (output_result(run->output, err) != 0 || assessor_has_failed(run->assessor, err))
		return -1;
	return fed;
}

int check_run(struct assessor *assessor, const struct check_options *options,
			  const struct check_input *input, int output, struct check_totals *totals,
			  struct error *err)
{
	struct run run = {
		.assessor = assessor,
		.options = options,
		.queue = {.capacity = options->jobs},
		.output = output_new(output, options->is_ordered, (size_t)options->jobs * WINDOW_PER_JOB),
	};
	run.queue.slots = memory_alloc(run.queue.capacity, sizeof(*run.queue.slots));
	pthread_mutex_init(&run.queue.lock, NULL);
	pthread_cond_init(&run.queue.filled, NULL);
	pthread_cond_init(&run.queue.emptied, NULL);
	pthread_mutex_init(&run.totals_lock, NULL);
	int result = run_jobs(&run, input, err);
	*totals = run.totals;
	pthread_mutex_destroy(&run.totals_lock);
	pthread_cond_destroy(&run.queue.emptied);
	pthread_cond_destroy(&run.queue.filled);
	pthread_mutex_destroy(&run.queue.lock);
	free(run.queue.slots);
	output_free(run.output);
	return result;
}
