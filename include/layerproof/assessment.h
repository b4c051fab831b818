/*
 * assessment: one image read, looked up, verified as deep as asked, and judged.
 */
#ifndef LAYERPROOF_ASSESSMENT_H
#define LAYERPROOF_ASSESSMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/finding.h"
#include "layerproof/index.h"
#include "layerproof/match.h"
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
	enum depth depth;
	bool complete_bases; /* [origin] bases = complete */
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

/* Immutable once made, and counted: several candidates may name one image. */
struct assessment;

/* Never fails: what could not be read is in the assessment. */
struct assessment *assessment_make(struct assessor_worker *worker,
								   const struct reference *reference);

/* The assessment of a candidate that could not even be parsed. */
struct assessment *assessment_of_failure(const struct error *why);

void assessment_release(struct assessment *assessment); /* NULL is legal */

/* Fills in the members that speak of the image: facts, judgement, digest, media type, errors,
 * flags, index. They live as long as the assessment. */
void assessment_describe(const struct assessment *assessment, struct finding *finding);

/* Whether the candidate, or some part of it, could not be read for a cause that is not its own:
 * such runs end with exit code 3. */
bool assessment_is_incomplete(const struct assessment *assessment);

/* Whether something was found to be other than declared. */
bool assessment_is_tampered(const struct assessment *assessment);

#endif
