/*
 * confirm: whether a place has what a verdict on it rests on; private to this folder.
 */
#ifndef LAYERPROOF_CHECK_CONFIRM_H
#define LAYERPROOF_CHECK_CONFIRM_H

#include "assessment_private.h"
#include "layerproof/source.h"
#include "recall.h"

/* False when the source does not say that it has what was hashed at another place, or in an earlier
 * run: of a true positive its evidence, of any other verdict every layer that counts as hashed, as
 * that nothing was found in a layer is said of what this place serves. Only what this image itself
 * declares is asked for, and nothing twice in a run. */
bool confirm_assessment(struct source *source, const struct recall *recall,
						const struct assessment *assessment);

#endif
