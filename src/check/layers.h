/*
 * layers: every layer of an image, several at once; private to this folder.
 *
 * In whatever order they are read, the assessment takes them in as if they had been read one after
 * the other. Layers that name one blob are read one after the other, so that none is read twice.
 */
#ifndef LAYERPROOF_CHECK_LAYERS_H
#define LAYERPROOF_CHECK_LAYERS_H

#include "assessment_private.h"
#include "hands.h"
#include "layerproof/index.h"
#include "layerproof/reference.h"
#include "layerproof/source.h"
#include "recall.h"
#include "verify.h"

/* Where the image is read, and by whom. All borrowed. */
struct layers_place {
	const struct reference *reference;
	struct source *source; /* of the calling thread */
	struct recall *recall; /* of the calling thread */
	struct index *index;   /* may be NULL */
	const struct verify_tools *tools;
	struct lent_hands *hands;
	uint64_t *layer_bytes; /* counts what is received */
};

/* Reads and takes in every layer that was not hashed yet. -1 when the index failed. */
int layers_verify(const struct layers_place *place, struct assessment *assessment,
				  struct error *err);

#endif
