/*
 * import_children: what registries write of an index: its platform manifests, and a name that is
 * pinned by a digest.
 */
#ifndef LAYERPROOF_IMPORT_CHILDREN_H
#define LAYERPROOF_IMPORT_CHILDREN_H

#include "import_record.h"
#include "layerproof/node.h"

struct import_children {
	const char *column;   /* for refusals */
	const char *digest;   /* member of a child */
	const char *platform; /* member that has `os`; NULL: the child itself */
};

/* Takes the digest of each child as that of a platform manifest; one for the platform "unknown" is
 * an attestation and left out. -1: refused. */
int import_children_add(struct import_record *record, const struct node *list,
						const struct import_children *names);

/* Takes REPOSITORY@DIGEST as the two that it is, so that a tag may stand in the image's name. NULL
 * adds nothing. -1: refused. */
int import_children_add_pinned(struct import_record *record, const char *column, const char *text);

#endif
