/*
 * forget: images, and what sources said of them.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "forget.h"
#include "image_read.h"
#include "layerproof/chain_id.h"
#include "layerproof/memory.h"

int forget_get_image(struct forget *forget, uint32_t number, struct store_bytes *out,
					 struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	record_write_number(number, key);
	return store_get(forget->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)}, out,
					 err);
}

/* ---- What the image leaves behind ---- */

static void lose_digest(struct forget *forget, uint32_t number, const struct digest *digest)
{
	uint8_t *lost = sorter_add(forget->digests);

	memset(lost, 0, LOST_DIGEST_SIZE);
	record_write_key(digest, lost);
	bytes_put_ordered_32(lost + LOST_DIGEST_NUMBER, number);
}

static void lose_stack(struct forget *forget, uint32_t number, enum prefix_kind kind,
					   const struct digest *digests, size_t count)
{
	if (count == 0)
		return;
	CLEANUP(free_at) struct digest *chain_ids = memory_alloc(count, sizeof(*chain_ids));

	chain_id_compute(digests, count, chain_ids);
	for (size_t i = 0; i < count; i++) {
		uint8_t *lost = sorter_add(forget->stacks);
		memset(lost, 0, LOST_STACK_SIZE);
		prefix_write_key(kind, &chain_ids[i], lost);
		bytes_put_ordered_32(lost + LOST_STACK_DEPTH, (uint32_t)i);
		record_write_key(&digests[i], lost + LOST_STACK_TOP);
		lose_digest(forget, number, &digests[i]);
	}
}

static int remove_image(struct forget *forget, uint32_t number, const struct internal_image *image,
						const struct record_image *view, const uint8_t *content, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	for (size_t i = 0; i < image->top_count; i++)
		lose_digest(forget, number, &image->tops[i].digest);
	lose_stack(forget, number, PREFIX_DIFF_IDS, image->diff_ids, image->diff_id_count);
	lose_stack(forget, number, PREFIX_BLOBS, image->layers, image->layer_count);
	forget_leave(forget, view);
	record_sum_image(forget->state.sum, content, true);
	forget->state.images--;
	forget->state.origins[image->origin]--;
	forget->out.images++;
	record_write_number(number, key);
	return store_delete(forget->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)}, err);
}

/* ---- What is left of its mentions ---- */

struct kept {
	struct record_mention *items;
	size_t count;
};

static void kept_clear(struct kept *kept)
{
	free(kept->items);
}

static void keep_others(struct forget *forget, const struct record_image *view,
						const uint8_t *content, struct kept *kept)
{
	struct remaining left = {.at = view->mentions.bytes, .size = view->mentions.size};

	kept->items = memory_alloc(view->mention_count, sizeof(*kept->items));
	for (uint32_t i = 0; i < view->mention_count; i++) {
		struct record_mention *mention = &kept->items[kept->count];
		record_take_mention(&left, mention);
		if (forget->sources && !forget->sources[mention->source])
			kept->count++;
		else
			record_sum_mention(forget->state.sum, content, mention->attributes, true);
	}
}

static int put_mentions(struct forget *forget, uint32_t number, struct store_bytes record,
						const struct record_image *view, const struct kept *kept, struct error *err)
{
	size_t bound = view->content_size + record_mentions_bound(kept->items, kept->count);
	CLEANUP(free_at) uint8_t *bytes = memory_alloc(bound, 1);
	uint8_t key[RECORD_NUMBER_SIZE];

	memcpy(bytes, record.bytes, view->content_size);
	size_t size = view->content_size +
				  record_write_mentions(kept->items, kept->count, bytes + view->content_size);
	record_write_number(number, key);
	forget->out.still_named++;
	return store_put(forget->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){bytes, size}, err);
}

static int change_image(struct forget *forget, uint32_t number, struct store_bytes record,
						struct error *err)
{
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	CLEANUP(kept_clear) struct kept kept = {.count = 0};
	struct record_image view;

	if (record_view_image(record, &view, err) < 0 ||
		image_read(forget->txn, number, record, &image, err) < 0)
		return -1;
	CLEANUP(free_at) uint8_t *pending = memory_alloc(pending_bound(&image), 1);
	pending_write(&image, pending); /* its content comes first */
	keep_others(forget, &view, pending, &kept);
	return kept.count > 0 ? put_mentions(forget, number, record, &view, &kept, err)
						  : remove_image(forget, number, &image, &view, pending, err);
}

int forget_image(struct forget *forget, uint32_t number, struct error *err)
{
	struct store_bytes record;

	int found = forget_get_image(forget, number, &record, err);
	if (found == 1)
		found = change_image(forget, number, record, err);
	else if (found == 0)
		found = error_set(err, ERROR_MALFORMED, "damaged: it is not there");
	return found < 0 ? error_add_context(err, "image %u", number) : 0;
}
