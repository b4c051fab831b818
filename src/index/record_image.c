#include "record_image.h"

#include <stdlib.h>

#include "layerproof/memory.h"
#include "record_mention.h"

enum {
	IMAGE_ORIGIN = 3,
	IMAGE_PLATFORM = 1 << 2,
	IMAGE_BASE = 1 << 3,
	IMAGE_KEYS = 1 << 4,
	IMAGE_NAMED_BY_TOP = 1 << 5,
	IMAGE_KNOWN = (1 << 6) - 1,
};

enum { SMALL_COUNT = 64 };

/* ---- Writing ---- */

static const uint8_t **gather_keys(const uint8_t **at, struct store_bytes keys, uint32_t count,
								   bool identified)
{
	const uint8_t *key = keys.bytes;

	for (uint32_t i = 0; i < count; i++) {
		key += identified;
		*at++ = key;
		key += record_key_size(key);
	}
	return at;
}

static int compare_keys(const void *a, const void *b)
{
	const uint8_t *left = *(const uint8_t *const *)a;
	const uint8_t *right = *(const uint8_t *const *)b;

	return memcmp(left + 1, right + 1, record_key_size(left) - 1);
}

/* Whether references tell the digests apart. */
static bool are_told_by_references(const uint8_t **keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keys[i][0] != DIGEST_SHA256)
			return false;
	}
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++) {
		if (memcmp(keys[i - 1] + 1, keys[i] + 1, RECORD_REFERENCE_SIZE) == 0 &&
			compare_keys(&keys[i - 1], &keys[i]) != 0)
			return false;
	}
	return true;
}

static bool needs_keys(const struct pending *pending)
{
	const uint8_t *few[SMALL_COUNT];
	size_t count = (size_t)pending->top_count + pending->layer_count + pending->diff_id_count;
	CLEANUP(free_at)
	const uint8_t **many = count > SMALL_COUNT ? memory_alloc(count, sizeof(*many)) : NULL;
	const uint8_t **keys = many ? many : few;
	const uint8_t **at = gather_keys(keys, pending->tops, pending->top_count, true);

	at = gather_keys(at, pending->layers, pending->layer_count, false);
	gather_keys(at, pending->diff_ids, pending->diff_id_count, false);
	return !are_told_by_references(keys, count);
}

/* Whether `text` is "@" and the digest of a top, and of which. */
static bool is_named_by_top(const struct pending *pending, const char *text, size_t size,
							uint32_t *out)
{
	char digits[DIGEST_TEXT_SIZE];
	const uint8_t *at = pending->tops.bytes;
	struct digest digest;

	if (size == 0 || text[0] != '@')
		return false;
	for (uint32_t i = 0; i < pending->top_count; i++) {
		record_read_key(++at, &digest);
		at += record_key_size(at);
		digest_format(&digest, digits);
		if (strlen(digits) == size - 1 && memcmp(digits, text + 1, size - 1) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static uint8_t *put_digest(uint8_t *at, const uint8_t *key, bool has_keys)
{
	return has_keys ? bytes_put(at, key, record_key_size(key))
					: bytes_put(at, key + 1, RECORD_REFERENCE_SIZE);
}

static uint8_t *put_digests(uint8_t *at, struct store_bytes keys, uint32_t count, bool identified,
							bool has_keys)
{
	const uint8_t *key = keys.bytes;

	for (uint32_t i = 0; i < count; i++) {
		if (identified)
			*at++ = *key++;
		at = put_digest(at, key, has_keys);
		key += record_key_size(key);
	}
	return at;
}

size_t record_content_bound(const struct pending *pending)
{
	return 1 + 9 * (size_t)BYTES_VARINT_MAX + pending->name.size + pending->tops.size +
		   pending->layers.size + pending->diff_ids.size;
}

size_t record_write_content(const struct pending *pending, const struct record_names *names,
							uint8_t *out)
{
	const char *name = pending->name.bytes;
	size_t repository = pending_repository_length(pending->name);
	const char *end = memchr(name + repository, '@', pending->name.size - repository);
	size_t tagged = end ? (size_t)(end - name) : pending->name.size;
	bool has_keys = needs_keys(pending);
	uint32_t top = 0;
	bool by_top = is_named_by_top(pending, name + tagged, pending->name.size - tagged, &top);
	size_t suffix = (by_top ? tagged : pending->name.size) - repository;
	uint8_t *at = out;

	*at++ = (uint8_t)((unsigned)pending->origin | (pending->platform.bytes ? IMAGE_PLATFORM : 0u) |
					  (pending->base.size > 0 ? IMAGE_BASE : 0u) | (has_keys ? IMAGE_KEYS : 0u) |
					  (by_top ? IMAGE_NAMED_BY_TOP : 0u));
	at = bytes_put_varint(at, names->repository);
	at = bytes_put_varint(at, suffix);
	at = bytes_put(at, name + repository, suffix);
	if (by_top)
		at = bytes_put_varint(at, top);
	if (pending->platform.bytes)
		at = bytes_put_varint(at, names->platform);
	if (pending->base.size > 0)
		at = bytes_put_varint(at, names->base);
	at = bytes_put_varint(at, pending->top_count);
	at = bytes_put_varint(at, pending->layer_count);
	at = bytes_put_varint(at, pending->diff_id_count);
	at = put_digests(at, pending->tops, pending->top_count, true, has_keys);
	at = put_digests(at, pending->layers, pending->layer_count, false, has_keys);
	at = put_digests(at, pending->diff_ids, pending->diff_id_count, false, has_keys);
	return (size_t)(at - out);
}

size_t record_mentions_bound(const struct record_mention *mentions, size_t count)
{
	size_t bound = BYTES_VARINT_MAX;
	for (size_t i = 0; i < count; i++)
		bound += 2 * (size_t)BYTES_VARINT_MAX + mentions[i].attributes.size;
	return bound;
}

size_t record_write_mentions(const struct record_mention *mentions, size_t count, uint8_t *out)
{
	uint8_t *at = bytes_put_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		at = bytes_put_varint(at, mentions[i].source);
		at = bytes_put_varint(at, mentions[i].row);
		at = bytes_put(at, mentions[i].attributes.bytes, mentions[i].attributes.size);
	}
	return (size_t)(at - out);
}

/* ---- Reading ---- */

size_t record_reference_size(const struct record_image *image, const uint8_t *at)
{
	return image->has_keys ? record_key_size(at) : RECORD_REFERENCE_SIZE;
}

const uint8_t *record_layer_reference(const struct record_image *image, struct store_bytes stack,
									  size_t position)
{
	const uint8_t *at = stack.bytes;

	for (; position > 0; position--)
		at += record_reference_size(image, at);
	return image->has_keys ? at + 1 : at;
}

/* The count is not trusted: the walk ends with the bytes. */
static struct store_bytes take_digests(struct remaining *left, uint32_t count, bool identified,
									   bool has_keys)
{
	const uint8_t *from = left->at;

	for (uint32_t i = 0; i < count && !left->damaged; i++) {
		uint8_t identity = identified ? take_byte(left) : 1;
		size_t size = RECORD_REFERENCE_SIZE;
		if (has_keys)
			size = digest_size((enum digest_algorithm)take_byte(left));
		if (identity == 0 || (identity & (identity - 1)) != 0 || size == 0)
			left->damaged = true; /* not one bit, no algorithm */
		take(left, size);
	}
	return (struct store_bytes){from, (size_t)(left->at - from)};
}

static void take_name(struct remaining *left, uint8_t flags, struct record_image *out)
{
	out->names.repository = take_varint_32(left);
	out->suffix = take_text(left, take_varint(left));
	out->is_named_by_top = flags & IMAGE_NAMED_BY_TOP;
	out->named_by = out->is_named_by_top ? take_varint_32(left) : 0;
	out->has_platform = flags & IMAGE_PLATFORM;
	out->names.platform = out->has_platform ? take_varint_32(left) : 0;
	out->has_base = flags & IMAGE_BASE;
	out->names.base = out->has_base ? take_varint_32(left) : 0;
}

void record_take_mention(struct remaining *left, struct record_mention *out)
{
	out->source = take_varint_32(left);
	out->row = take_varint(left);
	out->attributes = record_take_attributes(left);
}

static void take_mentions(struct remaining *left, struct record_image *out)
{
	struct record_mention mention = {.source = 0};

	out->mention_count = take_varint_32(left);
	out->mentions.bytes = left->at;
	if (out->mention_count == 0)
		left->damaged = true;
	for (uint32_t i = 0; i < out->mention_count && !left->damaged; i++) {
		uint32_t last = mention.source;
		record_take_mention(left, &mention);
		if (i > 0 && mention.source <= last)
			left->damaged = true;
	}
	out->mentions.size = (size_t)(left->at - (const uint8_t *)out->mentions.bytes);
}

int record_view_image(struct store_bytes bytes, struct record_image *out, struct error *err)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	uint8_t flags = take_byte(&left);

	out->origin = (enum origin)(flags & IMAGE_ORIGIN);
	out->has_keys = flags & IMAGE_KEYS;
	take_name(&left, flags, out);
	out->top_count = take_varint_32(&left);
	out->layer_count = take_varint_32(&left);
	out->diff_id_count = take_varint_32(&left);
	out->tops = take_digests(&left, out->top_count, true, out->has_keys);
	out->layers = take_digests(&left, out->layer_count, false, out->has_keys);
	out->diff_ids = take_digests(&left, out->diff_id_count, false, out->has_keys);
	out->content_size = (size_t)(left.at - (const uint8_t *)bytes.bytes);
	take_mentions(&left, out);
	if (left.damaged || left.size > 0 || flags > IMAGE_KNOWN ||
		(out->is_named_by_top && out->named_by >= out->top_count))
		return record_damaged("an image", err);
	return 0;
}

/* ---- The sum over all images ---- */

static void add_to_sum(uint8_t sum[static RECORD_SUM_SIZE], const uint8_t *added)
{
	unsigned carry = 0;
	for (int i = 0; i < RECORD_SUM_SIZE; i++) {
		carry += (unsigned)sum[i] + added[i];
		sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

static void negate(uint8_t *number)
{
	unsigned carry = 1;
	for (int i = 0; i < RECORD_SUM_SIZE; i++) {
		carry += (uint8_t)~number[i];
		number[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

void record_sum_image(uint8_t sum[static RECORD_SUM_SIZE],
					  const uint8_t content[static PENDING_CONTENT_SIZE], bool is_taken)
{
	uint8_t added[PENDING_CONTENT_SIZE];

	memcpy(added, content, sizeof(added));
	if (is_taken)
		negate(added);
	add_to_sum(sum, added);
}

void record_sum_mention(uint8_t sum[static RECORD_SUM_SIZE],
						const uint8_t content[static PENDING_CONTENT_SIZE],
						struct store_bytes attributes, bool is_taken)
{
	struct digest digest;

	if (attributes.size <= 1)
		return;
	CLEANUP(free_at)
	uint8_t *bytes = memory_alloc(PENDING_CONTENT_SIZE + attributes.size, 1);
	memcpy(bytes, content, PENDING_CONTENT_SIZE);
	memcpy(bytes + PENDING_CONTENT_SIZE, attributes.bytes, attributes.size);
	digest_of(DIGEST_SHA256, bytes, PENDING_CONTENT_SIZE + attributes.size, &digest);
	if (is_taken)
		negate(digest.bytes);
	add_to_sum(sum, digest.bytes);
}
