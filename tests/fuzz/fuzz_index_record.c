/*
 * Records of the index: whatever the bytes, reading ends with a value or an error; and what was
 * read is written as the same bytes. The first byte of an input says which kind of record follows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "index/index_record.h"
#include "layerproof/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A difference stops the program, so that the fuzzer keeps the input. */
static void expect_same(struct store_bytes record, const uint8_t *written, size_t size)
{
	if (record.size != size || memcmp(record.bytes, written, size) != 0)
		abort();
}

static void try_image(struct store_bytes record)
{
	struct error err = ERROR_INIT;
	struct internal_image image;
	uint8_t content[RECORD_CONTENT_SIZE];

	if (record_read_image(record, &image, &err) < 0)
		return;
	size_t size = record_image_size(&image);
	CLEANUP(free_at) uint8_t *written = memory_alloc(size, 1);
	record_write_image(&image, written);
	expect_same(record, written, size);
	record_content_key(&image, content);
	internal_image_clear(&image);
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
	struct index_entry entry;
	uint8_t written[RECORD_ENTRY_SIZE];

	if (record_read_entry(record, &entry, &err) < 0)
		return;
	record_write_entry(&entry, written);
	expect_same(record, written, sizeof(written));
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
	static void (*const KINDS[])(struct store_bytes) = {try_image,  try_source, try_entry,
														try_prefix, try_state,  try_numbers};

	if (size == 0)
		return 0;
	KINDS[data[0] % (sizeof(KINDS) / sizeof(KINDS[0]))]((struct store_bytes){data + 1, size - 1});
	return 0;
}
