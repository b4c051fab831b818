/*
 * image_read: an image of the index as callers know it, from its record and those it refers to.
 */
#ifndef LAYERPROOF_INDEX_IMAGE_READ_H
#define LAYERPROOF_INDEX_IMAGE_READ_H

#include "record_image.h"

/* Sets `out`, of image `number`, from its record. Clear with internal_image_clear(), after a
 * failure too. */
int image_read(struct store_txn *txn, uint32_t number, struct store_bytes record,
			   struct internal_image *out, struct error *err);

#endif
