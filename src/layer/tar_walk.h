/*
 * tar_walk: what a layer's tar holds, told from its headers; nothing is kept, nothing is extracted
 * (image-spec layer.md).
 */
#ifndef LAYER_TAR_WALK_H
#define LAYER_TAR_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/reader.h"

struct tar_walk {
	uint64_t entries;
	uint64_t content_files; /* regular, not empty, no hard link */
	bool has_os_release;
};

/* Looks at `entry_limit` entries at most. 0 when the tar was walked to its end; else `out` holds
 * what was seen before the error. */
int tar_walk_run(struct reader *tar, uint64_t entry_limit, struct tar_walk *out, struct error *err);

#endif
