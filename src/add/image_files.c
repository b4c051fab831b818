#include "image_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "packages.h"

enum { KEY_SIZE = 32 };

struct filed_layer {
	struct index_file_layer layer;
	size_t end; /* of its files */
};

void image_files_begin(struct image_files *files)
{
	files->count = files->begun;
	files->has_packages = false;
}

int image_files_note(void *context, const struct layer_file *file, struct error *err)
{
	struct image_files *files = context;
	if (packages_is_list(file->path))
		files->has_packages = true;
	if (file->size < LIMIT_FILE_LEAST || packages_is_library(file->path))
		return 0;
	if (files->count == LIMIT_ADD_FILES)
		return error_set(err, ERROR_OVER_LIMIT, "more than %d files in one image", LIMIT_ADD_FILES);
	files->keys = memory_grow(files->keys, files->count, &files->capacity, KEY_SIZE);
	memcpy(files->keys + files->count * KEY_SIZE, file->digest.bytes, KEY_SIZE);
	files->count++;
	return 0;
}

void image_files_end(struct image_files *files, const struct digest *layer)
{
	files->layers = memory_grow(files->layers, files->layer_count, &files->layer_capacity,
								sizeof(*files->layers));
	files->layers[files->layer_count++] = (struct filed_layer){
		.layer = {.digest = *layer, .has_packages = files->has_packages},
		.end = files->count,
	};
	files->begun = files->count;
}

void image_files_put(const struct image_files *files, struct index_batch *batch)
{
	struct digest file = {.algorithm = DIGEST_SHA256};
	size_t place = 0;
	for (size_t i = 0; i < files->layer_count; i++)
		for (; place < files->layers[i].end; place++) {
			memcpy(file.bytes, files->keys + place * KEY_SIZE, KEY_SIZE);
			index_batch_add_file(batch, &files->layers[i].layer, &file);
		}
}

void image_files_clear(struct image_files *files)
{
	free(files->layers);
	free(files->keys);
	*files = (struct image_files){.layers = NULL};
}
