/*
 * plan: what would settle a verdict; private to this folder.
 */
#ifndef LAYERPROOF_MATCH_PLAN_H
#define LAYERPROOF_MATCH_PLAN_H

#include "layerproof/match.h"

/* Sets `is_anchored` and the `next` members of a judgement whose evidence and reason are there: the
 * smallest layer whose hashing settles it, or what to tell the index; nothing where nothing could.
 */
void plan_next(const struct match_facts *facts, struct judgement *judgement);

#endif
