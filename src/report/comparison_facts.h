/*
 * comparison_facts: the comparison that facts and their judgement give; private to this folder.
 */
#ifndef LAYERPROOF_REPORT_COMPARISON_FACTS_H
#define LAYERPROOF_REPORT_COMPARISON_FACTS_H

#include "comparison.h"
#include "layerproof/match.h"

/* False, and nothing to clear, where there is nothing to show. Borrows texts from the facts. */
bool comparison_of_facts(const struct match_facts *facts, const struct judgement *judgement,
						 struct comparison *out);

#endif
