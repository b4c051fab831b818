/*
 * image_files: the files of an image that was read, layer by layer, on their way into the index;
 * private to this folder.
 */
#ifndef LAYERPROOF_ADD_IMAGE_FILES_H
#define LAYERPROOF_ADD_IMAGE_FILES_H

#include "layerproof/error.h"
#include "layerproof/index_files.h"
#include "layerproof/layer.h"

struct filed_layer;

/* All zeros at first. */
struct image_files {
	struct filed_layer *layers;
	size_t layer_count;
	size_t layer_capacity;
	uint8_t *keys; /* SHA-256 of each file, those of one layer behind those of the one below */
	size_t count;
	size_t capacity;
	size_t begun;      /* how many there were before the layer at hand */
	bool has_packages; /* the layer at hand */
};

/* A layer begins; what was noted of one that did not end is gone. */
void image_files_begin(struct image_files *files);

/* A layer_options.on_file: `context` is the image_files. ERROR_OVER_LIMIT. */
int image_files_note(void *context, const struct layer_file *file, struct error *err);

/* The layer ended, and images hold it by this digest. */
void image_files_end(struct image_files *files, const struct digest *layer);

/* Hands all over to the batch. */
void image_files_put(const struct image_files *files, struct index_batch *batch);
void image_files_clear(struct image_files *files);

#endif
