/*
 * verify: the texts that images share, and the hashes that lead to them.
 */
#include <string.h>

#include "bytes.h"
#include "names.h"
#include "verify.h"

static void hash_of(struct store_bytes text, uint8_t out[static NAMES_HASH_SIZE])
{
	struct digest digest;

	digest_of(DIGEST_SHA256, text.bytes, text.size, &digest);
	memcpy(out, digest.bytes, NAMES_HASH_SIZE);
}

static bool lists(struct store_bytes numbers, uint32_t number)
{
	const uint8_t *at = numbers.bytes;

	for (size_t i = 0; i + RECORD_NUMBER_SIZE <= numbers.size; i += RECORD_NUMBER_SIZE)
		if (bytes_get_32(at + i) == number)
			return true;
	return false;
}

static int visit_name(struct verify *verify, struct store_bytes key, struct store_bytes value,
					  struct error *err)
{
	struct error reason = ERROR_INIT;
	uint8_t hash[NAMES_HASH_SIZE];
	struct store_bytes numbers;
	uint32_t number;

	verify->counts->names++;
	if (record_read_number(key, &number, &reason) < 0)
		return verify_failure(verify, &reason, err, "names");
	if (number >= verify->snapshot->state.next_name)
		return verify_damage(verify, "name %u: the next number to be given is %u", number,
							 verify->snapshot->state.next_name);
	hash_of(value, hash);
	int found = store_get(verify->txn, DATABASE_NAME_HASHES,
						  (struct store_bytes){hash, sizeof(hash)}, &numbers, &reason);
	if (found < 0)
		return verify_failure(verify, &reason, err, "name %u", number);
	if (found == 0 || !lists(numbers, number))
		return verify_damage(verify, "name %u: its hash does not lead to it", number);
	return 0;
}

static int check_number(struct verify *verify, struct store_bytes hash, uint32_t number,
						struct error *err)
{
	struct error reason = ERROR_INIT;
	uint8_t own[NAMES_HASH_SIZE];
	struct store_bytes text;

	if (names_get(verify->txn, number, &text, &reason) < 0)
		return verify_failure(verify, &reason, err, "hash of a name");
	hash_of(text, own);
	if (hash.size != sizeof(own) || memcmp(hash.bytes, own, sizeof(own)) != 0)
		return verify_damage(verify, "name %u: another text's hash leads to it", number);
	return 0;
}

static int visit_hash(struct verify *verify, struct store_bytes key, struct store_bytes value,
					  struct error *err)
{
	const uint8_t *at = value.bytes;

	if (value.size == 0 || value.size % RECORD_NUMBER_SIZE != 0)
		return verify_damage(verify, "hash of a name: damaged record of a name");
	for (size_t i = 0; i < value.size; i += RECORD_NUMBER_SIZE)
		if (check_number(verify, key, bytes_get_32(at + i), err) < 0)
			return -1;
	return 0;
}

int verify_names(struct verify *verify, struct error *err)
{
	if (verify_walk(verify, DATABASE_NAMES, "names", visit_name, err) < 0)
		return -1;
	return verify_walk(verify, DATABASE_NAME_HASHES, "hashes of names", visit_hash, err);
}
