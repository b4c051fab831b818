/*
 * commit: files of layers.
 *
 * They come sorted by layer. A layer that is new gets a number; its files are then sorted by
 * themselves, so that they are written in the order of their keys.
 */
#include "commit.h"
#include "file_record.h"
#include "holders.h"
#include "layerproof/memory.h"

DEFINE_CLEANUP(struct digest_stream, digest_stream_free)

struct filing {
	struct commit *commit;
	struct sorter *postings;
	struct digest_stream *stream;
	uint32_t next; /* number */
};

static int find_next_number(struct filing *filing, struct error *err)
{
	struct store_bytes key;

	int found = store_last_key(filing->commit->txn, DATABASE_FILE_LAYER_KEYS, &key, err);
	if (found != 1)
		return found;
	if (record_read_number(key, &filing->next, err) < 0)
		return -1;
	filing->next++;
	return 0;
}

/* Whether an image holds the layer, and its files are not known yet: 1, 0 or -1. */
static int is_wanted(struct filing *filing, struct store_bytes key, struct error *err)
{
	struct record_entry entry;
	struct file_layer layer;

	int held = holders_get(filing->commit->txn, key, &entry, err);
	if (held != 1)
		return held;
	int known = file_layer_get(filing->commit->txn, key, &layer, err);
	return known < 0 ? -1 : !known;
}

static int put_layer(struct filing *filing, struct store_bytes key, uint32_t files, uint8_t flags,
					 struct error *err)
{
	struct commit *commit = filing->commit;
	struct file_layer layer = {.number = filing->next, .files = files, .flags = flags};
	uint8_t number[RECORD_NUMBER_SIZE];
	uint8_t record[FILE_LAYER_SIZE];
	struct digest sum;

	if (filing->next == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u layers with files", UINT32_MAX);
	digest_stream_finish(filing->stream, &sum);
	memcpy(layer.sum, sum.bytes, RECORD_SUM_SIZE);
	record_sum_image(commit->state.sum, layer.sum, false);
	file_layer_write(&layer, record);
	record_write_number(filing->next++, number);
	commit->changed = true;
	if (store_put(commit->txn, DATABASE_FILE_LAYERS, key,
				  (struct store_bytes){record, sizeof(record)}, err) < 0)
		return -1;
	return store_put(commit->txn, DATABASE_FILE_LAYER_KEYS,
					 (struct store_bytes){number, sizeof(number)}, key, err);
}

static void add_posting(struct filing *filing, const uint8_t *file)
{
	uint8_t *at = bytes_put(sorter_add(filing->postings), file, FILE_KEY_SIZE);

	bytes_put_ordered_32(at, filing->next);
	digest_stream_add(filing->stream, file, FILE_KEY_SIZE);
}

/* Takes the files of one layer; `*filed` is the first of them, and then what comes behind. */
static int take_layer(struct filing *filing, const uint8_t **filed, struct error *err)
{
	uint8_t layer[RECORD_KEY_MAX];
	uint8_t last[FILE_KEY_SIZE];
	uint8_t flags = (*filed)[FILED_FLAGS];
	uint32_t files = 0;

	memcpy(layer, *filed, sizeof(layer));
	struct store_bytes key = {layer, record_key_size(layer)};
	int wanted = is_wanted(filing, key, err);
	if (wanted < 0)
		return -1;
	digest_stream_start(filing->stream, DIGEST_SHA256);
	digest_stream_add(filing->stream, layer, key.size);
	digest_stream_add(filing->stream, &flags, 1);
	do {
		const uint8_t *file = *filed + FILED_FILE;
		if (wanted && (files == 0 || memcmp(file, last, sizeof(last)) != 0)) {
			add_posting(filing, file);
			memcpy(last, file, sizeof(last));
			files++;
		}
		*filed = sorter_next(filing->commit->batch->files);
	} while (*filed && memcmp(*filed, layer, sizeof(layer)) == 0 && (*filed)[FILED_FLAGS] == flags);
	return wanted ? put_layer(filing, key, files, flags, err) : 0;
}

/* Each file is counted once, when its first layer comes. */
static int put_postings(struct filing *filing, struct error *err)
{
	struct commit *commit = filing->commit;
	uint8_t last[FILE_KEY_SIZE];
	const uint8_t *posting;
	bool has_last = false;

	sorter_rewind(filing->postings);
	while ((posting = sorter_next(filing->postings)) != NULL) {
		struct store_bytes key = {posting, FILE_KEY_SIZE};
		struct store_bytes value;
		int known = has_last && memcmp(posting, last, sizeof(last)) == 0
						? 1
						: store_get(commit->txn, DATABASE_FILES, key, &value, err);
		if (known < 0 ||
			store_put(commit->txn, DATABASE_FILES, key,
					  (struct store_bytes){posting + FILE_KEY_SIZE, RECORD_NUMBER_SIZE}, err) < 0 ||
			commit_step(commit, err) < 0)
			return -1;
		commit->state.identities[FILE_POSITION] += !known;
		memcpy(last, posting, sizeof(last));
		has_last = true;
	}
	return sorter_check(filing->postings, err);
}

int commit_files(struct commit *commit, struct error *err)
{
	struct sorter *files = commit->batch->files;

	if (!files)
		return 0;
	CLEANUP(sorter_free_at)
	struct sorter *postings = sorter_new(FILE_POSTING_SIZE,
										 batch_share(commit->batch, SHARE_FILES));
	CLEANUP(digest_stream_free_at) struct digest_stream *stream = digest_stream_new();
	struct filing filing = {.commit = commit, .postings = postings, .stream = stream};

	if (find_next_number(&filing, err) < 0)
		return -1;
	sorter_rewind(files);
	const uint8_t *filed = sorter_next(files);
	while (filed) {
		if (take_layer(&filing, &filed, err) < 0)
			return -1;
	}
	return sorter_check(files, err) < 0 ? -1 : put_postings(&filing, err);
}
