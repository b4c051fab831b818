/*
 * index_record: records of images and of sources, which hold texts and lists.
 *
 * Image: origin 1, flags 1, row 8, then the sizes of name, platform and source and the counts of
 * tops, layers and diff_ids, 4 each; then the three texts, the base digest when flagged, the tops
 * (identity byte and digest), the layers, the diff_ids. A digest is its algorithm byte and its raw
 * bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "index_record.h"
#include "layerproof/memory.h"

enum { IMAGE_PLATFORM = 1 << 0, IMAGE_BASE = 1 << 1, IMAGE_KNOWN = (1 << 2) - 1 };
enum { IMAGE_HEADER_SIZE = 34, SOURCE_HEADER_SIZE = 32 };

/* ---- Writing ---- */

static size_t text_size(const char *text)
{
	return text ? strlen(text) : 0;
}

static size_t key_size(const struct digest *digest)
{
	return 1 + digest_size(digest->algorithm);
}

static size_t keys_size(const struct digest *digests, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += key_size(&digests[i]);
	return size;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
	size_t size = text_size(text);

	if (size > 0)
		memcpy(at, text, size);
	return at + size;
}

static uint8_t *put_key(uint8_t *at, const struct digest *digest)
{
	*at++ = (uint8_t)digest->algorithm;
	memcpy(at, digest->bytes, digest_size(digest->algorithm));
	return at + digest_size(digest->algorithm);
}

static uint8_t *put_keys(uint8_t *at, const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at = put_key(at, &digests[i]);
	return at;
}

size_t record_image_size(const struct internal_image *image)
{
	size_t size = IMAGE_HEADER_SIZE + text_size(image->name) + text_size(image->platform) +
				  text_size(image->source);

	if (digest_is_set(&image->base_digest))
		size += key_size(&image->base_digest);
	for (size_t i = 0; i < image->top_count; i++)
		size += 1 + key_size(&image->tops[i].digest);
	return size + keys_size(image->layers, image->layer_count) +
		   keys_size(image->diff_ids, image->diff_id_count);
}

void record_write_image(const struct internal_image *image, uint8_t *out)
{
	bool has_base = digest_is_set(&image->base_digest);
	uint8_t *at = out;

	*at++ = (uint8_t)image->origin;
	*at++ = (uint8_t)((image->platform ? IMAGE_PLATFORM : 0) | (has_base ? IMAGE_BASE : 0));
	at = bytes_put_64(at, image->row);
	at = bytes_put_32(at, (uint32_t)text_size(image->name));
	at = bytes_put_32(at, (uint32_t)text_size(image->platform));
	at = bytes_put_32(at, (uint32_t)text_size(image->source));
	at = bytes_put_32(at, (uint32_t)image->top_count);
	at = bytes_put_32(at, (uint32_t)image->layer_count);
	at = bytes_put_32(at, (uint32_t)image->diff_id_count);
	at = put_text(at, image->name);
	at = put_text(at, image->platform);
	at = put_text(at, image->source);
	if (has_base)
		at = put_key(at, &image->base_digest);
	for (size_t i = 0; i < image->top_count; i++) {
		*at++ = (uint8_t)image->tops[i].identity;
		at = put_key(at, &image->tops[i].digest);
	}
	at = put_keys(at, image->layers, image->layer_count);
	put_keys(at, image->diff_ids, image->diff_id_count);
}

static int compare_tops(const void *a, const void *b)
{
	const struct identified_digest *left = a;
	const struct identified_digest *right = b;

	if (left->identity != right->identity)
		return left->identity < right->identity ? -1 : 1;
	return digest_compare(&left->digest, &right->digest);
}

void record_content_key(const struct internal_image *image, uint8_t out[static RECORD_CONTENT_SIZE])
{
	CLEANUP(free_at)
	struct identified_digest *tops = memory_alloc(image->top_count + 1, sizeof(*tops));
	struct internal_image content = *image;
	struct digest key;

	if (image->top_count > 0)
		memcpy(tops, image->tops, image->top_count * sizeof(*tops));
	qsort(tops, image->top_count, sizeof(*tops), compare_tops);
	content.tops = tops;
	content.source = NULL;
	content.row = 0;

	size_t size = record_image_size(&content);
	CLEANUP(free_at) uint8_t *bytes = memory_alloc(size, 1);
	record_write_image(&content, bytes);
	digest_of(DIGEST_SHA256, bytes, size, &key);
	memcpy(out, key.bytes, RECORD_CONTENT_SIZE);
}

uint8_t *record_write_source(const struct index_source *source, size_t *size)
{
	size_t name = text_size(source->name);
	size_t file = text_size(source->file);

	*size = SOURCE_HEADER_SIZE + name + file + key_size(&source->sha256);
	uint8_t *bytes = memory_alloc(*size, 1);
	uint8_t *at = bytes_put_64(bytes, (uint64_t)source->imported_at);
	at = bytes_put_64(at, source->rows);
	at = bytes_put_64(at, source->refused);
	at = bytes_put_32(at, (uint32_t)name);
	at = bytes_put_32(at, (uint32_t)file);
	at = put_text(at, source->name);
	at = put_text(at, source->file);
	put_key(at, &source->sha256);
	return bytes;
}

/* ---- Reading ---- */

/* Bytes not read yet. A take past the end gives NULL and leaves nothing, so that all later ones
 * fail too. */
struct remaining {
	const uint8_t *at;
	size_t size;
	bool damaged;
};

static const uint8_t *take(struct remaining *left, size_t size)
{
	const uint8_t *at = left->at;

	if (left->damaged || size > left->size) {
		left->damaged = true;
		return NULL;
	}
	left->at += size;
	left->size -= size;
	return at;
}

static struct store_bytes take_text(struct remaining *left, uint32_t size)
{
	const uint8_t *at = take(left, size);

	if (at && memchr(at, '\0', size))
		left->damaged = true;
	return (struct store_bytes){.bytes = at, .size = at ? size : 0};
}

static const uint8_t *take_key(struct remaining *left)
{
	const uint8_t *algorithm = take(left, 1);

	if (!algorithm || digest_size((enum digest_algorithm) * algorithm) == 0) {
		left->damaged = true;
		return NULL;
	}
	return take(left, digest_size((enum digest_algorithm) * algorithm)) ? algorithm : NULL;
}

/* A list of `count` keys, each behind an identity byte when `identified`. The count is not trusted:
 * the walk ends with the bytes. */
static struct store_bytes take_keys(struct remaining *left, uint32_t count, bool identified)
{
	const uint8_t *from = left->at;

	for (uint32_t i = 0; i < count && !left->damaged; i++) {
		const uint8_t *identity = identified ? take(left, 1) : NULL;
		if (identity && (*identity == 0 || (*identity & (*identity - 1)) != 0))
			left->damaged = true; /* not one bit */
		take_key(left);
	}
	return (struct store_bytes){.bytes = from, .size = (size_t)(left->at - from)};
}

int record_view_image(struct store_bytes bytes, struct record_image *out, struct error *err)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	const uint8_t *header = take(&left, IMAGE_HEADER_SIZE);

	if (!header || header[0] > ORIGIN_PUBLIC || header[1] > IMAGE_KNOWN)
		return record_damaged("an image", err);
	out->origin = (enum origin)header[0];
	out->row = bytes_get_64(header + 2);
	out->name = take_text(&left, bytes_get_32(header + 10));
	out->platform = take_text(&left, bytes_get_32(header + 14));
	out->source = take_text(&left, bytes_get_32(header + 18));
	if (!(header[1] & IMAGE_PLATFORM)) {
		left.damaged = left.damaged || out->platform.size > 0;
		out->platform.bytes = NULL;
	}
	out->base = header[1] & IMAGE_BASE ? take_key(&left) : NULL;
	out->top_count = bytes_get_32(header + 22);
	out->layer_count = bytes_get_32(header + 26);
	out->diff_id_count = bytes_get_32(header + 30);
	out->tops = take_keys(&left, out->top_count, true);
	out->layers = take_keys(&left, out->layer_count, false);
	out->diff_ids = take_keys(&left, out->diff_id_count, false);
	if (left.damaged || left.size > 0)
		return record_damaged("an image", err);
	return 0;
}

static char *copy_text(struct store_bytes text)
{
	return text.bytes ? memory_copy_span(text.bytes, text.size) : NULL;
}

static void read_tops(const struct record_image *view, struct internal_image *out)
{
	const uint8_t *at = view->tops.bytes;

	out->tops = memory_alloc(view->top_count + (size_t)1, sizeof(*out->tops));
	out->top_count = view->top_count;
	for (size_t i = 0; i < out->top_count; i++) {
		out->tops[i].identity = (enum identity) * at++;
		record_read_key(at, &out->tops[i].digest);
		at += record_key_size(at);
	}
}

struct digest *record_read_keys(struct store_bytes keys, size_t count)
{
	struct digest *digests = memory_alloc(count + 1, sizeof(*digests));
	const uint8_t *at = keys.bytes;

	for (size_t i = 0; i < count; i++) {
		record_read_key(at, &digests[i]);
		at += record_key_size(at);
	}
	return digests;
}

int record_read_image(struct store_bytes bytes, struct internal_image *out, struct error *err)
{
	struct record_image view;

	if (record_view_image(bytes, &view, err) < 0)
		return -1;
	memset(out, 0, sizeof(*out));
	out->name = copy_text(view.name);
	out->platform = copy_text(view.platform);
	out->source = copy_text(view.source);
	out->row = view.row;
	out->origin = view.origin;
	if (view.base)
		record_read_key(view.base, &out->base_digest);
	read_tops(&view, out);
	out->layers = record_read_keys(view.layers, view.layer_count);
	out->layer_count = view.layer_count;
	out->diff_ids = record_read_keys(view.diff_ids, view.diff_id_count);
	out->diff_id_count = view.diff_id_count;
	return 0;
}

int record_read_source(struct store_bytes bytes, struct index_source *out, struct error *err)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	const uint8_t *header = take(&left, SOURCE_HEADER_SIZE);

	if (!header)
		return record_damaged("a source", err);
	struct store_bytes name = take_text(&left, bytes_get_32(header + 24));
	struct store_bytes file = take_text(&left, bytes_get_32(header + 28));
	const uint8_t *sha256 = take_key(&left);
	if (left.damaged || left.size > 0)
		return record_damaged("a source", err);
	out->imported_at = (int64_t)bytes_get_64(header);
	out->rows = bytes_get_64(header + 8);
	out->refused = bytes_get_64(header + 16);
	out->name = copy_text(name);
	out->file = copy_text(file);
	record_read_key(sha256, &out->sha256);
	return 0;
}
