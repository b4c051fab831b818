/*
 * names: LMDB's keys are too short for texts, so a hash of the text leads to the numbers of those
 * that have it, and the number to the text.
 */
#include "names.h"

#include "bytes.h"
#include "index_private.h"
#include "layerproof/memory.h"

int names_get(struct store_txn *txn, uint32_t number, struct store_bytes *out, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	record_write_number(number, key);
	int found = store_get(txn, DATABASE_NAMES, (struct store_bytes){key, sizeof(key)}, out, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "damaged: name %u is missing", number);
	return found < 0 ? -1 : 0;
}

/* 1 one of `numbers` is the text's, 0 none, -1 error. */
static int find_among(struct store_txn *txn, struct store_bytes numbers, struct store_bytes text,
					  uint32_t *out, struct error *err)
{
	const uint8_t *at = numbers.bytes;
	struct store_bytes known;

	if (numbers.size % RECORD_NUMBER_SIZE != 0)
		return record_damaged("a name", err);
	for (size_t i = 0; i < numbers.size; i += RECORD_NUMBER_SIZE) {
		*out = bytes_get_32(at + i);
		if (names_get(txn, *out, &known, err) < 0)
			return -1;
		if (known.size == text.size && memcmp(known.bytes, text.bytes, text.size) == 0)
			return 1;
	}
	return 0;
}

static int put_name(struct store_txn *txn, uint32_t number, struct store_bytes text,
					struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];

	record_write_number(number, key);
	return store_append(txn, DATABASE_NAMES, (struct store_bytes){key, sizeof(key)}, text, err);
}

static int put_hash(struct store_txn *txn, struct store_bytes hash, struct store_bytes known,
					uint32_t number, struct error *err)
{
	CLEANUP(free_at) uint8_t *numbers = memory_alloc(known.size + RECORD_NUMBER_SIZE, 1);

	bytes_put_32(bytes_put(numbers, known.bytes, known.size), number);
	return store_put(txn, DATABASE_NAME_HASHES, hash,
					 (struct store_bytes){numbers, known.size + RECORD_NUMBER_SIZE}, err);
}

static int intern(struct store_txn *txn, struct record_state *state, struct store_bytes text,
				  uint32_t *out, struct error *err)
{
	struct digest digest;
	struct store_bytes known = {.size = 0};

	digest_of(DIGEST_SHA256, text.bytes, text.size, &digest);
	struct store_bytes hash = {digest.bytes, NAMES_HASH_SIZE};
	int found = store_get(txn, DATABASE_NAME_HASHES, hash, &known, err);
	if (found == 1)
		found = find_among(txn, known, text, out, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (state->next_name == UINT32_MAX)
		return error_set(err, ERROR_OVER_LIMIT, "more than %u names", UINT32_MAX);
	*out = state->next_name++;
	if (put_hash(txn, hash, known, *out, err) < 0)
		return -1;
	return put_name(txn, *out, text, err);
}

/* The numbers of a hash without this one. */
static int take_number(struct store_txn *txn, struct store_bytes hash, uint32_t number,
					   struct error *err)
{
	struct store_bytes known;

	int found = store_get(txn, DATABASE_NAME_HASHES, hash, &known, err);
	if (found != 1)
		return found;
	CLEANUP(free_at) uint8_t *numbers = memory_alloc(known.size + 1, 1);
	uint8_t *at = numbers;
	for (size_t i = 0; i + RECORD_NUMBER_SIZE <= known.size; i += RECORD_NUMBER_SIZE) {
		uint32_t other = bytes_get_32((const uint8_t *)known.bytes + i);
		if (other != number)
			at = bytes_put_32(at, other);
	}
	if (at == numbers)
		return store_delete(txn, DATABASE_NAME_HASHES, hash, err);
	return store_put(txn, DATABASE_NAME_HASHES, hash,
					 (struct store_bytes){numbers, (size_t)(at - numbers)}, err);
}

int names_forget(struct store_txn *txn, uint32_t number, struct error *err)
{
	uint8_t key[RECORD_NUMBER_SIZE];
	struct digest digest;
	struct store_bytes text;

	if (names_get(txn, number, &text, err) < 0)
		return -1;
	digest_of(DIGEST_SHA256, text.bytes, text.size, &digest);
	if (take_number(txn, (struct store_bytes){digest.bytes, NAMES_HASH_SIZE}, number, err) < 0)
		return -1;
	record_write_number(number, key);
	return store_delete(txn, DATABASE_NAMES, (struct store_bytes){key, sizeof(key)}, err);
}

int names_intern(struct text_map *names, struct store_txn *txn, struct record_state *state,
				 struct store_bytes text, uint32_t *out, struct error *err)
{
	if (text_map_get(names, text.bytes, text.size, out))
		return 0;
	if (intern(txn, state, text, out, err) < 0)
		return -1;
	text_map_put(names, text.bytes, text.size, *out);
	return 0;
}
