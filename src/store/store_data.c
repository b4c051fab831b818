/*
 * store: keys and values inside a transaction.
 */
#include "store_private.h"

#include <string.h>

#include "layerproof/memory.h"

enum { KEY_MAX = 511 }; /* lmdb.h, mdb_env_get_maxkeysize() */

struct store_cursor {
	const struct store_txn *txn;
	MDB_cursor *cursor; /* NULL over a database that is not there */
	uint8_t last[KEY_MAX];
	size_t last_size; /* 0: no key was met yet */
};

static MDB_val to_value(struct store_bytes bytes)
{
	/* LMDB does not write through mv_data of what it is given. */
	return (MDB_val){.mv_size = bytes.size, .mv_data = (void *)(uintptr_t)bytes.bytes};
}

static struct store_bytes from_value(MDB_val value)
{
	return (struct store_bytes){.bytes = value.mv_data, .size = value.mv_size};
}

void store_read_nothing(struct store_txn *txn)
{
	txn->reads_nothing = true;
}

static bool is_present(const struct store_txn *txn, size_t database)
{
	return txn->store->present[database] && !txn->reads_nothing;
}

/* The cursor of a write transaction over a database. */
static int write_cursor(struct store_txn *txn, size_t database, MDB_cursor **out)
{
	MDB_cursor **cursor = &txn->cursors[database];
	int code = 0;

	if (!*cursor)
		code = mdb_cursor_open(txn->txn, txn->store->handles[database], cursor);
	*out = *cursor;
	return code;
}

static int get(struct store_txn *txn, size_t database, MDB_val *key, MDB_val *value)
{
	MDB_cursor *cursor;

	if (!txn->writable)
		return mdb_get(txn->txn, txn->store->handles[database], key, value);
	int code = write_cursor(txn, database, &cursor);
	return code == 0 ? mdb_cursor_get(cursor, key, value, MDB_SET) : code;
}

int store_get(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes *value, struct error *err)
{
	MDB_val wanted = to_value(key);
	MDB_val found;

	if (!is_present(txn, database))
		return 0;
	int code = get(txn, database, &wanted, &found);
	if (code == MDB_NOTFOUND)
		return 0;
	if (code != 0)
		return store_fail(code, "cannot read", err);
	if (store_check_place(txn, &found, err) < 0)
		return -1;
	*value = from_value(found);
	return 1;
}

/* A snapshot has no cursors at hand: it opens one, as few such look-ups are made. */
static int get_both(struct store_txn *txn, size_t database, MDB_val *key, MDB_val *value)
{
	MDB_cursor *cursor;

	if (txn->writable) {
		int code = write_cursor(txn, database, &cursor);
		return code == 0 ? mdb_cursor_get(cursor, key, value, MDB_GET_BOTH) : code;
	}
	int code = mdb_cursor_open(txn->txn, txn->store->handles[database], &cursor);
	if (code != 0)
		return code;
	code = mdb_cursor_get(cursor, key, value, MDB_GET_BOTH);
	mdb_cursor_close(cursor);
	return code;
}

int store_has(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes value, struct error *err)
{
	MDB_val wanted = to_value(key);
	MDB_val bytes = to_value(value);

	if (!is_present(txn, database))
		return 0;
	int code = get_both(txn, database, &wanted, &bytes);
	if (code == MDB_NOTFOUND)
		return 0;
	return code == 0 ? 1 : store_fail(code, "cannot read", err);
}

static int change_failed(struct store_txn *txn, int code, struct error *err)
{
	txn->map_full = txn->map_full || code == MDB_MAP_FULL;
	return store_fail(code, "cannot write", err);
}

static int put(struct store_txn *txn, size_t database, struct store_bytes key,
			   struct store_bytes value, unsigned flags, struct error *err)
{
	MDB_val at = to_value(key);
	MDB_val bytes = to_value(value);
	MDB_cursor *cursor;

	if (store_check_interrupt(txn->store, err) < 0)
		return -1;
	int code = write_cursor(txn, database, &cursor);
	if (code == 0)
		code = mdb_cursor_put(cursor, &at, &bytes, flags);
	txn->pending += key.size + value.size;
	return code == 0 ? 0 : change_failed(txn, code, err);
}

int store_put(struct store_txn *txn, size_t database, struct store_bytes key,
			  struct store_bytes value, struct error *err)
{
	return put(txn, database, key, value, 0, err);
}

int store_append(struct store_txn *txn, size_t database, struct store_bytes key,
				 struct store_bytes value, struct error *err)
{
	return put(txn, database, key, value, MDB_APPEND, err);
}

static int delete (struct store_txn *txn, size_t database, struct store_bytes key, MDB_val *value,
				   struct error *err)
{
	MDB_val at = to_value(key);

	if (store_check_interrupt(txn->store, err) < 0)
		return -1;
	int code = mdb_del(txn->txn, txn->store->handles[database], &at, value);
	return code == 0 || code == MDB_NOTFOUND ? 0 : change_failed(txn, code, err);
}

int store_delete(struct store_txn *txn, size_t database, struct store_bytes key, struct error *err)
{
	return delete (txn, database, key, NULL, err);
}

int store_delete_value(struct store_txn *txn, size_t database, struct store_bytes key,
					   struct store_bytes value, struct error *err)
{
	MDB_val bytes = to_value(value);

	return delete (txn, database, key, &bytes, err);
}

int store_clear(struct store_txn *txn, size_t database, struct error *err)
{
	if (store_check_interrupt(txn->store, err) < 0)
		return -1;
	int code = mdb_drop(txn->txn, txn->store->handles[database], 0);
	return code == 0 ? 0 : change_failed(txn, code, err);
}

int store_last_key(struct store_txn *txn, size_t database, struct store_bytes *key,
				   struct error *err)
{
	MDB_val at = {.mv_size = 0};
	MDB_val value;
	MDB_cursor *cursor;

	int code = write_cursor(txn, database, &cursor);
	if (code == 0)
		code = mdb_cursor_get(cursor, &at, &value, MDB_LAST);
	if (code == MDB_NOTFOUND)
		return 0;
	if (code != 0)
		return store_fail(code, "cannot read", err);
	*key = from_value(at);
	return 1;
}

struct store_cursor *store_cursor_open(struct store_txn *txn, size_t database, struct error *err)
{
	MDB_cursor *cursor = NULL;

	if (is_present(txn, database)) {
		int code = mdb_cursor_open(txn->txn, txn->store->handles[database], &cursor);
		if (code != 0) {
			store_fail(code, "cannot read", err);
			return NULL;
		}
	}
	struct store_cursor *opened = memory_alloc(1, sizeof(*opened));
	opened->txn = txn;
	opened->cursor = cursor;
	return opened;
}

void store_cursor_close(struct store_cursor *cursor)
{
	if (!cursor)
		return;
	if (cursor->cursor)
		mdb_cursor_close(cursor->cursor);
	free(cursor);
}

static int move(struct store_cursor *cursor, MDB_cursor_op operation, MDB_val *key,
				struct store_bytes *value, struct error *err)
{
	MDB_val found;

	if (!cursor->cursor)
		return 0;
	int code = mdb_cursor_get(cursor->cursor, key, &found, operation);
	if (code == MDB_NOTFOUND)
		return 0;
	if (code != 0)
		return store_fail(code, "cannot read", err);
	if (store_check_place(cursor->txn, key, err) < 0 ||
		store_check_place(cursor->txn, &found, err) < 0)
		return -1;
	*value = from_value(found);
	return 1;
}

/* Pages that lead back to where the walk has been would make it endless. */
static int keep_key(struct store_cursor *cursor, const MDB_val *key, bool is_behind,
					struct error *err)
{
	size_t common = key->mv_size < cursor->last_size ? key->mv_size : cursor->last_size;

	if (key->mv_size > KEY_MAX)
		return error_set(err, ERROR_MALFORMED, "cannot read: damaged: a key is too long");
	int order = memcmp(cursor->last, key->mv_data, common);
	if (is_behind && (order > 0 || (order == 0 && key->mv_size <= cursor->last_size)))
		return error_set(err, ERROR_MALFORMED, "cannot read: damaged: keys are not in order");
	memcpy(cursor->last, key->mv_data, key->mv_size);
	cursor->last_size = key->mv_size;
	return 1;
}

int store_cursor_seek(struct store_cursor *cursor, struct store_bytes key,
					  struct store_bytes *found_key, struct store_bytes *value, struct error *err)
{
	MDB_val at = to_value(key);

	int result = move(cursor, key.size == 0 ? MDB_FIRST : MDB_SET_RANGE, &at, value, err);
	if (result != 1)
		return result;
	*found_key = from_value(at);
	return keep_key(cursor, &at, false, err);
}

int store_cursor_next(struct store_cursor *cursor, struct store_bytes *key,
					  struct store_bytes *value, struct error *err)
{
	MDB_val at = {.mv_size = 0};

	int result = move(cursor, MDB_NEXT_NODUP, &at, value, err);
	if (result != 1)
		return result;
	*key = from_value(at);
	return keep_key(cursor, &at, true, err);
}

int store_cursor_next_value(struct store_cursor *cursor, struct store_bytes *value,
							struct error *err)
{
	MDB_val at = {.mv_size = 0};

	return move(cursor, MDB_NEXT_DUP, &at, value, err);
}

int store_count(struct store_txn *txn, size_t database, uint64_t *out, struct error *err)
{
	MDB_stat stat;

	*out = 0;
	if (!is_present(txn, database))
		return 0;
	int code = mdb_stat(txn->txn, txn->store->handles[database], &stat);
	if (code != 0)
		return store_fail(code, "cannot read", err);
	*out = stat.ms_entries;
	return 0;
}
