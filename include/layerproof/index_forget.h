/*
 * index_forget: taking out of an index what was put in (layerproof-index(1), "forget").
 */
#ifndef LAYERPROOF_INDEX_FORGET_H
#define LAYERPROOF_INDEX_FORGET_H

#include "layerproof/index.h"

/* What is to be forgotten: sources, by name or age or both; or images, whoever named them. */
struct index_selection {
	const char *source; /* NULL: of any name */
	bool has_before;
	int64_t before;              /* seconds: what was imported earlier */
	const char *image;           /* name as exported; NULL: not by name */
	const struct digest *digest; /* images that hold it; NULL: not by digest */
	uint64_t memory;             /* bytes that are held at once, as index_batch_new() has it */
};

struct index_forgotten {
	uint64_t sources;
	uint64_t images;
	uint64_t digests;
	uint64_t still_named; /* images that other sources name too, and that stay */
};

/* In one transaction: a source with all that it said, and each image that no other source names.
 * The index is then as if the source had never been imported. A source that named nothing but
 * images which went goes with them. Nothing is selected: all of `out` is 0. `is_dry`: `out` says
 * what would go, and nothing does. */
int index_forget(struct index *index, const struct index_selection *selection, bool is_dry,
				 struct index_forgotten *out, struct error *err);

#endif
