/*
 * completeness: whether the index knows the layers of all images of ours, found out once in a run;
 * private to this folder.
 */
#ifndef LAYERPROOF_CHECK_COMPLETENESS_H
#define LAYERPROOF_CHECK_COMPLETENESS_H

#include "layerproof/index.h"
#include "layerproof/match.h"

/* Any thread's. `index` is borrowed and may be NULL. */
struct completeness;
struct completeness *completeness_new(struct index *index);
void completeness_free(struct completeness *completeness); /* NULL is legal */

/* Makes the missing layers what is to be done next where they may change the verdict. -1 when the
 * index failed. */
int completeness_suggest(struct completeness *completeness, const struct match_facts *facts,
						 struct judgement *judgement, struct error *err);

#endif
