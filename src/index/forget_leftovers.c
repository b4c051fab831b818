/*
 * forget: names and sources that only images had which went.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "forget.h"
#include "layerproof/interrupt.h"
#include "layerproof/memory.h"
#include "names.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

/* ---- Sets of numbers, a bit each ---- */

static bool has(const struct forget_numbers *set, uint32_t number)
{
	return number < set->end && (set->bits[number / 8] >> number % 8 & 1);
}

static void mark(struct forget_numbers *set, uint32_t number)
{
	if (number >= set->end) /* damage, which index_verify() tells */
		return;
	set->count += !has(set, number);
	set->bits[number / 8] |= (uint8_t)(1 << number % 8);
}

static void unmark(struct forget_numbers *set, uint32_t number)
{
	if (!has(set, number))
		return;
	set->count--;
	set->bits[number / 8] &= (uint8_t) ~(1 << number % 8);
}

void forget_numbers_begin(struct forget_numbers *set, uint32_t end)
{
	*set = (struct forget_numbers){.bits = memory_alloc((size_t)end / 8 + 1, 1), .end = end};
}

void forget_numbers_clear(struct forget_numbers *set)
{
	free(set->bits);
}

/* ---- What the image had ---- */

static void each_name(struct forget_numbers *set, const struct record_image *view,
					  void (*change)(struct forget_numbers *set, uint32_t number))
{
	change(set, view->names.repository);
	if (view->has_platform)
		change(set, view->names.platform);
	if (view->has_base)
		change(set, view->names.base);
}

static void each_source(struct forget_numbers *set, const struct record_image *view,
						void (*change)(struct forget_numbers *set, uint32_t number))
{
	struct remaining left = {.at = view->mentions.bytes, .size = view->mentions.size};
	struct record_mention mention;

	for (uint32_t i = 0; i < view->mention_count; i++) {
		record_take_mention(&left, &mention);
		change(set, mention.source);
	}
}

void forget_leave(struct forget *forget, const struct record_image *view)
{
	each_name(&forget->lost_names, view, mark);
	each_source(&forget->lost_sources, view, mark);
}

/* ---- What is left of it ---- */

/* Images that stay keep what they have. */
static int keep_used(struct forget *forget, struct error *err)
{
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	struct record_image view;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(forget->txn, DATABASE_IMAGES, err);

	int more = cursor ? store_cursor_seek(cursor, key, &key, &value, err) : -1;
	while (more == 1 && forget->lost_names.count + forget->lost_sources.count > 0) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (record_view_image(value, &view, err) < 0)
			return -1;
		each_name(&forget->lost_names, &view, unmark);
		each_source(&forget->lost_sources, &view, unmark);
		more = store_cursor_next(cursor, &key, &value, err);
	}
	return more < 0 ? -1 : 0;
}

static int forget_sources(struct forget *forget, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	for (uint32_t i = 0; i < forget->lost_sources.end; i++) {
		if (!has(&forget->lost_sources, i) && !(forget->sources && forget->sources[i]))
			continue;
		record_write_number(i, key);
		forget->out.sources++;
		if (store_delete(forget->txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)},
						 err) < 0)
			return -1;
	}
	return 0;
}

int forget_leftovers(struct forget *forget, struct error *err)
{
	if (keep_used(forget, err) < 0)
		return -1;
	for (uint32_t i = 0; i < forget->lost_names.end; i++)
		if (has(&forget->lost_names, i) && names_forget(forget->txn, i, err) < 0)
			return -1;
	return forget_sources(forget, err);
}
