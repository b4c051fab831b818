/*
 * confirm: whether a place has what a verdict on it rests on; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_CONFIRM_H
#define LAYERPROOF_CHECK_CONFIRM_H

#include "assessment_private.h"
#include "layerproof/source.h"
#include "recall.h"

/* False when the assessment is a true positive some of whose evidence was hashed at another place,
 * or in an earlier run, and the source does not say that it has it. Only what this image itself
 * declares is asked for, and nothing for any other verdict. */
bool confirm_assessment(struct source *source, const struct recall *recall,
						const struct assessment *assessment);

#endif
