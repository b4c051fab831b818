/*
 * index_files: the regular files of layers whose content was read (layerproof-index(5), "Files").
 *
 * A file is known by the layers that hold it, and a layer by its diff_id, or by the digest of its
 * blob where the image that brought it names no diff_id. Whose a file is, and where it lies in
 * which images, follows from the images that hold its layers now.
 */
#ifndef LAYERPROOF_INDEX_FILES_H
#define LAYERPROOF_INDEX_FILES_H

#include "layerproof/index.h"

enum { INDEX_FILE_LAYERS = 64 };

/* A layer whose files are known. */
struct index_file_layer {
	struct digest digest; /* by which images hold it */
	bool has_packages;    /* packages of an operating system were installed in it: most of its files
							 are what others publish, whoever made the layer */
};

/* What the index says of one file. */
struct index_file {
	enum origin origin; /* ours only where each layer that holds it is: else the strongest
						 * disclaimer, or unknown, as for one that more than LIMIT_FILE_LAYERS
						 * layers hold */
	uint32_t layers[INDEX_FILE_LAYERS]; /* numbers, upward */
	size_t layer_count;                 /* of `layers`, which may not be all */
};

/* The file belongs to the layer. Files of a layer that no image of the index holds after the
 * commit, or whose files are known already, are left out. Only SHA-256 is known of a file. */
void index_batch_add_file(struct index_batch *batch, const struct index_file_layer *layer,
						  const struct digest *file);

/* Whether the files of any layer are known. */
bool index_knows_files(const struct index_snapshot *snapshot);

/* 1 found, 0 not known, -1 error. */
int index_find_file(struct index_snapshot *snapshot, const struct digest *file,
					struct index_file *out, struct error *err);

/* Layer `number` of an index_file: 0 or -1. */
int index_get_file_layer(struct index_snapshot *snapshot, uint32_t number,
						 struct index_file_layer *out, struct error *err);

/* Calls `visit` with each file of each layer, in the order of the layers' digests and then the
 * files'; a value other than 0 ends the walk and is returned. */
int index_each_file(struct index_snapshot *snapshot,
					int (*visit)(void *context, const struct index_file_layer *layer,
								 const struct digest *file),
					void *context, struct error *err);

#endif
