/*
 * index_files: what is known of files, and the walk over all of them.
 */
#include "layerproof/index_files.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "file_record.h"
#include "holders.h"
#include "index_batch.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)

/* ---- Writing ---- */

void index_batch_add_file(struct index_batch *batch, const struct index_file_layer *layer,
						  const struct digest *file)
{
	if (!batch->files)
		batch->files = sorter_new(FILED_SIZE, batch_share(batch, SHARE_FILES));
	file_collect(sorter_add(batch->files), layer, file->bytes);
}

/* ---- Look-ups ---- */

bool index_knows_files(const struct index_snapshot *snapshot)
{
	return snapshot->state.identities[FILE_POSITION] > 0;
}

static int read_layer_origin(struct index_snapshot *snapshot, uint32_t number, enum origin *out,
							 struct error *err)
{
	struct record_entry entry = {.origin = ORIGIN_UNKNOWN};
	struct store_bytes key;

	int found = file_layer_key(snapshot->txn, number, &key, err);
	if (found == 1)
		found = holders_get(snapshot->txn, key, &entry, err);
	*out = entry.origin;
	return found < 0 ? -1 : 0;
}

/* Files have few layers in common with all others: what was found of a layer is kept, as its origin
 * and 1. */
static int layer_origin(struct index_snapshot *snapshot, uint32_t number, enum origin *out,
						struct error *err)
{
	if (number >= snapshot->layer_origin_count) {
		size_t count = ((size_t)number + 4096) / 4096 * 4096;
		uint8_t *grown = memory_resize(snapshot->layer_origins, count, 1);
		memset(grown + snapshot->layer_origin_count, 0, count - snapshot->layer_origin_count);
		snapshot->layer_origins = grown;
		snapshot->layer_origin_count = count;
	}
	uint8_t *kept = &snapshot->layer_origins[number];
	if (*kept == 0) {
		if (read_layer_origin(snapshot, number, out, err) < 0)
			return -1;
		*kept = (uint8_t)(*out + 1);
	}
	*out = (enum origin)(*kept - 1);
	return 0;
}

struct finding {
	struct index_snapshot *snapshot;
	struct index_file *out;
	uint64_t layers;
	enum origin strongest;
	bool has_unknown;
};

static int take_file_layer(struct finding *finding, struct store_bytes value, struct error *err)
{
	struct index_file *out = finding->out;
	enum origin origin;
	uint32_t number;

	if (record_read_number(value, &number, err) < 0 ||
		layer_origin(finding->snapshot, number, &origin, err) < 0)
		return -1;
	if (out->layer_count < INDEX_FILE_LAYERS)
		out->layers[out->layer_count++] = number;
	finding->layers++;
	finding->has_unknown = finding->has_unknown || origin == ORIGIN_UNKNOWN;
	if (origin > finding->strongest)
		finding->strongest = origin;
	return 0;
}

/* Nothing disclaims more than a public layer: no more need be read than is told. */
static bool is_settled(const struct finding *finding)
{
	return (finding->strongest == ORIGIN_PUBLIC &&
			finding->out->layer_count == INDEX_FILE_LAYERS) ||
		   finding->layers > LIMIT_FILE_LAYERS;
}

static int walk_file_layers(struct finding *finding, struct store_bytes key, struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(finding->snapshot->txn, DATABASE_FILES, err);
	struct store_bytes found, value;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &found, &value, err);
	while (more == 1) {
		if (take_file_layer(finding, value, err) < 0)
			return -1;
		more = is_settled(finding) ? 0 : store_cursor_next_value(cursor, &value, err);
	}
	return more;
}

static int find_file(struct index_snapshot *snapshot, const struct digest *file,
					 struct index_file *out, struct error *err)
{
	struct finding finding = {.snapshot = snapshot, .out = out};
	struct store_bytes key = {file->bytes, FILE_KEY_SIZE};
	struct store_bytes value;

	*out = (struct index_file){.origin = ORIGIN_UNKNOWN};
	if (file->algorithm != DIGEST_SHA256)
		return 0;
	int found = store_get(snapshot->txn, DATABASE_FILES, key, &value, err);
	if (found != 1)
		return found;
	if (walk_file_layers(&finding, key, err) < 0)
		return -1;
	bool is_unsure = finding.has_unknown || finding.layers > LIMIT_FILE_LAYERS;
	out->origin = finding.strongest == ORIGIN_OURS && is_unsure ? ORIGIN_UNKNOWN
																: finding.strongest;
	return 1;
}

int index_find_file(struct index_snapshot *snapshot, const struct digest *file,
					struct index_file *out, struct error *err)
{
	int found = find_file(snapshot, file, out, err);
	return found < 0 ? index_fail(snapshot->index, err) : found;
}

static int get_layer(struct index_snapshot *snapshot, uint32_t number, struct index_file_layer *out,
					 struct error *err)
{
	struct file_layer layer;
	struct store_bytes key;

	int found = file_layer_key(snapshot->txn, number, &key, err);
	if (found == 1)
		found = file_layer_get(snapshot->txn, key, &layer, err);
	if (found == 0)
		error_set(err, ERROR_MALFORMED, "layer %u is named by a file but is not there", number);
	if (found != 1)
		return -1;
	record_read_key(key.bytes, &out->digest);
	out->has_packages = layer.flags & FILE_PACKAGES;
	return 0;
}

int index_get_file_layer(struct index_snapshot *snapshot, uint32_t number,
						 struct index_file_layer *out, struct error *err)
{
	return get_layer(snapshot, number, out, err) < 0 ? index_fail(snapshot->index, err) : 0;
}

/* ---- All of them ---- */

/* Sorted by layer. */
static int collect_files(struct index_snapshot *snapshot, struct sorter *sorter, struct error *err)
{
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(snapshot->txn, DATABASE_FILES, err);
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	struct index_file_layer layer;
	uint32_t number;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	while (more == 1) {
		if (key.size != FILE_KEY_SIZE)
			return record_damaged("a file", err);
		if (record_read_number(value, &number, err) < 0 ||
			get_layer(snapshot, number, &layer, err) < 0)
			return -1;
		file_collect(sorter_add(sorter), &layer, key.bytes);
		more = store_cursor_next_value(cursor, &value, err);
		if (more == 0)
			more = store_cursor_next(cursor, &key, &value, err);
	}
	return more;
}

int index_each_file(struct index_snapshot *snapshot,
					int (*visit)(void *context, const struct index_file_layer *layer,
								 const struct digest *file),
					void *context, struct error *err)
{
	CLEANUP(sorter_free_at)
	struct sorter *sorter = sorter_new(FILED_SIZE, (size_t)LIMIT_BATCH_MEMORY);
	struct digest file = {.algorithm = DIGEST_SHA256};
	const uint8_t *filed;
	struct index_file_layer layer;
	int result = 0;

	if (collect_files(snapshot, sorter, err) < 0)
		return index_fail(snapshot->index, err);
	sorter_rewind(sorter);
	while (result == 0 && (filed = sorter_next(sorter)) != NULL) {
		record_read_key(filed, &layer.digest);
		layer.has_packages = filed[FILED_FLAGS] & FILE_PACKAGES;
		memcpy(file.bytes, filed + FILED_FILE, FILE_KEY_SIZE);
		result = visit(context, &layer, &file);
	}
	if (result == 0 && sorter_check(sorter, err) < 0)
		return index_fail(snapshot->index, err);
	return result;
}
