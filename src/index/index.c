/*
 * index: opening, the version of the format, snapshots.
 */
#include "layerproof/index.h"

#include <stdio.h>
#include <string.h>

#include "index_private.h"
#include "layerproof/clock.h"
#include "layerproof/memory.h"
#include "unfinished.h"

static const char *const SCHEMA_NAMES[DATABASE_COUNT] = {
	[DATABASE_META] = "meta",
	[DATABASE_DIGESTS] = "digests",
	[DATABASE_POSTINGS] = "postings",
	[DATABASE_IMAGES] = "images",
	[DATABASE_SOURCES] = "sources",
	[DATABASE_NAMES] = "names",
	[DATABASE_NAME_HASHES] = "name_hashes",
	[DATABASE_PREFIXES] = "prefixes",
	[DATABASE_FILES] = "files",
	[DATABASE_FILE_LAYERS] = "file_layers",
	[DATABASE_FILE_LAYER_KEYS] = "file_layer_keys",
};

static const bool DATABASE_DUPLICATES[DATABASE_COUNT] = {
	[DATABASE_POSTINGS] = true,
	[DATABASE_FILES] = true,
};

static const struct store_schema SCHEMA = {SCHEMA_NAMES, DATABASE_DUPLICATES, DATABASE_COUNT};

DEFINE_CLEANUP(struct store_txn, store_read_end)

struct store_bytes index_text_key(const char *text)
{
	return (struct store_bytes){.bytes = text, .size = strlen(text)};
}

int index_fail(const struct index *index, struct error *err)
{
	return error_add_context(err, "index %s", index->directory);
}

int index_read_state(struct store_txn *txn, struct record_state *out, struct error *err)
{
	struct store_bytes value;

	int found = store_get(txn, DATABASE_META, index_text_key("state"), &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "damaged: the state is missing");
	return found < 0 ? -1 : record_read_state(value, out, err);
}

/* 1 this version, 0 none written yet, -1 error. */
static int check_version(struct store_txn *txn, struct error *err)
{
	struct store_bytes value;
	uint32_t version;

	int found = store_get(txn, DATABASE_META, index_text_key("version"), &value, err);
	if (found <= 0)
		return found;
	if (record_read_version(value, &version, err) < 0)
		return -1;
	if (version != INDEX_VERSION)
		return error_set(err, ERROR_UNSUPPORTED,
						 "written by version %u of the format; this layerproof reads version %d: "
						 "import the exports again into a new directory",
						 version, INDEX_VERSION);
	return 1;
}

static int missing(struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND,
					 "there is none yet: run `layerproof import` or `layerproof add`, "
					 "or name one with --index");
}

/* Opens what is there, whatever it is, without changing it. */
static struct store *open_existing(const char *directory, struct error *err)
{
	struct error reason = ERROR_INIT;
	CLEANUP(store_close_at)
	struct store *store = store_open(directory, STORE_READ, &SCHEMA, &reason);

	if (!store) {
		*err = reason;
		if (reason.code == ERROR_NOT_FOUND)
			missing(err);
		return NULL;
	}
	CLEANUP(store_read_end_at) struct store_txn *txn = store_read_begin(store, err);
	if (!txn)
		return NULL;
	int found = check_version(txn, err);
	if (found == 0 && store_changes(store) > 1)
		error_set(err, ERROR_MALFORMED, "damaged: the version is missing");
	else if (found == 0)
		missing(err);
	store_read_end(STEAL(txn));
	return found == 1 ? STEAL(store) : NULL;
}

/* Writes what makes a new environment an index. Another process may have been quicker. */
static int create(struct store_txn *txn, void *context, struct error *err)
{
	uint8_t version[RECORD_NUMBER_SIZE];
	uint8_t bytes[RECORD_STATE_SIZE];
	struct record_state state = {.updated_at = clock_now()};

	(void)context;
	int found = check_version(txn, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	record_write_version(INDEX_VERSION, version);
	record_write_state(&state, bytes);
	if (store_put(txn, DATABASE_META, index_text_key("version"),
				  (struct store_bytes){version, sizeof(version)}, err) < 0)
		return -1;
	return store_put(txn, DATABASE_META, index_text_key("state"),
					 (struct store_bytes){bytes, sizeof(bytes)}, err);
}

static int open_for_writing(struct index *index, enum index_mode mode, struct error *err)
{
	struct error reason = ERROR_INIT;
	struct store *existing = open_existing(index->directory, &reason);

	store_close(existing); /* a process opens an environment once at a time */
	/* An index of another version is refused before anything in it is touched. */
	if (!existing && reason.code != ERROR_NOT_FOUND) {
		*err = reason;
		return -1;
	}
	if (store_make_directory(index->directory, err) < 0 ||
		index_claim(index->directory, mode, &index->claim, err) < 0)
		return -1;
	index->store = store_open(index->directory, STORE_WRITE, &SCHEMA, err);
	if (!index->store)
		return -1;
	if (mode != INDEX_WRITE_THROUGH)
		store_heed_interrupt(index->store);
	return existing ? 0 : store_update(index->store, create, NULL, err);
}

struct index *index_open(const char *directory, enum index_mode mode, struct error *err)
{
	CLEANUP(index_close_at) struct index *index = memory_alloc(1, sizeof(*index));

	index->directory = memory_copy_text(directory);
	index->claim = -1;
	if (mode == INDEX_READ)
		index->store = open_existing(directory, err);
	else if (open_for_writing(index, mode, err) < 0)
		store_close(STEAL(index->store));
	if (!index->store) {
		index_fail(index, err);
		return NULL;
	}
	return STEAL(index);
}

void index_close(struct index *index)
{
	if (!index)
		return;
	store_close(index->store);
	store_unclaim(index->claim);
	free(index->directory);
	free(index);
}

struct index_snapshot *index_snapshot_begin(struct index *index, struct error *err)
{
	CLEANUP(store_read_end_at) struct store_txn *txn = store_read_begin(index->store, err);
	struct record_state state;

	int unfinished = txn && index_read_state(txn, &state, err) == 0 ? unfinished_is_marked(txn, err)
																	: -1;
	if (unfinished < 0) {
		index_fail(index, err);
		return NULL;
	}
	if (unfinished == 1)
		store_read_nothing(txn);
	struct index_snapshot *snapshot = memory_alloc(1, sizeof(*snapshot));
	snapshot->index = index;
	snapshot->txn = STEAL(txn);
	snapshot->state = state;
	return snapshot;
}

void index_snapshot_end(struct index_snapshot *snapshot)
{
	if (!snapshot)
		return;
	store_read_end(snapshot->txn);
	free(snapshot->layer_origins);
	free(snapshot);
}

void index_snapshot_id(const struct index_snapshot *snapshot, char id[static INDEX_ID_SIZE],
					   int64_t *updated_at)
{
	for (size_t i = 0; i < RECORD_SUM_SIZE; i++)
		snprintf(id + 2 * i, 3, "%02x", snapshot->state.sum[i]);
	*updated_at = snapshot->state.updated_at;
}

int index_copy(struct index *index, const char *directory, struct error *err)
{
	if (store_copy(index->store, directory, err) == 0)
		return 0;
	error_add_context(err, "copy to %s", directory);
	return index_fail(index, err);
}
