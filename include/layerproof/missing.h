/*
 * missing: images that the index knows by name, without their layers.
 */
#ifndef LAYERPROOF_MISSING_H
#define LAYERPROOF_MISSING_H

#include <stdint.h>

#include "layerproof/index.h"
#include "layerproof/reference.h"

/* One image to be completed; several of the index where their digest is the same. */
struct missing_image {
	char *key;                  /* REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@DIGEST, canonical:
								   images of one key are asked for together */
	struct internal_image held; /* what the index says of it */
	uint64_t count;             /* images of the index that it stands for */
	bool has_tag;               /* `key` has one */
	bool is_told;               /* while they are found: another image tells its layers */
};

/* Owns everything; missing_clear() frees it. Sorted by key, then by what is to be asked for. */
struct missing {
	struct missing_image *images;
	size_t count;
	uint64_t named;     /* images of the index that lack their layers and have a name */
	uint64_t unlocated; /* of these, such whose name says no registry to be asked */
};

/* The images that have neither layers nor diff_ids, and of which no other image of the index tells
 * them. */
int missing_find(struct index *index, struct missing *out, struct error *err);
void missing_clear(struct missing *missing);

/* The digest by which the image can be asked for: of its manifest, of whatever the export called
 * its digest, or of its index. NULL when there is none. */
const struct identified_digest *missing_asked(const struct internal_image *image);

#endif
