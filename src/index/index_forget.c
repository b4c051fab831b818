/*
 * index_forget: what is selected, and the transaction.
 */
#include "layerproof/index_forget.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "forget.h"
#include "holders.h"
#include "image_read.h"
#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "names.h"
#include "unfinished.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

static void choose(struct forget *forget, uint32_t number)
{
	bytes_put_ordered_32(sorter_add(forget->images), number);
}

/* Calls `visit` with each record, whose number was read. */
static int each(struct forget *forget, size_t database,
				int (*visit)(struct forget *forget, uint32_t number, struct store_bytes value,
							 struct error *err),
				struct error *err)
{
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	uint32_t number;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(forget->txn, database, err);

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	while (more == 1) {
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (record_read_number(key, &number, err) < 0 || visit(forget, number, value, err) < 0)
			return -1;
		more = store_cursor_next(cursor, &key, &value, err);
	}
	return more;
}

/* ---- Sources ---- */

static int choose_source(struct forget *forget, uint32_t number, struct store_bytes value,
						 struct error *err)
{
	const struct index_selection *selection = forget->selection;
	CLEANUP(index_source_clear) struct index_source source = {.name = NULL};

	if (record_read_source(value, &source, err) < 0)
		return error_add_context(err, "source %u", number);
	if ((selection->source && strcmp(selection->source, source.name) != 0) ||
		(selection->has_before && source.imported_at >= selection->before) ||
		number >= forget->state.next_source)
		return 0;
	forget->sources[number] = true;
	forget->has_sources = true;
	return 0;
}

/* Images that a selected source names. */
static int choose_named(struct forget *forget, uint32_t number, struct store_bytes value,
						struct error *err)
{
	struct record_image view;
	struct record_mention mention;

	if (record_view_image(value, &view, err) < 0)
		return error_add_context(err, "image %u", number);
	struct remaining left = {.at = view.mentions.bytes, .size = view.mentions.size};
	bool is_named = false;
	for (uint32_t i = 0; i < view.mention_count; i++) {
		record_take_mention(&left, &mention);
		if (mention.source >= forget->state.next_source)
			return error_set(err, ERROR_MALFORMED, "image %u: damaged record of an image", number);
		is_named = is_named || forget->sources[mention.source];
	}
	if (is_named)
		choose(forget, number);
	return 0;
}

static int choose_by_source(struct forget *forget, struct error *err)
{
	if (each(forget, DATABASE_SOURCES, choose_source, err) < 0)
		return -1;
	return forget->has_sources ? each(forget, DATABASE_IMAGES, choose_named, err) : 0;
}

/* ---- Images ---- */

static int choose_holder(void *context, uint32_t number, struct error *err)
{
	(void)err;
	choose(context, number);
	return 0;
}

static int choose_by_digest(struct forget *forget, struct error *err)
{
	uint8_t bytes[RECORD_KEY_MAX];
	struct record_entry entry;
	struct store_bytes key = {bytes, record_write_key(forget->selection->digest, bytes)};

	int found = holders_get(forget->txn, key, &entry, err);
	return found != 1 ? found : holders_each(forget->txn, key, &entry, choose_holder, forget, err);
}

/* The name is put together only where its beginning is that of the repository. */
static int choose_by_name(struct forget *forget, uint32_t number, struct store_bytes value,
						  struct error *err)
{
	const char *name = forget->selection->image;
	CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
	struct record_image view;
	struct store_bytes repository;

	if (record_view_image(value, &view, err) < 0 ||
		names_get(forget->txn, view.names.repository, &repository, err) < 0)
		return error_add_context(err, "image %u", number);
	if (strncmp(name, repository.bytes, repository.size) != 0)
		return 0;
	if (image_read(forget->txn, number, value, &image, err) < 0)
		return error_add_context(err, "image %u", number);
	if (strcmp(image.name, name) == 0)
		choose(forget, number);
	return 0;
}

static int choose_images(struct forget *forget, struct error *err)
{
	if (forget->selection->digest)
		return choose_by_digest(forget, err);
	if (forget->selection->image)
		return each(forget, DATABASE_IMAGES, choose_by_name, err);
	forget->sources = memory_alloc((size_t)forget->state.next_source + 1, sizeof(*forget->sources));
	return choose_by_source(forget, err);
}

/* ---- The transaction ---- */

static int put_state(struct forget *forget, struct error *err)
{
	uint8_t bytes[RECORD_STATE_SIZE];

	if (forget->out.sources + forget->out.images == 0)
		return 0;
	forget->state.updated_at = clock_now();
	record_write_state(&forget->state, bytes);
	return store_put(forget->txn, DATABASE_META, index_text_key("state"),
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

static int forget_images(struct forget *forget, struct error *err)
{
	const uint8_t *number;

	sorter_rewind(forget->images);
	while ((number = sorter_next(forget->images)) != NULL)
		if (forget_image(forget, bytes_get_ordered_32(number), err) < 0)
			return -1;
	return sorter_check(forget->images, err);
}

static int forget_all(struct forget *forget, struct error *err)
{
	if (unfinished_clear(forget->txn, err) < 0 ||
		index_read_state(forget->txn, &forget->state, err) < 0)
		return -1;
	forget_numbers_begin(&forget->lost_names, forget->state.next_name);
	forget_numbers_begin(&forget->lost_sources, forget->state.next_source);
	if (choose_images(forget, err) < 0 || forget_images(forget, err) < 0 ||
		forget_digests(forget, err) < 0 || forget_files(forget, err) < 0 ||
		forget_stacks(forget, err) < 0 || forget_leftovers(forget, err) < 0)
		return -1;
	return put_state(forget, err);
}

struct request {
	const struct index_selection *selection;
	bool is_dry;
	bool is_done; /* and it was dry: the transaction is given up */
	struct index_forgotten out;
};

/* A hundredth of it. */
static size_t memory_part(const struct index_selection *selection)
{
	uint64_t memory = selection->memory > 0 ? selection->memory : (uint64_t)LIMIT_BATCH_MEMORY;

	return (size_t)(memory / 100);
}

static int change(struct store_txn *txn, void *context, struct error *err)
{
	struct request *request = context;
	size_t part = memory_part(request->selection);
	CLEANUP(sorter_free_at)
	struct sorter *images = sorter_new(RECORD_NUMBER_SIZE, FORGET_SHARE_IMAGES * part);
	CLEANUP(sorter_free_at)
	struct sorter *digests = sorter_new(LOST_DIGEST_SIZE, FORGET_SHARE_DIGESTS * part);
	CLEANUP(sorter_free_at)
	struct sorter *stacks = sorter_new(LOST_STACK_SIZE, FORGET_SHARE_STACKS * part);
	struct forget forget = {
		.txn = txn,
		.selection = request->selection,
		.images = images,
		.digests = digests,
		.stacks = stacks,
	};

	int result = forget_all(&forget, err);
	free(forget.sources);
	free(forget.layers);
	forget_numbers_clear(&forget.lost_names);
	forget_numbers_clear(&forget.lost_sources);
	request->out = forget.out;
	request->is_done = result == 0 && request->is_dry;
	return request->is_done ? -1 : result;
}

int index_forget(struct index *index, const struct index_selection *selection, bool is_dry,
				 struct index_forgotten *out, struct error *err)
{
	struct request request = {.selection = selection, .is_dry = is_dry};
	struct error reason = ERROR_INIT;

	if (store_update(index->store, change, &request, &reason) < 0 && !request.is_done) {
		*err = reason;
		return index_fail(index, err);
	}
	*out = request.out;
	return 0;
}
