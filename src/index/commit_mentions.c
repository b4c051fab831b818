/*
 * commit: mentions. An image keeps one of each source: the least row, and the greatest of what its
 * rows say.
 */
#include <stdlib.h>

#include "commit.h"
#include "layerproof/memory.h"
#include "record_mention.h"

uint8_t *commit_scratch(struct commit *commit, size_t size)
{
	if (size > commit->scratch_size) {
		commit->scratch = memory_resize(commit->scratch, 2 * size, 1);
		commit->scratch_size = 2 * size;
	}
	return commit->scratch;
}

/* Mentions in the making. Attributes that were joined are owned. */
struct mention_list {
	struct record_mention *items;
	size_t count;
	uint8_t **joined;
	size_t joined_count;
};

static void mention_list_clear(struct mention_list *list)
{
	for (size_t i = 0; i < list->joined_count; i++)
		free(list->joined[i]);
	free(list->joined);
	free(list->items);
}

static void join(struct mention_list *list, struct record_mention *known,
				 const struct record_mention *added)
{
	size_t size;

	if (added->row < known->row)
		known->row = added->row;
	if (known->attributes.size == added->attributes.size &&
		memcmp(known->attributes.bytes, added->attributes.bytes, added->attributes.size) == 0)
		return;
	uint8_t *bytes = record_join_attributes(known->attributes, added->attributes, &size);
	list->joined = memory_resize(list->joined, list->joined_count + 1, sizeof(*list->joined));
	list->joined[list->joined_count++] = bytes;
	known->attributes = (struct store_bytes){bytes, size};
}

/* Into its place; the list has room. */
static void insert(struct mention_list *list, const struct record_mention *added)
{
	size_t at = list->count;

	while (at > 0 && list->items[at - 1].source > added->source)
		at--;
	if (at > 0 && list->items[at - 1].source == added->source) {
		join(list, &list->items[at - 1], added);
		return;
	}
	memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof(*list->items));
	list->items[at] = *added;
	list->count++;
}

static int insert_pending(struct commit *commit, struct mention_list *list,
						  const struct pending *pending, struct error *err)
{
	struct remaining left = {.at = pending->mentions.bytes, .size = pending->mentions.size};

	for (uint32_t i = 0; i < pending->mention_count; i++) {
		struct pending_mention said;
		struct record_mention added;
		pending_take_mention(&left, &said);
		added = (struct record_mention){.row = said.row, .attributes = said.attributes};
		if (commit_name_source(commit, &said, &added.source, err) < 0)
			return -1;
		insert(list, &added);
	}
	return 0;
}

/* Adds to the sum what the mentions say, or takes it from there. */
static void sum(struct commit *commit, const struct pending *pending,
				const struct mention_list *list, bool is_taken)
{
	for (size_t i = 0; i < list->count; i++)
		record_sum_mention(commit->state.sum, pending->content, list->items[i].attributes,
						   is_taken);
}

int commit_write_mentions(struct commit *commit, const struct pending *pending, size_t content_size,
						  size_t *size, struct error *err)
{
	CLEANUP(mention_list_clear) struct mention_list list = {.count = 0};

	list.items = memory_alloc(pending->mention_count, sizeof(*list.items));
	if (insert_pending(commit, &list, pending, err) < 0)
		return -1;
	sum(commit, pending, &list, false);
	uint8_t *at = commit_scratch(commit,
								 content_size + record_mentions_bound(list.items, list.count));
	*size = content_size + record_write_mentions(list.items, list.count, at + content_size);
	return 0;
}

static int replace(struct commit *commit, uint32_t number, struct store_bytes record,
				   size_t content_size, const struct mention_list *list, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	uint8_t *bytes = commit_scratch(commit,
									content_size + record_mentions_bound(list->items, list->count));

	memcpy(bytes, record.bytes, content_size);
	size_t size = content_size +
				  record_write_mentions(list->items, list->count, bytes + content_size);
	if (size == record.size && memcmp(bytes, record.bytes, size) == 0)
		return 0;
	commit->changed = true;
	record_write_number(number, key);
	return store_put(commit->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){bytes, size}, err);
}

static int join_record(struct commit *commit, uint32_t number, struct store_bytes record,
					   const struct pending *pending, struct error *err)
{
	struct record_image view;
	CLEANUP(mention_list_clear) struct mention_list list = {.count = 0};

	if (record_view_image(record, &view, err) < 0)
		return error_add_context(err, "image %u", number);
	struct remaining left = {.at = view.mentions.bytes, .size = view.mentions.size};
	list.items = memory_alloc((size_t)view.mention_count + pending->mention_count,
							  sizeof(*list.items));
	for (; list.count < view.mention_count; list.count++)
		record_take_mention(&left, &list.items[list.count]);
	sum(commit, pending, &list, true);
	if (insert_pending(commit, &list, pending, err) < 0)
		return -1;
	sum(commit, pending, &list, false);
	return replace(commit, number, record, view.content_size, &list, err);
}

int commit_join(struct commit *commit, uint32_t number, const struct pending *pending,
				struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;

	record_write_number(number, key);
	int found = store_get(commit->txn, DATABASE_IMAGES, (struct store_bytes){key, sizeof(key)},
						  &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there",
						 number);
	if (found < 0)
		return -1;
	/* The record moves when a source becomes one: it is copied first. */
	CLEANUP(free_at) uint8_t *copy = memory_alloc(value.size, 1);
	memcpy(copy, value.bytes, value.size);
	return join_record(commit, number, (struct store_bytes){copy, value.size}, pending, err);
}
