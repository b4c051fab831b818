/*
 * completion: images of one name that the index knows without their layers, read from their
 * registry; private to this folder.
 */
#ifndef LAYERPROOF_ADD_COMPLETION_H
#define LAYERPROOF_ADD_COMPLETION_H

#include "collection.h"
#include "layerproof/missing.h"
#include "layerproof/source.h"

/* Reads the `count` images, all of one key: each by its digest, and, where the registry has no
 * manifest of it, once by the tag for all of these. */
void completion_run(struct source_client *client, const struct add_options *options,
					const struct missing_image *images, size_t count, struct outcome *outcome);

#endif
