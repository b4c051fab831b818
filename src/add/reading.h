/*
 * reading: one image from where it is, as the index will know it; private to this folder.
 */
#ifndef LAYERPROOF_ADD_READING_H
#define LAYERPROOF_ADD_READING_H

#include "collection.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"

/* What the image is asked of, and what is known of it before. */
struct reading {
	struct source_client *client;
	const struct add_options *options;
	const struct reference *reference;
	const char *name;                  /* what the index is to call it */
	const struct internal_image *held; /* the index's own word of it; NULL: none */
};

/* Reads the reference's documents, with has_content the layers too, and adds each image of it to
 * the outcome, and what could not be read. `accepts` (may be NULL) may refuse the tree, with the
 * reason. -1 with the error when there is nothing of it, or for an interrupt in its middle. */
int reading_run(const struct reading *reading,
				int (*accepts)(void *context, const struct tree *tree, struct error *err),
				void *context, struct outcome *outcome, struct error *err);

#endif
