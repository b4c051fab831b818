/*
 * index_record: small records of fixed layout. Images and sources are in index_record_image.c.
 */
#include "index_record.h"

#include <string.h>

#include "bytes.h"

/* Bits of the first byte of a prefix node, above its origin. */
enum {
	PREFIX_ORIGIN = 3,
	PREFIX_EXACT = 1 << 2,
	PREFIX_CONTINUED = 1 << 3,
	PREFIX_MANY_REPOSITORIES = 1 << 4,
	PREFIX_MANY_NEXTS = 1 << 5,
	PREFIX_KNOWN = (1 << 6) - 1,
};

enum { PREFIX_SHORT_SIZE = 5 };

void record_write_number(uint32_t number, uint8_t out[static RECORD_NUMBER_SIZE])
{
	for (int i = 0; i < RECORD_NUMBER_SIZE; i++)
		out[i] = (uint8_t)(number >> (24 - 8 * i));
}

int record_read_number(struct store_bytes bytes, uint32_t *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;

	if (bytes.size != RECORD_NUMBER_SIZE)
		return record_damaged("a number", err);
	*out = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	return 0;
}

void record_write_version(uint32_t version, uint8_t out[static RECORD_NUMBER_SIZE])
{
	bytes_put_32(out, version);
}

int record_read_version(struct store_bytes bytes, uint32_t *out, struct error *err)
{
	if (bytes.size != RECORD_NUMBER_SIZE)
		return record_damaged("the version", err);
	*out = bytes_get_32(bytes.bytes);
	return 0;
}

size_t record_write_key(const struct digest *digest, uint8_t out[static RECORD_KEY_MAX])
{
	size_t size = digest_size(digest->algorithm);

	out[0] = (uint8_t)digest->algorithm;
	memcpy(out + 1, digest->bytes, size);
	return 1 + size;
}

size_t record_key_size(const uint8_t *key)
{
	return 1 + digest_size((enum digest_algorithm)key[0]);
}

void record_read_key(const uint8_t *key, struct digest *out)
{
	memset(out, 0, sizeof(*out));
	out->algorithm = (enum digest_algorithm)key[0];
	memcpy(out->bytes, key + 1, digest_size(out->algorithm));
}

void record_write_state(const struct record_state *state, uint8_t out[static RECORD_STATE_SIZE])
{
	uint8_t *at = out;

	at = bytes_put_32(at, state->images);
	at = bytes_put_32(at, state->sources);
	for (int i = 0; i < IDENTITY_COUNT; i++)
		at = bytes_put_64(at, state->identities[i]);
	for (int i = 0; i < 4; i++)
		at = bytes_put_64(at, state->origins[i]);
	memcpy(at, state->sum, RECORD_SUM_SIZE);
	bytes_put_64(at + RECORD_SUM_SIZE, (uint64_t)state->updated_at);
}

int record_read_state(struct store_bytes bytes, struct record_state *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;

	if (bytes.size != RECORD_STATE_SIZE)
		return record_damaged("the state", err);
	out->images = bytes_get_32(at);
	out->sources = bytes_get_32(at + 4);
	at += 8;
	for (int i = 0; i < IDENTITY_COUNT; i++, at += 8)
		out->identities[i] = bytes_get_64(at);
	for (int i = 0; i < 4; i++, at += 8)
		out->origins[i] = bytes_get_64(at);
	memcpy(out->sum, at, RECORD_SUM_SIZE);
	out->updated_at = (int64_t)bytes_get_64(at + RECORD_SUM_SIZE);
	return 0;
}

void record_write_entry(const struct index_entry *entry, uint8_t out[static RECORD_ENTRY_SIZE])
{
	out[0] = (uint8_t)entry->identities;
	out[1] = (uint8_t)entry->origin;
	bytes_put_32(out + 2, entry->images);
	bytes_put_32(out + 6, entry->first);
}

int record_read_entry(struct store_bytes bytes, struct index_entry *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;

	if (bytes.size != RECORD_ENTRY_SIZE || at[0] == 0 || at[1] > ORIGIN_PUBLIC ||
		bytes_get_32(at + 2) == 0)
		return record_damaged("a digest", err);
	out->identities = at[0];
	out->origin = (enum origin)at[1];
	out->images = bytes_get_32(at + 2);
	out->first = bytes_get_32(at + 6);
	return 0;
}

size_t record_write_prefix(const struct prefix_node *node, uint8_t out[static RECORD_PREFIX_MAX])
{
	out[0] = (uint8_t)((unsigned)node->origin | (node->exact ? PREFIX_EXACT : 0u) |
					   (node->continued ? PREFIX_CONTINUED : 0u) |
					   (node->many_repositories ? PREFIX_MANY_REPOSITORIES : 0u) |
					   (node->many_nexts ? PREFIX_MANY_NEXTS : 0u));
	bytes_put_32(out + 1, node->image);
	if (!node->continued)
		return PREFIX_SHORT_SIZE;
	bytes_put_64(out + 5, node->repository);
	bytes_put_64(out + 13, node->next);
	return RECORD_PREFIX_MAX;
}

int record_read_prefix(struct store_bytes bytes, struct prefix_node *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;
	unsigned flags = bytes.size > 0 ? at[0] : 0;
	size_t size = flags & PREFIX_CONTINUED ? RECORD_PREFIX_MAX : PREFIX_SHORT_SIZE;

	if (bytes.size != size || (flags & ~(unsigned)PREFIX_KNOWN))
		return record_damaged("a stack of layers", err);
	*out = (struct prefix_node){
		.origin = (enum origin)(flags & PREFIX_ORIGIN),
		.exact = flags & PREFIX_EXACT,
		.continued = flags & PREFIX_CONTINUED,
		.many_repositories = flags & PREFIX_MANY_REPOSITORIES,
		.many_nexts = flags & PREFIX_MANY_NEXTS,
		.image = bytes_get_32(at + 1),
	};
	if (out->continued) {
		out->repository = bytes_get_64(at + 5);
		out->next = bytes_get_64(at + 13);
	}
	return 0;
}
