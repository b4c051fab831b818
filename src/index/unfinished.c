#include "unfinished.h"

static const struct store_bytes MARK = {"unfinished", sizeof("unfinished") - 1};

bool unfinished_may_begin(const struct record_state *state)
{
	return state->next_image == 0 && state->next_source == 0 && state->next_name == 0;
}

int unfinished_is_marked(struct store_txn *txn, struct error *err)
{
	struct store_bytes value;

	return store_get(txn, DATABASE_META, MARK, &value, err);
}

int unfinished_mark(struct store_txn *txn, struct error *err)
{
	return store_put(txn, DATABASE_META, MARK, (struct store_bytes){"1", 1}, err);
}

int unfinished_unmark(struct store_txn *txn, struct error *err)
{
	return store_delete(txn, DATABASE_META, MARK, err);
}

int unfinished_clear(struct store_txn *txn, struct error *err)
{
	int marked = unfinished_is_marked(txn, err);

	if (marked != 1)
		return marked;
	for (size_t database = DATABASE_META + 1; database < DATABASE_COUNT; database++)
		if (store_clear(txn, database, err) < 0)
			return -1;
	return unfinished_unmark(txn, err);
}
