/*
 * rules: whether a matching layer is ours; private to this folder.
 */
#ifndef LAYERPROOF_MATCH_RULES_H
#define LAYERPROOF_MATCH_RULES_H

#include "layerproof/match.h"

struct ownership {
	enum basis basis;
	bool above_boundary; /* of the internal image, whatever the basis */
	bool rests_on_list; /* by a whole image of which the candidate only lists what is surely ours */
	const struct match_internal
		*internal; /* the internal image that shows it best; NULL when none holds it */
};

/* One image of the candidate, held against each internal image once, however many of its layers
 * lead there. `is_spoken_for`: a document of ours names its layers. Borrows the image. */
struct rules;
struct rules *rules_new(const struct match_image *image, bool is_spoken_for);
void rules_free(struct rules *rules); /* NULL is legal */

/* Applies the three rules to layer `layer`, one of whose digests is known by `lookup`. */
struct ownership rules_judge_layer(struct rules *rules, size_t layer,
								   const struct match_lookup *lookup);

#endif
