/*
 * Records of the index: whatever the bytes, reading ends with a value or an error; and what was
 * read is written as the same bytes. The first byte of an input says which kind of record follows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "index/record_image.h"
#include "index/record_mention.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A difference stops the program, so that the fuzzer keeps the input. */
static void expect_same(struct store_bytes record, const uint8_t *written, size_t size)
{
	if (record.size != size || memcmp(record.bytes, written, size) != 0)
		abort();
}

/* Mentions lie in a list behind the content, and are written back from it. */
static void try_image(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct record_image view;

	if (record_view_image(record, &view, &err) < 0)
		return;
	CLEANUP(free_at)
	struct record_mention *mentions = memory_alloc(view.mention_count, sizeof(*mentions));
	struct remaining left = {.at = view.mentions.bytes, .size = view.mentions.size};
	for (uint32_t i = 0; i < view.mention_count; i++)
		record_take_mention(&left, &mentions[i]);
	size_t bound = record_mentions_bound(mentions, view.mention_count);
	CLEANUP(free_at) uint8_t *written = memory_alloc(view.content_size + bound, 1);
	memcpy(written, record.bytes, view.content_size);
	size_t size = view.content_size +
				  record_write_mentions(mentions, view.mention_count, written + view.content_size);
	expect_same(record, written, size);
	for (uint32_t i = 0; i < view.layer_count; i++)
		(void)record_layer_reference(&view, view.layers, i);
}

/* Attributes of an image without layers: joined with themselves they are what they were. */
static void try_attributes(struct store_bytes record)
{
	struct remaining left = {.at = record.bytes, .size = record.size};
	struct internal_image image = {.name = NULL};
	struct image_mention mention = {.source = NULL};
	size_t size;

	struct store_bytes attributes = record_take_attributes(&left);
	if (left.damaged)
		return;
	CLEANUP(free_at) uint8_t *joined = record_join_attributes(attributes, attributes, &size);
	expect_same(attributes, joined, size);
	record_read_attributes(attributes, &image, &mention);
	record_raise_image(&image, &mention);
	image_mention_clear(&mention);
	internal_image_clear(&image);
}

static void try_pending(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct pending pending;
	struct record_names names = {.repository = 1};

	if (pending_read(record, &pending, &err) < 0)
		return;
	CLEANUP(free_at) uint8_t *content = memory_alloc(record_content_bound(&pending), 1);
	if (record_write_content(&pending, &names, content) > record_content_bound(&pending))
		abort();
}

static void try_source(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct index_source source;
	size_t size;

	if (record_read_source(record, &source, &err) < 0)
		return;
	CLEANUP(free_at) uint8_t *written = record_write_source(&source, &size);
	expect_same(record, written, size);
	index_source_clear(&source);
}

static void try_entry(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct record_entry entry;
	uint8_t written[RECORD_ENTRY_MAX];

	if (record_read_entry(record, &entry, &err) == 0)
		expect_same(record, written, record_write_entry(&entry, written));
}

static void try_prefix(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct prefix_node node;
	uint8_t written[RECORD_PREFIX_MAX];

	if (record_read_prefix(record, &node, &err) == 0)
		expect_same(record, written, record_write_prefix(&node, written));
}

static void try_state(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct record_state state;
	uint8_t written[RECORD_STATE_SIZE];

	if (record_read_state(record, &state, &err) < 0)
		return;
	record_write_state(&state, written);
	expect_same(record, written, sizeof(written));
}

static void try_numbers(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	uint8_t written[RECORD_NUMBER_SIZE];
	uint32_t number;

	if (record_read_number(record, &number, &err) < 0)
		return;
	record_write_number(number, written);
	expect_same(record, written, sizeof(written));
	if (record_read_version(record, &number, &err) == 0) {
		record_write_version(number, written);
		expect_same(record, written, sizeof(written));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const KINDS[])(struct store_bytes) = {try_image,      try_source, try_entry,
														try_prefix,     try_state,  try_numbers,
														try_attributes, try_pending};

	if (size == 0)
		return 0;
	KINDS[data[0] % (sizeof(KINDS) / sizeof(KINDS[0]))]((struct store_bytes){data + 1, size - 1});
	return 0;
}
