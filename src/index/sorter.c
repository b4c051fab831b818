/*
 * sorter: digests are evenly spread, so that sorting by a byte at a time, in place, leaves after
 * three of them little to compare.
 */
#include "sorter.h"

#include <string.h>

enum { BYTE_VALUES = 256, FEW_RECORDS = 24, RECORD_MAX = 128 };

struct sorter {
	size_t record_size;
	uint8_t *records;
	size_t count, capacity;
	size_t next;
};

struct sorter *sorter_new(size_t record_size)
{
	struct sorter *sorter = memory_alloc(1, sizeof(*sorter));

	sorter->record_size = record_size;
	return sorter;
}

void sorter_free(struct sorter *sorter)
{
	if (!sorter)
		return;
	free(sorter->records);
	free(sorter);
}

uint8_t *sorter_add(struct sorter *sorter)
{
	sorter->records = memory_grow(sorter->records, sorter->count, &sorter->capacity,
								  sorter->record_size);
	return sorter->records + sorter->count++ * sorter->record_size;
}

static void swap_records(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t held[RECORD_MAX];

	memcpy(held, a, size);
	memcpy(a, b, size);
	memcpy(b, held, size);
}

/* Records that are alike in their first `depth` bytes. */
static void sort_few(uint8_t *records, size_t count, size_t size, size_t depth)
{
	uint8_t held[RECORD_MAX];

	for (size_t i = 1; i < count; i++) {
		size_t at = i;
		memcpy(held, records + i * size, size);
		while (at > 0 && memcmp(records + (at - 1) * size + depth, held + depth, size - depth) > 0)
			at--;
		memmove(records + (at + 1) * size, records + at * size, (i - at) * size);
		memcpy(records + at * size, held, size);
	}
}

/* Puts each record into the bucket of its byte at `depth`; bucket b ends at ends[b]. */
static void distribute(uint8_t *records, size_t count, size_t size, size_t depth, size_t *ends)
{
	size_t next[BYTE_VALUES];
	size_t sum = 0;

	memset(ends, 0, BYTE_VALUES * sizeof(*ends));
	for (size_t i = 0; i < count; i++)
		ends[records[i * size + depth]]++;
	for (size_t b = 0; b < BYTE_VALUES; b++) {
		next[b] = sum;
		sum += ends[b];
		ends[b] = sum;
	}
	for (size_t b = 0; b < BYTE_VALUES; b++) {
		while (next[b] < ends[b]) {
			uint8_t *record = records + next[b] * size;
			size_t bucket = record[depth];
			if (bucket == b)
				next[b]++;
			else
				swap_records(record, records + next[bucket]++ * size, size);
		}
	}
}

/* As deep as a record has bytes, at most. */
static void sort_records(uint8_t *records, size_t count, size_t size, size_t depth) // NOLINT
{
	size_t ends[BYTE_VALUES];
	size_t from = 0;

	if (count <= FEW_RECORDS || depth == size) {
		if (depth < size)
			sort_few(records, count, size, depth);
		return;
	}
	distribute(records, count, size, depth, ends);
	for (size_t b = 0; b < BYTE_VALUES; b++) {
		if (ends[b] - from > 1)
			sort_records(records + from * size, ends[b] - from, size, depth + 1);
		from = ends[b];
	}
}

void sorter_rewind(struct sorter *sorter)
{
	sort_records(sorter->records, sorter->count, sorter->record_size, 0);
	sorter->next = 0;
}

const uint8_t *sorter_next(struct sorter *sorter)
{
	if (sorter->next == sorter->count)
		return NULL;
	return sorter->records + sorter->next++ * sorter->record_size;
}
