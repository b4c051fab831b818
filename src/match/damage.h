/*
 * damage: what of a candidate is not what it should be, or could not be read; private to this
 * folder.
 */
#ifndef LAYERPROOF_MATCH_DAMAGE_H
#define LAYERPROOF_MATCH_DAMAGE_H

#include "layerproof/match.h"

struct damage {
	bool is_tampered;
	bool is_unread;
};

struct damage damage_of_image(const struct match_facts *facts, size_t place);
struct damage damage_of_all(const struct match_facts *facts);

/* Whether one of its layers proved to be something else than was declared. */
bool damage_has_tampered_layer(const struct match_image *image);

#endif
