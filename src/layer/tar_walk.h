/*
 * tar_walk: what a layer's tar holds, told from its headers; nothing is kept, nothing is extracted
 * (image-spec layer.md).
 */
#ifndef LAYER_TAR_WALK_H
#define LAYER_TAR_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/layer.h"
#include "layerproof/reader.h"

struct tar_walk_options {
	uint64_t entry_limit; /* entries looked at, at most */
	int64_t size_limit;   /* bytes of files hashed, at most: a sparse one may claim any number */
	int64_t hole_limit;   /* layer.h's; 0: none */
	int (*on_file)(void *context, const struct layer_file *file,
				   struct error *err); /* layer.h's; NULL: files are not hashed */
	void *context;
};

struct tar_walk {
	uint64_t entries;
	uint64_t content_files;  /* regular, not empty */
	uint64_t unhashed_files; /* left out for `hole_limit` */
	unsigned oddities;       /* of enum layer_oddity */
	bool has_os_release;
	bool is_refused; /* on_file() has ended the walk */
};

/* 0 when the tar was walked to its end; else `out` holds what was seen before the error. */
int tar_walk_run(struct reader *tar, const struct tar_walk_options *options, struct tar_walk *out,
				 struct error *err);

#endif
