/*
 * prefix_reader: shows the first bytes of another reader before they are read, and then passes all
 * of them on.
 */
#ifndef LAYER_PREFIX_READER_H
#define LAYER_PREFIX_READER_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/reader.h"

/* One tar block: enough to tell every format apart. */
enum { PREFIX_SIZE = 512 };

struct prefix_reader {
	struct reader reader;
	struct reader *source; /* borrowed */
	uint8_t copy[PREFIX_SIZE];
	size_t copy_size;    /* bytes collected from chunks that were smaller than the prefix */
	const uint8_t *rest; /* what follows them in the chunk pulled last */
	size_t rest_size;
};

/* `source` must outlive the reader. */
struct prefix_reader *prefix_reader_new(struct reader *source);

/* The first PREFIX_SIZE bytes, or all of them when there are fewer (`*size` may also be larger).
 * Called once, before the first pull; the bytes are borrowed until then. */
int prefix_reader_peek(struct prefix_reader *self, const uint8_t **bytes, size_t *size,
					   struct error *err);

#endif
