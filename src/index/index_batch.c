/*
 * index_batch: collecting images, in memory and then on disk.
 */
#include "index_batch.h"

#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

enum { SIZE_SIZE = 4, WINDOW_LEAST = 64 << 10 };

/* Parts in a hundred of the memory: of the images, of what finds equal ones. */
enum { SHARE_IMAGES = 25, SHARE_FOLD = 15 };

size_t batch_share(const struct index_batch *batch, unsigned percent)
{
	return (size_t)(batch->memory / 100 * percent);
}

struct index_batch *index_batch_new(uint64_t memory)
{
	struct index_batch *batch = memory_alloc(1, sizeof(*batch));

	batch->memory = memory > 0 ? memory : (uint64_t)LIMIT_BATCH_MEMORY;
	batch->fold = sorter_new(FOLD_SIZE, batch_share(batch, SHARE_FOLD));
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
	sorter_free(batch->files);
	spill_close(&batch->spill);
	free(batch->window);
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
	bytes_put_ordered_64(fold + PENDING_CONTENT_SIZE, batch->spill.size + batch->size);
	batch->size += SIZE_SIZE + size;
	batch->count++;
	if (batch->size >= batch_share(batch, SHARE_IMAGES)) {
		spill_write(&batch->spill, batch->bytes, batch->size);
		batch->size = 0;
	}
}

int index_batch_check(const struct index_batch *batch, struct error *err)
{
	return spill_check(&batch->spill, err) < 0 ? -1 : sorter_check(batch->fold, err);
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

/* `size` bytes of the spill, from `place` on, in the window; fewer where it ends. */
static size_t look(struct index_batch *batch, uint64_t place, size_t size)
{
	if (place >= batch->window_start && place + size <= batch->window_start + batch->window_size)
		return size;
	if (batch->window_capacity < size || batch->window_capacity < WINDOW_LEAST) {
		batch->window_capacity = size < WINDOW_LEAST ? WINDOW_LEAST : size;
		batch->window = memory_resize(batch->window, batch->window_capacity, 1);
	}
	batch->window_start = place;
	batch->window_size = spill_read(&batch->spill, place, batch->window, batch->window_capacity);
	return batch->window_size < size ? batch->window_size : size;
}

/* The image at `place` of the spill, its size in front. */
static const uint8_t *read_spilled(struct index_batch *batch, uint64_t place, struct error *err)
{
	size_t size = SIZE_SIZE;

	if (look(batch, place, size) == size) {
		size += bytes_get_32(batch->window + (place - batch->window_start));
		if (look(batch, place, size) == size)
			return batch->window + (place - batch->window_start);
	}
	if (spill_check(&batch->spill, err) == 0)
		error_set(err, ERROR_SYSTEM, "a temporary file ends early");
	return NULL;
}

int batch_read(struct index_batch *batch, uint64_t place, struct pending *out, uint64_t *next,
			   struct error *err)
{
	uint64_t spilled = batch->spill.size;

	if (spill_check(&batch->spill, err) < 0)
		return -1;
	if (place == spilled + batch->size)
		return 0;
	const uint8_t *at = place < spilled ? read_spilled(batch, place, err)
										: batch->bytes + (place - spilled);
	if (!at)
		return -1;
	size_t size = bytes_get_32(at);

	*next = place + SIZE_SIZE + size;
	return pending_read((struct store_bytes){at + SIZE_SIZE, size}, out, err) < 0 ? -1 : 1;
}
