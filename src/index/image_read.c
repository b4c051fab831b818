#include "image_read.h"

#include <stdlib.h>

#include "holders.h"
#include "index_private.h"
#include "layerproof/memory.h"
#include "names.h"
#include "record_mention.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

struct reading {
	struct store_txn *txn;
	struct store_cursor *cursor; /* over the digests */
	uint32_t number;
	struct record_image view;
};

/* The digest of a reference: of those that begin so, the one that the image holds. */
static int resolve(struct reading *reading, const uint8_t *reference, struct digest *out,
				   struct error *err)
{
	uint8_t sought[1 + RECORD_REFERENCE_SIZE] = {DIGEST_SHA256};
	struct store_bytes key, value;
	struct record_entry entry;

	memcpy(sought + 1, reference, RECORD_REFERENCE_SIZE);
	int more = store_cursor_seek(reading->cursor, (struct store_bytes){sought, sizeof(sought)},
								 &key, &value, err);
	while (more == 1 && key.size > sizeof(sought) &&
		   memcmp(key.bytes, sought, sizeof(sought)) == 0) {
		if (record_read_entry(value, &entry, err) < 0)
			return -1;
		int held = holders_have(reading->txn, key, &entry, reading->number, err);
		if (held != 0) {
			record_read_key(key.bytes, out);
			return held < 0 ? -1 : 0;
		}
		more = store_cursor_next(reading->cursor, &key, &value, err);
	}
	return more < 0 ? -1
					: error_set(err, ERROR_MALFORMED, "damaged: a digest it names is not there");
}

static int read_digest(struct reading *reading, const uint8_t **at, struct digest *out,
					   struct error *err)
{
	const uint8_t *from = *at;

	*at += record_reference_size(&reading->view, from);
	if (!reading->view.has_keys)
		return resolve(reading, from, out, err);
	record_read_key(from, out);
	return 0;
}

static int read_tops(struct reading *reading, struct internal_image *out, struct error *err)
{
	const uint8_t *at = reading->view.tops.bytes;

	out->tops = memory_alloc((size_t)reading->view.top_count + 1, sizeof(*out->tops));
	for (; out->top_count < reading->view.top_count; out->top_count++) {
		out->tops[out->top_count].identity = (enum identity) * at++;
		if (read_digest(reading, &at, &out->tops[out->top_count].digest, err) < 0)
			return -1;
	}
	return 0;
}

static int read_stack(struct reading *reading, struct store_bytes stack, size_t count,
					  struct digest **out, size_t *out_count, struct error *err)
{
	const uint8_t *at = stack.bytes;

	*out = memory_alloc(count + 1, sizeof(**out));
	for (; *out_count < count; ++*out_count) {
		if (read_digest(reading, &at, &(*out)[*out_count], err) < 0)
			return -1;
	}
	return 0;
}

static int read_name(struct reading *reading, struct internal_image *out, struct error *err)
{
	const struct record_image *view = &reading->view;
	char digits[DIGEST_TEXT_SIZE] = "";
	struct store_bytes text;

	if (names_get(reading->txn, view->names.repository, &text, err) < 0)
		return -1;
	if (view->is_named_by_top)
		digest_format(&out->tops[view->named_by].digest, digits);
	CLEANUP(free_at) char *repository = memory_copy_span(text.bytes, text.size);
	CLEANUP(free_at) char *suffix = memory_copy_span(view->suffix.bytes, view->suffix.size);
	out->name = memory_format("%s%s%s%s", repository, suffix, view->is_named_by_top ? "@" : "",
							  digits);
	if (!view->has_platform)
		return 0;
	if (names_get(reading->txn, view->names.platform, &text, err) < 0)
		return -1;
	out->platform = memory_copy_span(text.bytes, text.size);
	return 0;
}

static int read_base(struct reading *reading, struct internal_image *out, struct error *err)
{
	struct store_bytes text;

	if (!reading->view.has_base)
		return 0;
	if (names_get(reading->txn, reading->view.names.base, &text, err) < 0)
		return -1;
	CLEANUP(free_at) char *digits = memory_copy_span(text.bytes, text.size);
	return digest_parse(digits, &out->base_digest, err) < 0 ? record_damaged("a base", err) : 0;
}

static int read_source(struct reading *reading, uint32_t number, struct image_mention *out,
					   struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;
	CLEANUP(index_source_clear) struct index_source source = {.name = NULL};

	record_write_number(number, key);
	int found = store_get(reading->txn, DATABASE_SOURCES, (struct store_bytes){key, sizeof(key)},
						  &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "damaged: source %u is missing", number);
	if (found < 0 || record_read_source(value, &source, err) < 0)
		return -1;
	out->source = STEAL(source.name);
	out->file = source.sha256;
	return 0;
}

static int compare_mentions(const void *a, const void *b)
{
	const struct image_mention *left = a;
	const struct image_mention *right = b;

	int order = strcmp(left->source, right->source);
	if (order == 0)
		order = digest_compare(&left->file, &right->file);
	if (order != 0 || left->row == right->row)
		return order;
	return left->row < right->row ? -1 : 1;
}

static int read_mentions(struct reading *reading, struct internal_image *out, struct error *err)
{
	struct store_bytes bytes = reading->view.mentions;
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	struct record_mention mention;
	uint32_t count = reading->view.mention_count;

	out->mentions = memory_alloc(count, sizeof(*out->mentions));
	while (out->mention_count < count) {
		struct image_mention *said = &out->mentions[out->mention_count];
		record_take_mention(&left, &mention);
		if (read_source(reading, mention.source, said, err) < 0)
			return -1;
		out->mention_count++;
		said->row = mention.row;
		record_read_attributes(mention.attributes, out, said);
		record_raise_image(out, said);
	}
	qsort(out->mentions, count, sizeof(*out->mentions), compare_mentions);
	out->source = memory_copy_text(out->mentions[0].source);
	out->row = out->mentions[0].row;
	return 0;
}

static int read_all(struct reading *reading, struct internal_image *out, struct error *err)
{
	const struct record_image *view = &reading->view;

	out->origin = view->origin;
	if (read_tops(reading, out, err) < 0 ||
		read_stack(reading, view->layers, view->layer_count, &out->layers, &out->layer_count, err) <
			0 ||
		read_stack(reading, view->diff_ids, view->diff_id_count, &out->diff_ids,
				   &out->diff_id_count, err) < 0)
		return -1;
	if (read_name(reading, out, err) < 0 || read_base(reading, out, err) < 0)
		return -1;
	return read_mentions(reading, out, err);
}

int image_read(struct store_txn *txn, uint32_t number, struct store_bytes record,
			   struct internal_image *out, struct error *err)
{
	struct reading reading = {.txn = txn, .number = number};

	*out = (struct internal_image){.name = NULL};
	if (record_view_image(record, &reading.view, err) < 0)
		return -1;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(txn, DATABASE_DIGESTS, err);
	if (!cursor)
		return -1;
	reading.cursor = cursor;
	return read_all(&reading, out, err);
}
