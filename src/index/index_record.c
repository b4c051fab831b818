/*
 * index_record: small records of fixed layout, and sources. Images are in record_image.c.
 */
#include "index_record.h"

#include <string.h>

#include "bytes.h"
#include "layerproof/memory.h"

/* Bits of the first byte of a prefix node, above its origin. */
enum {
	PREFIX_ORIGIN = 3,
	PREFIX_EXACT = 1 << 2,
	PREFIX_CONTINUED = 1 << 3,
	PREFIX_MANY_REPOSITORIES = 1 << 4,
	PREFIX_MANY_NEXTS = 1 << 5,
	PREFIX_KNOWN = (1 << 6) - 1,
};

enum { PREFIX_SHORT_SIZE = 5, SOURCE_HEADER_SIZE = 32 };

/* The second byte of an entry: the origin, and how many holders are inline; 0: see the postings. */
enum { ENTRY_ORIGIN = 3, ENTRY_COUNT_SHIFT = 2, ENTRY_LONG_SIZE = 10 };

void record_write_number(uint32_t number, uint8_t out[static RECORD_NUMBER_SIZE])
{
	bytes_put_ordered_32(out, number);
}

int record_read_number(struct store_bytes bytes, uint32_t *out, struct error *err)
{
	if (bytes.size != RECORD_NUMBER_SIZE)
		return record_damaged("a number", err);
	*out = bytes_get_ordered_32(bytes.bytes);
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
	at = bytes_put_32(at, state->next_image);
	at = bytes_put_32(at, state->next_source);
	at = bytes_put_32(at, state->next_name);
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
	out->next_image = bytes_get_32(at + 4);
	out->next_source = bytes_get_32(at + 8);
	out->next_name = bytes_get_32(at + 12);
	at += 16;
	for (int i = 0; i < IDENTITY_COUNT; i++, at += 8)
		out->identities[i] = bytes_get_64(at);
	for (int i = 0; i < 4; i++, at += 8)
		out->origins[i] = bytes_get_64(at);
	memcpy(out->sum, at, RECORD_SUM_SIZE);
	out->updated_at = (int64_t)bytes_get_64(at + RECORD_SUM_SIZE);
	return 0;
}

size_t record_write_entry(const struct record_entry *entry, uint8_t out[static RECORD_ENTRY_MAX])
{
	uint32_t inlined = entry->holders ? entry->images : 0;

	out[0] = (uint8_t)entry->identities;
	out[1] = (uint8_t)((uint32_t)entry->origin | inlined << ENTRY_COUNT_SHIFT);
	if (entry->holders)
		return (size_t)(bytes_put(out + 2, entry->holders, 4 * (size_t)inlined) - out);
	bytes_put_32(bytes_put_32(out + 2, entry->images), entry->first);
	return ENTRY_LONG_SIZE;
}

static int read_long_entry(const uint8_t *at, size_t size, struct record_entry *out)
{
	if (size != ENTRY_LONG_SIZE)
		return -1;
	out->images = bytes_get_32(at + 2);
	out->first = bytes_get_32(at + 6);
	out->holders = NULL;
	return out->images > RECORD_HOLDERS_INLINE ? 0 : -1;
}

static int read_inline_entry(const uint8_t *at, size_t size, struct record_entry *out)
{
	if (out->images > RECORD_HOLDERS_INLINE || size != 2 + 4 * (size_t)out->images)
		return -1;
	out->holders = at + 2;
	out->first = bytes_get_32(at + 2);
	for (uint32_t i = 1; i < out->images; i++) {
		if (bytes_get_32(at + 2 + (size_t)4 * i) <= bytes_get_32(at - 2 + (size_t)4 * i))
			return -1; /* not upward */
	}
	return 0;
}

int record_read_entry(struct store_bytes bytes, struct record_entry *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;

	if (bytes.size < 2 || at[0] == 0)
		return record_damaged("a digest", err);
	out->identities = at[0];
	out->origin = (enum origin)(at[1] & ENTRY_ORIGIN);
	out->images = at[1] >> ENTRY_COUNT_SHIFT;
	int result = out->images == 0 ? read_long_entry(at, bytes.size, out)
								  : read_inline_entry(at, bytes.size, out);
	return result < 0 ? record_damaged("a digest", err) : 0;
}

static bool prefix_is_long(const struct prefix_node *node)
{
	return node->continued && !node->derived && !(node->many_repositories && node->many_nexts);
}

size_t record_write_prefix(const struct prefix_node *node, uint8_t out[static RECORD_PREFIX_MAX])
{
	out[0] = (uint8_t)((unsigned)node->origin | (node->exact ? PREFIX_EXACT : 0u) |
					   (node->continued ? PREFIX_CONTINUED : 0u) |
					   (node->many_repositories ? PREFIX_MANY_REPOSITORIES : 0u) |
					   (node->many_nexts ? PREFIX_MANY_NEXTS : 0u));
	bytes_put_32(out + 1, node->image);
	if (!prefix_is_long(node))
		return PREFIX_SHORT_SIZE;
	bytes_put_32(out + 5, node->repository);
	memcpy(out + 9, node->next, RECORD_REFERENCE_SIZE);
	return RECORD_PREFIX_MAX;
}

int record_read_prefix(struct store_bytes bytes, struct prefix_node *out, struct error *err)
{
	const uint8_t *at = bytes.bytes;
	unsigned flags = bytes.size > 0 ? at[0] : 0;

	if ((bytes.size != PREFIX_SHORT_SIZE && bytes.size != RECORD_PREFIX_MAX) ||
		(flags & ~(unsigned)PREFIX_KNOWN))
		return record_damaged("a stack of layers", err);
	*out = (struct prefix_node){
		.origin = (enum origin)(flags & PREFIX_ORIGIN),
		.exact = flags & PREFIX_EXACT,
		.continued = flags & PREFIX_CONTINUED,
		.many_repositories = flags & PREFIX_MANY_REPOSITORIES,
		.many_nexts = flags & PREFIX_MANY_NEXTS,
		.derived = bytes.size == PREFIX_SHORT_SIZE,
		.image = bytes_get_32(at + 1),
	};
	if (bytes.size == PREFIX_SHORT_SIZE)
		return 0;
	if (!prefix_is_long(out))
		return record_damaged("a stack of layers", err);
	out->repository = bytes_get_32(at + 5);
	memcpy(out->next, at + 9, RECORD_REFERENCE_SIZE);
	return 0;
}

uint8_t *record_write_source(const struct index_source *source, size_t *size)
{
	size_t name = strlen(source->name);
	size_t file = strlen(source->file);
	uint8_t key[RECORD_KEY_MAX];
	size_t key_size = record_write_key(&source->sha256, key);

	*size = SOURCE_HEADER_SIZE + name + file + key_size;
	uint8_t *bytes = memory_alloc(*size, 1);
	uint8_t *at = bytes_put_64(bytes, (uint64_t)source->imported_at);
	at = bytes_put_64(at, source->rows);
	at = bytes_put_64(at, source->refused);
	at = bytes_put_32(at, (uint32_t)name);
	at = bytes_put_32(at, (uint32_t)file);
	at = bytes_put(at, source->name, name);
	at = bytes_put(at, source->file, file);
	bytes_put(at, key, key_size);
	return bytes;
}

int record_read_source(struct store_bytes bytes, struct index_source *out, struct error *err)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	const uint8_t *header = take(&left, SOURCE_HEADER_SIZE);

	if (!header)
		return record_damaged("a source", err);
	struct store_bytes name = take_text(&left, bytes_get_32(header + 24));
	struct store_bytes file = take_text(&left, bytes_get_32(header + 28));
	const uint8_t *key = left.at;
	uint8_t algorithm = take_byte(&left);
	size_t size = digest_size((enum digest_algorithm)algorithm);
	take(&left, size);
	if (left.damaged || left.size > 0 || (algorithm != DIGEST_NONE && size == 0))
		return record_damaged("a source", err);
	out->imported_at = (int64_t)bytes_get_64(header);
	out->rows = bytes_get_64(header + 8);
	out->refused = bytes_get_64(header + 16);
	out->name = memory_copy_span(name.bytes, name.size);
	out->file = memory_copy_span(file.bytes, file.size);
	record_read_key(key, &out->sha256);
	return 0;
}

void index_source_clear(struct index_source *source)
{
	free(source->name);
	free(source->file);
	memset(source, 0, sizeof(*source));
}
