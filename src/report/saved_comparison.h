/*
 * saved_comparison: the comparison that a saved finding holds, private to this folder.
 */
#ifndef LAYERPROOF_REPORT_SAVED_COMPARISON_H
#define LAYERPROOF_REPORT_SAVED_COMPARISON_H

#include "explanation.h"
#include "layerproof/node.h"

/* Fills in `out->comparison` from `images` and `nearest` of the finding and from the evidence,
 * which was read; whatever comes of it, explanation_clear() frees it. Texts are borrowed. */
int saved_comparison_read(const struct node *root, struct explanation *out, struct error *err);

#endif
