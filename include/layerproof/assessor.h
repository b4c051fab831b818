/*
 * assessor: reads one image after the other, looks it up, verifies it as deep as asked, and judges.
 */
#ifndef LAYERPROOF_ASSESSOR_H
#define LAYERPROOF_ASSESSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/assessment.h"
#include "layerproof/cache.h"
#include "layerproof/crew.h"
#include "layerproof/error.h"
#include "layerproof/index.h"
#include "layerproof/layer_progress.h"
#include "layerproof/name_patterns.h"
#include "layerproof/network.h"
#include "layerproof/reference.h"

enum depth {
	DEPTH_MANIFEST, /* JSON alone */
	DEPTH_DECISIVE, /* and the smallest own layers that settle the verdict */
	DEPTH_FULL,     /* every layer that is not known to be empty */
};

/* 0 and the value, or -1 when `text` names none. */
int depth_parse(const char *text, enum depth *out);

struct assessor_options {
	struct index *index;     /* borrowed; NULL: nothing is known */
	struct network *network; /* borrowed; NULL: no registry can be asked */
	struct cache *cache;     /* borrowed; NULL: nothing is known from earlier runs */
	struct crew *crew;       /* borrowed; NULL: no memory is shared, and no other core helps */
	struct layer_progress *progress; /* borrowed; told of each layer; NULL: nobody looks */
	enum depth depth;
	unsigned readers;    /* DEPTH_FULL: layers read at once, over all workers; each reads at least
							one. 0 or 1: no more */
	bool complete_bases; /* [origin] bases = complete */
	const struct digest *released; /* [origin] released_digest: public wherever met; borrowed */
	size_t released_count;
	const char *const *authorized; /* [origin] authorized: patterns of repositories in which the
									  company itself publishes; borrowed */
	size_t authorized_count;
	const struct name_patterns *names; /* [names] pattern; borrowed; NULL: none */
};

/* What all threads of a run share: what was met is not fetched or judged again. */
struct assessor;
struct assessor *assessor_new(const struct assessor_options *options);
void assessor_free(
	struct assessor *assessor); /* NULL is legal; after all its workers and assessments */

/* One thread's part of it. */
struct assessor_worker;
struct assessor_worker *assessor_worker_new(struct assessor *assessor, struct error *err);
void assessor_worker_free(struct assessor_worker *worker); /* NULL is legal */

/* Requests sent and bytes received by this worker so far; `layer_bytes` of them for layers. */
void assessor_worker_count(const struct assessor_worker *worker, uint64_t *requests,
						   uint64_t *bytes, uint64_t *layer_bytes);

/* Never fails: what could not be read is in the assessment. `*is_not_resent` is finding.h's. */
struct assessment *assessor_assess(struct assessor_worker *worker,
								   const struct reference *reference, bool *is_not_resent);

/* The same for a worker that has other work to do: where a registry asks to be left alone,
 * `*come_back_ms` (else 0) is the time (clock_monotonic_ms()) from which on another try may read
 * more. `*refusals` counts the refusals of one candidate, from 0. */
struct assessment *assessor_assess_in_turn(struct assessor_worker *worker,
										   const struct reference *reference, int *refusals,
										   int64_t *come_back_ms, bool *is_not_resent);

/* The names that are looked for; NULL: none. */
const struct name_patterns *assessor_names(const struct assessor *assessor);

/* Whether the index itself failed: no verdict can be trusted then, and the run must end. `err` gets
 * the reason of the first failure. */
bool assessor_has_failed(struct assessor *assessor, struct error *err);

#endif
