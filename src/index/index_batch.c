/*
 * index_batch: collecting images in memory.
 */
#include "index_batch.h"

#include "layerproof/memory.h"

enum { SIZE_SIZE = 4 };

struct index_batch *index_batch_new(void)
{
	struct index_batch *batch = memory_alloc(1, sizeof(*batch));

	batch->fold = sorter_new(FOLD_SIZE);
	return batch;
}

void index_batch_free(struct index_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->source_count; i++)
		index_source_clear(&batch->sources[i]);
	free(batch->sources);
	sorter_free(batch->fold);
	free(batch->bytes);
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
	if (image->top_count + image->layer_count + image->diff_id_count == 0)
		return; /* no digest leads to it */
	uint8_t *at = reserve(batch, SIZE_SIZE + pending_bound(image));
	size_t size = pending_write(image, at + SIZE_SIZE);
	uint8_t *fold = sorter_add(batch->fold);

	bytes_put_32(at, (uint32_t)size);
	memcpy(fold, at + SIZE_SIZE, PENDING_CONTENT_SIZE);
	bytes_put_ordered_64(fold + PENDING_CONTENT_SIZE, batch->size);
	batch->size += SIZE_SIZE + size;
	batch->count++;
}

void index_batch_add_source(struct index_batch *batch, const struct index_source *source)
{
	batch->sources = memory_grow(batch->sources, batch->source_count, &batch->source_capacity,
								 sizeof(*batch->sources));
	struct index_source *kept = &batch->sources[batch->source_count++];
	*kept = *source;
	kept->name = memory_copy_text(source->name);
	kept->file = memory_copy_text(source->file);
}

int batch_read(const struct index_batch *batch, uint64_t place, struct pending *out, uint64_t *next,
			   struct error *err)
{
	if (place == batch->size)
		return 0;
	const uint8_t *at = batch->bytes + place;
	size_t size = bytes_get_32(at);

	*next = place + SIZE_SIZE + size;
	return pending_read((struct store_bytes){at + SIZE_SIZE, size}, out, err) < 0 ? -1 : 1;
}
