/*
 * decoding: a blob of whichever format, as the tar inside it.
 */
#ifndef LAYER_DECODING_H
#define LAYER_DECODING_H

#include "crew_private.h"
#include "decoder.h"
#include "layerproof/error.h"
#include "layerproof/layer.h"
#include "layerproof/reader.h"
#include "prefix_reader.h"

/* Open value; zero it before use. */
struct decoding {
	enum layer_format format;
	struct reader *tar;      /* the uncompressed bytes; borrowed from one of these two */
	struct decoder *decoder; /* NULL for what is not compressed */
	struct prefix_reader *prefix;
};

/* Tells the format by the first bytes of `blob` (borrowed), and takes from the crew (NULL is legal)
 * what decoding needs. ERROR_UNSUPPORTED for LAYER_UNKNOWN, or
 * the reader's error; close it then, too. */
int decoding_open(struct decoding *self, struct reader *blob, struct crew *crew, struct error *err);
void decoding_close(struct decoding *self);

#endif
