/*
 * verify: files against the layers that hold them.
 */
#include <string.h>

#include "bytes.h"
#include "file_record.h"
#include "holders.h"
#include "layerproof/limits.h"
#include "record_image.h"
#include "sorter.h"
#include "verify.h"

DEFINE_CLEANUP(struct store_cursor, store_cursor_close)
DEFINE_CLEANUP(struct digest_stream, digest_stream_free)

/* ---- Layers ---- */

static int verify_number(struct verify *verify, struct store_bytes key, uint32_t number,
						 const char *text, struct error *err)
{
	struct error reason = ERROR_INIT;
	struct store_bytes there;

	int found = file_layer_key(verify->txn, number, &there, &reason);
	if (found < 0)
		return verify_failure(verify, &reason, err, "%s: layer %u", text, number);
	if (found == 0 || there.size != key.size || memcmp(there.bytes, key.bytes, key.size) != 0)
		return verify_damage(verify, "%s: layer %u is not it", text, number);
	return 0;
}

static int visit_layer(struct verify *verify, struct store_bytes key, struct store_bytes value,
					   struct error *err)
{
	struct error reason = ERROR_INIT;
	char text[DIGEST_TEXT_SIZE];
	struct record_entry entry;
	struct file_layer layer;

	int readable = verify_key(verify, key, "file_layers", text);
	if (readable != 1)
		return readable;
	if (file_layer_read(value, &layer, &reason) < 0)
		return verify_failure(verify, &reason, err, "%s", text);
	verify->file_layers++;
	record_sum_image(verify->seen.sum, layer.sum, false);
	int found = holders_get(verify->txn, key, &entry, &reason);
	if (found < 0 && reason.code != ERROR_MALFORMED)
		return verify_failure(verify, &reason, err, "%s", text);
	if (found == 0 && verify_damage(verify, "%s: has files, and is no digest of the index", text))
		return -1;
	return verify_number(verify, key, layer.number, text, err);
}

/* The other way round; what cannot be read was told with the layer. */
static int visit_layer_key(struct verify *verify, struct store_bytes key, struct store_bytes value,
						   struct error *err)
{
	struct error reason = ERROR_INIT;
	struct file_layer layer;
	uint32_t number;

	if (record_read_number(key, &number, &reason) < 0)
		return verify_failure(verify, &reason, err, "file_layer_keys");
	if (!file_is_layer_key(value))
		return verify_damage(verify, "layer %u: damaged record of a layer's number", number);
	int found = file_layer_get(verify->txn, value, &layer, &reason);
	if (found < 0)
		return reason.code == ERROR_MALFORMED
				   ? 0
				   : verify_failure(verify, &reason, err, "layer %u", number);
	if (found == 0 || layer.number != number)
		return verify_damage(verify, "layer %u: the layer it names has another number", number);
	return 0;
}

/* ---- Files ---- */

/* What the postings say, by layer. */
struct files {
	struct verify *verify;
	struct sorter *sorter; /* number of the layer, key of the file */
	struct digest_stream *stream;
	uint64_t layers; /* that any file leads to */
};

static int collect(struct files *files, struct error *err)
{
	struct verify *verify = files->verify;
	struct error reason = ERROR_INIT;
	CLEANUP(store_cursor_close_at)
	struct store_cursor *cursor = store_cursor_open(verify->txn, DATABASE_FILES, err);
	struct store_bytes key = {.size = 0};
	struct store_bytes value;
	uint32_t number;

	if (!cursor)
		return -1;
	int more = store_cursor_seek(cursor, key, &key, &value, err);
	verify->seen.identities[FILE_POSITION] += more == 1;
	while (more == 1) {
		if (key.size != FILE_KEY_SIZE || record_read_number(value, &number, &reason) < 0) {
			if (verify_damage(verify, "files: damaged record of a file") < 0)
				return -1;
		} else {
			uint8_t *at = bytes_put_ordered_32(sorter_add(files->sorter), number);
			memcpy(at, key.bytes, FILE_KEY_SIZE);
		}
		more = store_cursor_next_value(cursor, &value, err);
		if (more == 0) {
			more = store_cursor_next(cursor, &key, &value, err);
			verify->seen.identities[FILE_POSITION] += more == 1;
		}
	}
	return more;
}

/* The layer of this number: its key and record, 1; 0 where there is none, which is a damage only
 * here: `*posting` leads to it. */
static int find_layer(struct files *files, uint32_t number, struct store_bytes *key,
					  struct file_layer *layer, struct error *err)
{
	struct verify *verify = files->verify;
	struct error reason = ERROR_INIT;

	int found = file_layer_key(verify->txn, number, key, &reason);
	if (found == 1)
		found = file_layer_get(verify->txn, *key, layer, &reason);
	if (found < 0)
		return reason.code == ERROR_MALFORMED
				   ? 0
				   : verify_failure(verify, &reason, err, "layer %u", number);
	if (found == 0)
		return verify_damage(verify, "layer %u: has files, and is not there", number);
	return 1;
}

/* The files of one layer, the first of which is `*posting`; then it is what comes behind. */
static int compare_layer(struct files *files, const uint8_t **posting, struct error *err)
{
	uint32_t number = bytes_get_ordered_32(*posting);
	struct file_layer layer = {.files = 0};
	struct store_bytes key = {.size = 0};
	struct digest sum;
	uint32_t count = 0;

	int found = find_layer(files, number, &key, &layer, err);
	if (found < 0)
		return -1;
	digest_stream_start(files->stream, DIGEST_SHA256);
	if (found == 1) {
		digest_stream_add(files->stream, key.bytes, key.size);
		digest_stream_add(files->stream, &layer.flags, 1);
	}
	for (; *posting && bytes_get_ordered_32(*posting) == number;
		 *posting = sorter_next(files->sorter)) {
		digest_stream_add(files->stream, *posting + RECORD_NUMBER_SIZE, FILE_KEY_SIZE);
		count++;
	}
	digest_stream_finish(files->stream, &sum);
	if (found == 0)
		return 0;
	files->layers++;
	if (count != layer.files)
		return verify_damage(files->verify, "layer %u: %u files counted, and there are %u", number,
							 layer.files, count);
	if (memcmp(sum.bytes, layer.sum, RECORD_SUM_SIZE) != 0)
		return verify_damage(files->verify, "layer %u: its sum is not that of its files", number);
	return 0;
}

static int verify_postings(struct verify *verify, struct error *err)
{
	CLEANUP(sorter_free_at)
	struct sorter *sorter = sorter_new(FILE_POSTING_SIZE, (size_t)LIMIT_BATCH_MEMORY);
	CLEANUP(digest_stream_free_at) struct digest_stream *stream = digest_stream_new();
	struct files files = {.verify = verify, .sorter = sorter, .stream = stream};

	if (collect(&files, err) < 0)
		return -1;
	sorter_rewind(sorter);
	const uint8_t *posting = sorter_next(sorter);
	while (posting) {
		if (compare_layer(&files, &posting, err) < 0)
			return -1;
	}
	if (sorter_check(sorter, err) < 0)
		return -1;
	if (files.layers < verify->file_layers)
		return verify_damage(verify, "file_layers: %llu, of which %llu have files",
							 (unsigned long long)verify->file_layers,
							 (unsigned long long)files.layers);
	return 0;
}

int verify_files(struct verify *verify, struct error *err)
{
	if (verify_walk(verify, DATABASE_FILE_LAYERS, "file_layers", visit_layer, err) < 0 ||
		verify_walk(verify, DATABASE_FILE_LAYER_KEYS, "file_layer_keys", visit_layer_key, err) < 0)
		return -1;
	return verify_postings(verify, err);
}
