#include "layerproof/add.h"

#include <string.h>

#include "collection.h"
#include "completion.h"
#include "layerproof/interrupt.h"
#include "layerproof/lanes.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/source.h"
#include "layerproof/tags.h"
#include "layerproof/text.h"
#include "layerproof/workers.h"
#include "reading.h"

struct run {
	const struct add_options *options;
	struct collection *collection;
	struct lanes *lanes;
	const struct candidate_input *input; /* NULL: `missing` */
	const struct missing *missing;
	struct source_client *client; /* of the thread that feeds */
	uint64_t number;              /* of the next work */
};

/* ---- One reference ---- */

static void read_reference(const struct run *run, struct source_client *client,
						   const struct work *work, struct outcome *outcome)
{
	struct error reason = ERROR_INIT;
	struct candidate candidate;
	candidate_parse(work->line, work->size, work->is_long, &candidate);
	if (candidate.has_reference) {
		CLEANUP(free_at) char *name = reference_format(&candidate.reference);
		const struct reading reading = {
			.client = client,
			.options = run->options,
			.reference = &candidate.reference,
			.name = name,
		};
		outcome->is_local = candidate.reference.transport != REFERENCE_REGISTRY;
		if (reading_run(&reading, NULL, NULL, outcome, &reason) != 0)
			outcome_fail(outcome, "%s: %s", name, reason.text);
	} else {
		CLEANUP(free_at) char *line = text_printable(candidate.input);
		outcome_fail(outcome, "%s: %s", line, candidate.error.text);
	}
	outcome->done = 1;
	candidate_clear(&candidate);
}

/* ---- Images that lack their layers ---- */

static size_t same_key(const struct missing *missing, size_t first)
{
	size_t end = first + 1;
	while (end < missing->count &&
		   strcmp(missing->images[first].key, missing->images[end].key) == 0)
		end++;
	return end - first;
}

static void complete(const struct run *run, struct source_client *client, const struct work *work,
					 struct outcome *outcome)
{
	const struct missing_image *images = &run->missing->images[work->number];
	size_t count = same_key(run->missing, work->number);
	completion_run(client, run->options, images, count, outcome);
	for (size_t i = 0; i < count; i++)
		outcome->done += images[i].count;
}

/* ---- The threads ---- */

static void *arrive(void *context, struct error *err)
{
	const struct run *run = context;
	return source_client_new(run->options->network, err);
}

static void leave(void *client)
{
	source_client_free(client);
}

/* What a registry asked to come back for is begun anew then; what a signal cut short is left. */
static void do_work(void *context, void *client, struct work *work)
{
	struct run *run = context;
	struct outcome outcome = {.number = work->number};
	bool is_late = work->was_begun && interrupt_requested();
	int64_t come_back_ms = 0;
	if (!is_late && !collection_has_failed(run->collection)) {
		source_client_begin_work(client, work->refusals);
		if (run->input != NULL)
			read_reference(run, client, work, &outcome);
		else
			complete(run, client, work, &outcome);
		come_back_ms = source_client_comes_back(client, &work->refusals);
	}
	if (come_back_ms > 0 && !interrupt_requested()) {
		lanes_put_back(run->lanes, work, come_back_ms);
	} else {
		if (come_back_ms == 0)
			collection_take(run->collection, &outcome);
		lanes_done(run->lanes, work);
	}
	outcome_clear(&outcome);
}

/* ---- What there is to do ---- */

static bool is_over(void *context)
{
	struct run *run = context;
	return collection_has_failed(run->collection);
}

static bool put(struct run *run, const char *line, size_t size, bool is_long)
{
	const struct work like = {.number = run->number, .size = size, .is_long = is_long};
	return lanes_put(run->lanes, &like, line, is_over, run);
}

static bool put_reference(struct run *run, const char *line, size_t size, bool is_long)
{
	bool goes_on = put(run, line, size, is_long);
	run->number++;
	return goes_on;
}

static void fail_line(struct run *run, const char *line, const struct error *reason)
{
	struct outcome outcome = {.number = run->number++, .done = 1};
	CLEANUP(free_at) char *printable = text_printable(line);
	outcome_fail(&outcome, "%s: %s", printable, reason->text);
	collection_take(run->collection, &outcome);
	outcome_clear(&outcome);
}

/* The tags as references; one whose name is none is no reason to leave out the others. */
static bool put_tags(struct run *run, const struct reference *repository, const struct tags *tags)
{
	bool goes_on = true;
	for (size_t i = 0; i < tags->count && goes_on; i++) {
		CLEANUP(free_at)
		char *line = memory_format("%s/%s:%s", repository->registry, repository->repository,
								   tags->names[i]);
		struct error reason = ERROR_INIT;
		struct reference reference;
		if (reference_parse(line, &reference, &reason) != 0) {
			fail_line(run, line, &reason);
			continue;
		}
		reference_clear(&reference);
		goes_on = put_reference(run, line, strlen(line), false);
	}
	return goes_on;
}

/* `line` without its ":*". False when the run is to end. */
static bool put_repository(struct run *run, const char *line, const char *name)
{
	struct error reason = ERROR_INIT;
	struct reference reference;
	struct tags tags = {.names = NULL};
	bool goes_on = true;
	if (reference_parse(name, &reference, &reason) != 0) {
		fail_line(run, line, &reason);
		return true;
	}
	if (reference.transport != REFERENCE_REGISTRY || strchr(name, '@') != NULL)
		error_set(&reason, ERROR_BAD_REFERENCE, ":* stands for the tags of a repository alone");
	else if (tags_list(run->client, &reference, &tags, &reason) == 0)
		goes_on = put_tags(run, &reference, &tags);
	if (reason.code != ERROR_NONE && reason.code != ERROR_INTERRUPTED)
		fail_line(run, line, &reason);
	tags_clear(&tags);
	reference_clear(&reference);
	return goes_on;
}

static bool put_line(struct run *run, const char *line, size_t size, bool is_long)
{
	const char *trimmed = line;
	size_t length = size;
	text_trim(&trimmed, &length);
	CLEANUP(free_at) char *text = memory_copy_span(trimmed, length);
	if (is_long || *text == '{' || !text_ends_with(text, ":*"))
		return put_reference(run, line, size, is_long);
	CLEANUP(free_at) char *name = memory_copy_span(text, length - 2);
	return put_repository(run, text, name);
}

static int feed_references(void *context, struct error *err)
{
	struct run *run = context;
	const char *line;
	size_t size;
	bool is_long;
	int there;
	while (!interrupt_requested() && !is_over(run) &&
		   (there = run->input->next(run->input->context, &line, &size, &is_long, err)) != 0) {
		if (there < 0)
			return -1;
		if (!is_long && candidate_is_skipped(line, size))
			continue;
		if (!put_line(run, line, size, is_long))
			break;
	}
	return 0;
}

static int feed_missing(void *context, struct error *err)
{
	struct run *run = context;
	const struct missing *missing = run->missing;
	(void)err;
	while (run->number < missing->count) {
		const char *key = missing->images[run->number].key;
		if (!put(run, key, strlen(key), false))
			break;
		run->number += same_key(missing, run->number);
	}
	return 0;
}

/* ---- The run ---- */

static int run_workers(struct run *run, struct error *err)
{
	unsigned spare = workers_spare(run->options->jobs);
	const struct workers_duty duty = {
		.lanes = run->lanes,
		.context = run,
		.arrive = arrive,
		.work = do_work,
		.leave = leave,
	};
	return workers_run(&duty, run->options->jobs + spare,
					   run->input != NULL ? feed_references : feed_missing, run, err);
}

static int run_all(struct run *run, struct add_totals *totals, struct error *err)
{
	const struct add_options *options = run->options;
	struct error reason = ERROR_INIT;
	run->client = source_client_new(options->network, err);
	run->lanes = lanes_new(options->network, options->jobs, workers_spare(options->jobs));
	run->collection = collection_new(options);
	int result = run->client == NULL ? -1 : run_workers(run, err);
	if (collection_end(run->collection, totals, &reason) != 0 && result == 0) {
		*err = reason;
		result = -1;
	}
	collection_free(run->collection);
	lanes_free(run->lanes);
	source_client_free(run->client);
	return result;
}

int add_references(const struct add_options *options, const struct candidate_input *input,
				   struct add_totals *totals, struct error *err)
{
	struct run run = {.options = options, .input = input};
	return run_all(&run, totals, err);
}

int add_missing(const struct add_options *options, const struct missing *missing,
				struct add_totals *totals, struct error *err)
{
	struct run run = {.options = options, .missing = missing};
	return run_all(&run, totals, err);
}
