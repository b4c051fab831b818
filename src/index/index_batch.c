/*
 * index_batch: collecting images in memory.
 *
 * They are kept as records, a third of the size of the structs, which the commit writes as they
 * are.
 */
#include "index_batch.h"

#include "layerproof/memory.h"

struct index_batch *index_batch_new(void)
{
	return memory_alloc(1, sizeof(struct index_batch));
}

void index_batch_free(struct index_batch *batch)
{
	if (!batch)
		return;
	free(batch->bytes);
	free(batch->images);
	free(batch);
}

/* Room for `size` bytes behind those in use. */
static uint8_t *reserve(struct index_batch *batch, size_t size)
{
	while (batch->capacity - batch->size < size) {
		batch->capacity = batch->capacity ? 2 * batch->capacity : 4096;
		batch->bytes = memory_resize(batch->bytes, batch->capacity, 1);
	}
	return batch->bytes + batch->size;
}

void index_batch_add(struct index_batch *batch, const struct internal_image *image)
{
	size_t size = record_image_size(image);

	batch->images = memory_grow(batch->images, batch->count, &batch->images_capacity,
								sizeof(*batch->images));
	struct batch_image *added = &batch->images[batch->count++];
	*added = (struct batch_image){.offset = batch->size, .size = size};
	record_content_key(image, added->content);
	record_write_image(image, reserve(batch, size));
	batch->size += size;
	batch->layers += image->layer_count + image->diff_id_count;
	batch->digests += image->top_count + image->layer_count + image->diff_id_count;
}

int batch_view(const struct index_batch *batch, const struct batch_image *image,
			   struct record_image *out, struct error *err)
{
	struct store_bytes record = {batch->bytes + image->offset, image->size};

	return record_view_image(record, out, err);
}
