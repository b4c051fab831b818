#include "pending.h"

#include <stdlib.h>

#include "layerproof/memory.h"
#include "record_mention.h"

enum { IMAGE_ORIGIN = 3, IMAGE_PLATFORM = 1 << 2, IMAGE_BASE = 1 << 3, IMAGE_KNOWN = (1 << 4) - 1 };
enum { MENTION_OWN = 1 << 0, MENTION_FILE = 1 << 1, MENTION_KNOWN = (1 << 2) - 1 };

static size_t text_size(const char *text)
{
	return text ? strlen(text) : 0;
}

/* ---- Writing ---- */

static uint8_t *put_key(uint8_t *at, const struct digest *digest)
{
	return at + record_write_key(digest, at);
}

static uint8_t *put_keys(uint8_t *at, const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at = put_key(at, &digests[i]);
	return at;
}

/* What an image that no index gave back says of itself. Borrows. */
static struct image_mention own_mention(const struct internal_image *image)
{
	return (struct image_mention){
		.source = image->source,
		.row = image->row,
		.has_boundary = image->has_boundary,
		.boundary = image->boundary,
		.root_layers = image->root_layers,
		.severities = image->severities,
		.layer_severities = image->layer_severities,
		.layer_severity_count = image->layer_severity_count,
	};
}

static size_t mention_bound(const struct image_mention *mention)
{
	return 1 + 2 * (size_t)BYTES_VARINT_MAX + text_size(mention->source) + RECORD_KEY_MAX +
		   record_attributes_bound(mention);
}

static size_t mentions_bound(const struct internal_image *image)
{
	struct image_mention own = own_mention(image);
	size_t bound = mention_bound(&own);

	for (size_t i = 0; i < image->mention_count; i++)
		bound += mention_bound(&image->mentions[i]);
	return bound;
}

size_t pending_bound(const struct internal_image *image)
{
	size_t digests = 1 + image->top_count + image->layer_count + image->diff_id_count;

	return PENDING_CONTENT_SIZE + 1 + 6 * (size_t)BYTES_VARINT_MAX + text_size(image->name) +
		   text_size(image->platform) + digests * (1 + RECORD_KEY_MAX) + mentions_bound(image);
}

/* What an export calls the digest of the image comes first: it is shown as such. */
static unsigned rank_of(const struct identified_digest *top)
{
	return top->identity == IDENTITY_IMAGE ? 0 : (unsigned)top->identity;
}

static int compare_tops(const void *a, const void *b)
{
	const struct identified_digest *left = a;
	const struct identified_digest *right = b;

	if (left->identity != right->identity)
		return rank_of(left) < rank_of(right) ? -1 : 1;
	return digest_compare(&left->digest, &right->digest);
}

static uint8_t *put_top(uint8_t *at, const struct identified_digest *top)
{
	*at++ = (uint8_t)top->identity;
	return put_key(at, &top->digest);
}

/* In order, so that the order they came in does not tell images apart. */
static uint8_t *put_tops(uint8_t *at, const struct internal_image *image)
{
	size_t count = image->top_count;

	if (count == 1)
		return put_top(at, &image->tops[0]);
	CLEANUP(free_at) struct identified_digest *tops = memory_alloc(count + 1, sizeof(*tops));
	if (count > 0)
		memcpy(tops, image->tops, count * sizeof(*tops));
	qsort(tops, count, sizeof(*tops), compare_tops);
	for (size_t i = 0; i < count; i++)
		at = put_top(at, &tops[i]);
	return at;
}

static uint8_t *put_content(uint8_t *at, const struct internal_image *image)
{
	bool has_base = digest_is_set(&image->base_digest);

	*at++ = (uint8_t)((unsigned)image->origin | (image->platform ? IMAGE_PLATFORM : 0u) |
					  (has_base ? IMAGE_BASE : 0u));
	at = bytes_put_varint(at, text_size(image->name));
	at = bytes_put_varint(at, text_size(image->platform));
	at = bytes_put_varint(at, image->top_count);
	at = bytes_put_varint(at, image->layer_count);
	at = bytes_put_varint(at, image->diff_id_count);
	at = bytes_put(at, image->name, text_size(image->name));
	at = bytes_put(at, image->platform, text_size(image->platform));
	if (has_base)
		at = put_key(at, &image->base_digest);
	at = put_tops(at, image);
	at = put_keys(at, image->layers, image->layer_count);
	return put_keys(at, image->diff_ids, image->diff_id_count);
}

static uint8_t *put_mention(uint8_t *at, const struct internal_image *image,
							const struct image_mention *mention, bool is_own)
{
	bool has_file = digest_is_set(&mention->file);

	*at++ = (uint8_t)((is_own ? MENTION_OWN : 0) | (has_file ? MENTION_FILE : 0));
	at = bytes_put_varint(at, text_size(mention->source));
	at = bytes_put(at, mention->source, text_size(mention->source));
	if (has_file)
		at = put_key(at, &mention->file);
	at = bytes_put_varint(at, mention->row);
	return record_write_attributes(mention, image, at);
}

size_t pending_write(const struct internal_image *image, uint8_t *out)
{
	uint8_t *content = out + PENDING_CONTENT_SIZE;
	uint8_t *at = put_content(content, image);
	struct image_mention own = own_mention(image);
	struct digest digest;

	digest_of(DIGEST_SHA256, content, (size_t)(at - content), &digest);
	memcpy(out, digest.bytes, PENDING_CONTENT_SIZE);
	at = bytes_put_varint(at, image->mention_count > 0 ? image->mention_count : 1);
	if (image->mention_count == 0)
		at = put_mention(at, image, &own, true);
	for (size_t i = 0; i < image->mention_count; i++)
		at = put_mention(at, image, &image->mentions[i], false);
	return (size_t)(at - out);
}

/* ---- Reading ---- */

static void take_key(struct remaining *left)
{
	size_t size = digest_size((enum digest_algorithm)take_byte(left));

	if (size == 0 || !take(left, size))
		left->damaged = true;
}

/* The count is not trusted: the walk ends with the bytes. */
static struct store_bytes take_keys(struct remaining *left, uint32_t count, bool identified)
{
	const uint8_t *from = left->at;

	for (uint32_t i = 0; i < count && !left->damaged; i++) {
		if (identified)
			take_byte(left);
		take_key(left);
	}
	return (struct store_bytes){from, (size_t)(left->at - from)};
}

void pending_take_mention(struct remaining *left, struct pending_mention *out)
{
	uint8_t flags = take_byte(left);

	if (flags > MENTION_KNOWN)
		left->damaged = true;
	*out = (struct pending_mention){.is_own = flags & MENTION_OWN};
	out->source = take_text(left, take_varint(left));
	if (flags & MENTION_FILE) {
		const uint8_t *key = left->at;
		take_key(left);
		if (!left->damaged)
			record_read_key(key, &out->file);
	}
	out->row = take_varint(left);
	out->attributes = record_take_attributes(left);
}

static void take_mentions(struct remaining *left, struct pending *out)
{
	struct pending_mention mention;

	out->mention_count = take_varint_32(left);
	out->mentions.bytes = left->at;
	for (uint32_t i = 0; i < out->mention_count && !left->damaged; i++)
		pending_take_mention(left, &mention);
	out->mentions.size = (size_t)(left->at - (const uint8_t *)out->mentions.bytes);
}

int pending_read(struct store_bytes bytes, struct pending *out, struct error *err)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	const uint8_t *content = take(&left, PENDING_CONTENT_SIZE);
	uint8_t flags = take_byte(&left);
	uint64_t name_size = take_varint(&left);
	uint64_t platform_size = take_varint(&left);

	out->origin = (enum origin)(flags & IMAGE_ORIGIN);
	out->top_count = take_varint_32(&left);
	out->layer_count = take_varint_32(&left);
	out->diff_id_count = take_varint_32(&left);
	out->name = take_text(&left, name_size);
	out->platform = take_text(&left, platform_size);
	if (!(flags & IMAGE_PLATFORM))
		out->platform.bytes = NULL;
	out->base = take_keys(&left, flags & IMAGE_BASE ? 1 : 0, false);
	out->tops = take_keys(&left, out->top_count, true);
	out->layers = take_keys(&left, out->layer_count, false);
	out->diff_ids = take_keys(&left, out->diff_id_count, false);
	take_mentions(&left, out);
	if (left.damaged || left.size > 0 || flags > IMAGE_KNOWN)
		return record_damaged("an image that waits", err);
	memcpy(out->content, content, PENDING_CONTENT_SIZE);
	return 0;
}

size_t pending_repository_length(struct store_bytes name)
{
	const char *text = name.bytes;
	const char *at = memchr(text, '@', name.size);
	size_t length = at ? (size_t)(at - text) : name.size;
	size_t slash = length;

	while (slash > 0 && text[slash - 1] != '/')
		slash--;
	const char *colon = memchr(text + slash, ':', length - slash);
	return colon ? (size_t)(colon - text) : length;
}
