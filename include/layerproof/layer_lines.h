/*
 * layer_lines: how far the large layers that are being read have come, as lines for a terminal.
 */
#ifndef LAYERPROOF_LAYER_LINES_H
#define LAYERPROOF_LAYER_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"

struct layer_line {
	struct digest digest; /* unset: nothing stands in its place */
	int64_t read;         /* bytes of the blob */
	int64_t size;         /* of it all; -1: not known */
	uint64_t per_second;
};

/* "sha256:1a2b3c4d5e6f  12.0 MiB of 1.2 GiB, 26%, 45.3 MiB/s" of each, with "\n" between them: at
 * most `most` lines, of which the last then says how many more there are, and each of at most
 * `columns` characters. "" when there are none. Free with free(). */
char *layer_lines_format(const struct layer_line *lines, size_t count, size_t columns, size_t most);

#endif
