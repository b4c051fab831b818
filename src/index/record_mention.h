/*
 * record_mention: the bytes of what a list says of an image beside its digests.
 *
 * Attributes: a byte of flags, then what is flagged: the boundary, the root's layers, the
 * severities (a byte: os, and app above it), and those of layers: their count, and for each its
 * position and its severities. Positions count the layers and then the diff_ids, from 1; 0: a
 * digest that is none of them follows. They lie in ascending order, each layer once.
 */
#ifndef LAYERPROOF_INDEX_RECORD_MENTION_H
#define LAYERPROOF_INDEX_RECORD_MENTION_H

#include "bytes.h"
#include "layerproof/internal_image.h"

/* An upper bound of what record_write_attributes() writes. */
size_t record_attributes_bound(const struct image_mention *mention);

/* Returns the place behind. `image` has the layers. */
uint8_t *record_write_attributes(const struct image_mention *mention,
								 const struct internal_image *image, uint8_t *out);

/* Takes valid attributes, as bytes. */
struct store_bytes record_take_attributes(struct remaining *left);

/* Valid attributes as values: sets all of `out` but its source, file and row. */
void record_read_attributes(struct store_bytes attributes, const struct internal_image *image,
							struct image_mention *out);

/* The greatest of both, in new memory. Free with free(). */
uint8_t *record_join_attributes(struct store_bytes a, struct store_bytes b, size_t *size);

/* Adds what `mention` says to the image's own values, where it is greater. */
void record_raise_image(struct internal_image *image, const struct image_mention *mention);

#endif
