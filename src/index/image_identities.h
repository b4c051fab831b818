/*
 * image_identities: what an image says that a digest is.
 */
#ifndef LAYERPROOF_INDEX_IMAGE_IDENTITIES_H
#define LAYERPROOF_INDEX_IMAGE_IDENTITIES_H

#include "record_image.h"

/* The identities, as bits, that the digest of this key has in an image that is one of its holders;
 * 0: it is none of the image's. */
unsigned image_identities(const struct record_image *view, struct store_bytes key);

#endif
