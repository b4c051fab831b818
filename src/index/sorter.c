/*
 * sorter: digests are evenly spread, so that sorting by a byte at a time, in place, leaves after
 * three of them little to compare.
 */
#include "sorter.h"

#include <stdbool.h>
#include <string.h>

#include "spill.h"

enum { BYTE_VALUES = 256, FEW_RECORDS = 24, RECORD_MAX = 128 };

/* A part of the memory that a run is read into while runs are merged. */
enum { RUN_BUFFER_LEAST = 16 << 10 };

/* Sorted records on disk. */
struct run {
	uint64_t start, end; /* in the spill */
	uint64_t next;       /* to be read */
	uint8_t *buffer;     /* of the sorter */
	size_t used, filled;
};

struct sorter {
	size_t record_size;
	uint8_t *records;
	size_t count, capacity;
	size_t most; /* records that are held; 0: all */
	size_t next;
	struct spill spill;
	struct run *runs;
	size_t run_count, run_capacity;
	size_t *heap; /* runs by their next record, the least on top */
	size_t heap_size;
	size_t buffer_size;
	bool started; /* the top of the heap has been given */
};

struct sorter *sorter_new(size_t record_size, size_t memory)
{
	struct sorter *sorter = memory_alloc(1, sizeof(*sorter));

	sorter->record_size = record_size;
	if (memory > 0)
		sorter->most = memory / record_size + 1;
	return sorter;
}

void sorter_free(struct sorter *sorter)
{
	if (!sorter)
		return;
	spill_close(&sorter->spill);
	free(sorter->records);
	free(sorter->runs);
	free(sorter->heap);
	free(sorter);
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

// NOLINTNEXTLINE(misc-no-recursion): as deep as a record has bytes, at most
static void sort_records(uint8_t *records, size_t count, size_t size, size_t depth)
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

/* What is held becomes a run. */
static void write_run(struct sorter *sorter)
{
	struct run run = {.start = sorter->spill.size};

	sort_records(sorter->records, sorter->count, sorter->record_size, 0);
	spill_write(&sorter->spill, sorter->records, sorter->count * sorter->record_size);
	run.end = sorter->spill.size;
	sorter->runs = memory_grow(sorter->runs, sorter->run_count, &sorter->run_capacity,
							   sizeof(*sorter->runs));
	sorter->runs[sorter->run_count++] = run;
	sorter->count = 0;
}

uint8_t *sorter_add(struct sorter *sorter)
{
	if (sorter->most > 0 && sorter->count == sorter->most)
		write_run(sorter);
	sorter->records = memory_grow(sorter->records, sorter->count, &sorter->capacity,
								  sorter->record_size);
	return sorter->records + sorter->count++ * sorter->record_size;
}

/* ---- Merging ---- */

/* The run's next record is at hand; false at its end. */
static bool fill_run(struct sorter *sorter, struct run *run)
{
	if (run->used < run->filled)
		return true;
	uint64_t left = run->end - run->next;
	size_t wanted = left < sorter->buffer_size ? (size_t)left : sorter->buffer_size;

	run->used = 0;
	run->filled = wanted == 0 ? 0 : spill_read(&sorter->spill, run->next, run->buffer, wanted);
	run->next += run->filled;
	return run->filled > 0;
}

static bool is_less(const struct sorter *sorter, size_t a, size_t b)
{
	const struct run *left = &sorter->runs[a];
	const struct run *right = &sorter->runs[b];

	return memcmp(left->buffer + left->used, right->buffer + right->used, sorter->record_size) < 0;
}

static void sink(struct sorter *sorter, size_t at)
{
	size_t *heap = sorter->heap;

	for (;;) {
		size_t least = 2 * at + 1;
		if (least >= sorter->heap_size)
			return;
		if (least + 1 < sorter->heap_size && is_less(sorter, heap[least + 1], heap[least]))
			least++;
		if (!is_less(sorter, heap[least], heap[at]))
			return;
		size_t held = heap[at];
		heap[at] = heap[least];
		heap[least] = held;
		at = least;
	}
}

/* The memory that held records is divided among the runs. */
static void begin_merge(struct sorter *sorter)
{
	size_t size = sorter->record_size;
	size_t memory = sorter->most * size;

	if (memory / sorter->run_count < RUN_BUFFER_LEAST)
		memory = sorter->run_count * (size_t)RUN_BUFFER_LEAST;
	sorter->buffer_size = memory / sorter->run_count / size * size;
	free(sorter->records);
	sorter->records = memory_alloc(sorter->run_count, sorter->buffer_size);
	sorter->capacity = 0;
	sorter->heap = memory_resize(sorter->heap, sorter->run_count, sizeof(*sorter->heap));
	sorter->heap_size = 0;
	sorter->started = false;
	for (size_t i = 0; i < sorter->run_count; i++) {
		struct run *run = &sorter->runs[i];
		run->buffer = sorter->records + i * sorter->buffer_size;
		run->next = run->start;
		run->used = 0;
		run->filled = 0;
		if (fill_run(sorter, run))
			sorter->heap[sorter->heap_size++] = i;
	}
	for (size_t i = sorter->heap_size; i > 0; i--)
		sink(sorter, i - 1);
}

void sorter_rewind(struct sorter *sorter)
{
	if (sorter->run_count > 0) {
		if (sorter->count > 0)
			write_run(sorter);
		begin_merge(sorter);
		return;
	}
	sort_records(sorter->records, sorter->count, sorter->record_size, 0);
	sorter->next = 0;
}

static const uint8_t *next_merged(struct sorter *sorter)
{
	if (sorter->started && sorter->heap_size > 0) {
		struct run *top = &sorter->runs[sorter->heap[0]];
		top->used += sorter->record_size;
		if (!fill_run(sorter, top))
			sorter->heap[0] = sorter->heap[--sorter->heap_size];
		sink(sorter, 0);
	}
	sorter->started = true;
	if (sorter->heap_size == 0 || sorter->spill.failure.code != ERROR_NONE)
		return NULL;
	const struct run *least = &sorter->runs[sorter->heap[0]];
	return least->buffer + least->used;
}

const uint8_t *sorter_next(struct sorter *sorter)
{
	if (sorter->run_count > 0)
		return next_merged(sorter);
	if (sorter->next == sorter->count)
		return NULL;
	return sorter->records + sorter->next++ * sorter->record_size;
}

int sorter_check(const struct sorter *sorter, struct error *err)
{
	return spill_check(&sorter->spill, err);
}
