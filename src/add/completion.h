/*
 * completion: images of one name that the index knows without their layers, read from their
 * registry; private to this folder.
 */
#ifndef LAYERPROOF_ADD_COMPLETION_H
#define LAYERPROOF_ADD_COMPLETION_H

#include "collection.h"
#include "layerproof/missing.h"
#include "layerproof/source.h"

/* Reads the `count` images, all of one key: each by the digest of its manifest or index, and where
 * that is not known, or not there, once by the tag for all of these. What the tag does not stand
 * for is asked for by the digest that the export gives, of whatever kind. */
void completion_run(struct source_client *client, const struct add_options *options,
					const struct missing_image *images, size_t count, struct outcome *outcome);

#endif
