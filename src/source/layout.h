/*
 * layout: an OCI image layout (image-spec image-layout.md) over members by name, whether they stand
 * in a directory or in a tar.
 */
#ifndef LAYERPROOF_SOURCE_LAYOUT_H
#define LAYERPROOF_SOURCE_LAYOUT_H

#include "members.h"
#include "transport.h"

/* Checks the layout's version and chooses the image that the reference names. Takes ownership of
 * `members`, on failure too. Error texts begin with the reference's path. */
struct source *layout_open(struct source_client *client, const struct reference *reference,
						   struct members *members, struct error *err);

#endif
