/*
 * learn: takes what the bytes of a layer were found to be into the assessment of its image; private
 * to this folder.
 */
#ifndef LAYERPROOF_CHECK_LEARN_H
#define LAYERPROOF_CHECK_LEARN_H

#include "assessment_private.h"
#include "layerproof/index.h"
#include "verify.h"

/* Whether two places of one tree declare one and the same layer. */
bool learn_is_same_layer(const struct tree_layer *a, const struct tree_layer *b);

/* Notes each way in which the bytes are not what was declared, and holds what they are at every
 * place that declares this layer. `index` may be NULL. -1 when the index failed. */
int learn_layer(struct assessment *assessment, struct index *index, size_t image, size_t layer,
				const struct verified *found, struct error *err);

/* Adds an error for each layer whose bytes were not read and whose blob the index knows with
 * another diff_id. */
void learn_note_contradictions(struct assessment *assessment);

#endif
