/*
 * assessment: what was found of one image: facts, judgement, errors.
 */
#ifndef LAYERPROOF_ASSESSMENT_H
#define LAYERPROOF_ASSESSMENT_H

#include <stdbool.h>

#include "layerproof/error.h"
#include "layerproof/finding.h"

/* Immutable once made, and counted: several candidates may name one image. */
struct assessment;

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
