#include "record_mention.h"

#include <stdlib.h>

#include "index_record.h"
#include "layerproof/memory.h"

enum {
	HAS_BOUNDARY = 1 << 0,
	HAS_ROOT = 1 << 1,
	HAS_SEVERITIES = 1 << 2,
	HAS_LAYERS = 1 << 3,
	HAS_KNOWN = (1 << 4) - 1,
};

enum { APP_SHIFT = 4 };

/* Severities of one layer; `key` where it has no position. */
struct placed {
	uint64_t position;
	const uint8_t *key;
	uint8_t severities;
};

/* Attributes with the layers still as bytes or as a list. */
struct attributes {
	bool has_boundary;
	uint64_t boundary;
	uint64_t root_layers;
	uint8_t severities;
	struct placed *layers; /* owned */
	size_t layer_count;
};

static void attributes_clear(struct attributes *attributes)
{
	free(attributes->layers);
}

static uint8_t pack(const struct severities *severities)
{
	return (uint8_t)((unsigned)severities->os | (unsigned)severities->app << APP_SHIFT);
}

static struct severities unpack(uint8_t byte)
{
	return (struct severities){.os = (enum severity)(byte & 15),
							   .app = (enum severity)(byte >> APP_SHIFT)};
}

static bool is_severities(uint8_t byte)
{
	return byte != 0 && (byte & 15) <= SEVERITY_CRITICAL && byte >> APP_SHIFT <= SEVERITY_CRITICAL;
}

static uint8_t greatest(uint8_t a, uint8_t b)
{
	uint8_t os = (a & 15) > (b & 15) ? a & 15 : b & 15;
	uint8_t app = a >> APP_SHIFT > b >> APP_SHIFT ? a >> APP_SHIFT : b >> APP_SHIFT;
	return (uint8_t)(os | app << APP_SHIFT);
}

static int compare_placed(const void *a, const void *b)
{
	const struct placed *left = a;
	const struct placed *right = b;

	if (left->position != right->position)
		return left->position < right->position ? -1 : 1;
	if (left->position > 0)
		return 0;
	if (left->key[0] != right->key[0])
		return left->key[0] < right->key[0] ? -1 : 1;
	return memcmp(left->key, right->key, record_key_size(left->key));
}

/* Sorts, and makes one of those of the same layer; severities of none say nothing. */
static void fold_layers(struct attributes *attributes)
{
	size_t kept = 0;

	if (attributes->layer_count > 1)
		qsort(attributes->layers, attributes->layer_count, sizeof(*attributes->layers),
			  compare_placed);
	for (size_t i = 0; i < attributes->layer_count; i++) {
		const struct placed *placed = &attributes->layers[i];
		struct placed *last = kept > 0 ? &attributes->layers[kept - 1] : NULL;
		if (placed->severities == 0)
			continue;
		if (last && compare_placed(last, placed) == 0)
			last->severities = greatest(last->severities, placed->severities);
		else
			attributes->layers[kept++] = *placed;
	}
	attributes->layer_count = kept;
}

static size_t attributes_bound(size_t layers)
{
	return 2 + 3 * (size_t)BYTES_VARINT_MAX + layers * (BYTES_VARINT_MAX + RECORD_KEY_MAX + 1);
}

size_t record_attributes_bound(const struct image_mention *mention)
{
	return attributes_bound(mention->layer_severity_count);
}

static uint8_t *put_layers(uint8_t *at, const struct attributes *attributes)
{
	at = bytes_put_varint(at, attributes->layer_count);
	for (size_t i = 0; i < attributes->layer_count; i++) {
		const struct placed *placed = &attributes->layers[i];
		at = bytes_put_varint(at, placed->position);
		if (placed->position == 0)
			at = bytes_put(at, placed->key, record_key_size(placed->key));
		*at++ = placed->severities;
	}
	return at;
}

static uint8_t *put_attributes(uint8_t *at, const struct attributes *attributes)
{
	*at++ = (uint8_t)((attributes->has_boundary ? HAS_BOUNDARY : 0) |
					  (attributes->root_layers > 0 ? HAS_ROOT : 0) |
					  (attributes->severities != 0 ? HAS_SEVERITIES : 0) |
					  (attributes->layer_count > 0 ? HAS_LAYERS : 0));
	if (attributes->has_boundary)
		at = bytes_put_varint(at, attributes->boundary);
	if (attributes->root_layers > 0)
		at = bytes_put_varint(at, attributes->root_layers);
	if (attributes->severities != 0)
		*at++ = attributes->severities;
	return attributes->layer_count > 0 ? put_layers(at, attributes) : at;
}

/* From 1; 0 when the layer is none of the image's. */
static uint64_t position_of(const struct internal_image *image, const struct digest *layer)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		if (digest_equal(&image->layers[i], layer))
			return i + 1;
	}
	for (size_t i = 0; i < image->diff_id_count; i++) {
		if (digest_equal(&image->diff_ids[i], layer))
			return image->layer_count + i + 1;
	}
	return 0;
}

uint8_t *record_write_attributes(const struct image_mention *mention,
								 const struct internal_image *image, uint8_t *out)
{
	size_t count = mention->layer_severity_count;
	CLEANUP(attributes_clear)
	struct attributes attributes = {
		.has_boundary = mention->has_boundary,
		.boundary = mention->boundary,
		.root_layers = mention->root_layers,
		.severities = pack(&mention->severities),
	};
	if (count == 0)
		return put_attributes(out, &attributes);

	CLEANUP(free_at) uint8_t *keys = memory_alloc(count, RECORD_KEY_MAX);
	attributes.layers = memory_alloc(count, sizeof(*attributes.layers));
	attributes.layer_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct layer_severities *said = &mention->layer_severities[i];
		record_write_key(&said->layer, keys + i * RECORD_KEY_MAX);
		attributes.layers[i] = (struct placed){
			.position = position_of(image, &said->layer),
			.key = keys + i * RECORD_KEY_MAX,
			.severities = pack(&said->greatest),
		};
	}
	fold_layers(&attributes);
	return put_attributes(out, &attributes);
}

static struct placed take_placed(struct remaining *left)
{
	struct placed placed = {.position = take_varint(left)};

	if (placed.position == 0) {
		placed.key = left->at;
		size_t size = digest_size((enum digest_algorithm)take_byte(left));
		if (size == 0 || !take(left, size))
			left->damaged = true;
	}
	placed.severities = take_byte(left);
	if (!is_severities(placed.severities))
		left->damaged = true;
	return placed;
}

/* The count is not trusted: the walk ends with the bytes. */
static void take_layers(struct remaining *left)
{
	uint64_t count = take_varint(left);
	struct placed last = {.position = 0};

	if (count == 0)
		left->damaged = true;
	for (uint64_t i = 0; i < count && !left->damaged; i++) {
		struct placed placed = take_placed(left);
		if (!left->damaged && i > 0 && compare_placed(&last, &placed) >= 0)
			left->damaged = true;
		last = placed;
	}
}

struct store_bytes record_take_attributes(struct remaining *left)
{
	const uint8_t *from = left->at;
	uint8_t flags = take_byte(left);

	if (flags > HAS_KNOWN)
		left->damaged = true;
	if (flags & HAS_BOUNDARY)
		take_varint(left);
	if (flags & HAS_ROOT && take_varint(left) == 0)
		left->damaged = true;
	if (flags & HAS_SEVERITIES && !is_severities(take_byte(left)))
		left->damaged = true;
	if (flags & HAS_LAYERS)
		take_layers(left);
	return (struct store_bytes){from, left->damaged ? 0 : (size_t)(left->at - from)};
}

/* `room` more layers may be added to the list. */
static struct attributes read_attributes(struct store_bytes bytes, size_t room)
{
	struct remaining left = {.at = bytes.bytes, .size = bytes.size};
	struct attributes out = {.boundary = 0};
	uint8_t flags = take_byte(&left);

	out.has_boundary = flags & HAS_BOUNDARY;
	if (flags & HAS_BOUNDARY)
		out.boundary = take_varint(&left);
	if (flags & HAS_ROOT)
		out.root_layers = take_varint(&left);
	if (flags & HAS_SEVERITIES)
		out.severities = take_byte(&left);
	out.layer_count = flags & HAS_LAYERS ? (size_t)take_varint(&left) : 0;
	out.layers = memory_alloc(out.layer_count + room + 1, sizeof(*out.layers));
	for (size_t i = 0; i < out.layer_count; i++)
		out.layers[i] = take_placed(&left);
	return out;
}

/* A position that the image does not have is no layer of it: left out. */
static bool read_layer(const struct placed *placed, const struct internal_image *image,
					   struct layer_severities *out)
{
	uint64_t position = placed->position;

	out->greatest = unpack(placed->severities);
	if (position == 0)
		record_read_key(placed->key, &out->layer);
	else if (position <= image->layer_count)
		out->layer = image->layers[position - 1];
	else if (position - image->layer_count <= image->diff_id_count)
		out->layer = image->diff_ids[position - image->layer_count - 1];
	else
		return false;
	return true;
}

void record_read_attributes(struct store_bytes attributes, const struct internal_image *image,
							struct image_mention *out)
{
	CLEANUP(attributes_clear) struct attributes values = read_attributes(attributes, 0);

	out->has_boundary = values.has_boundary;
	out->boundary = (size_t)values.boundary;
	out->root_layers = (size_t)values.root_layers;
	out->severities = unpack(values.severities);
	out->layer_severities = NULL;
	out->layer_severity_count = 0;
	if (values.layer_count == 0)
		return;
	out->layer_severities = memory_alloc(values.layer_count, sizeof(*out->layer_severities));
	for (size_t i = 0; i < values.layer_count; i++) {
		if (read_layer(&values.layers[i], image, &out->layer_severities[out->layer_severity_count]))
			out->layer_severity_count++;
	}
}

uint8_t *record_join_attributes(struct store_bytes a, struct store_bytes b, size_t *size)
{
	CLEANUP(attributes_clear) struct attributes second = read_attributes(b, 0);
	CLEANUP(attributes_clear) struct attributes joined = read_attributes(a, second.layer_count);

	if (second.has_boundary && (!joined.has_boundary || second.boundary > joined.boundary))
		joined.boundary = second.boundary;
	joined.has_boundary = joined.has_boundary || second.has_boundary;
	if (second.root_layers > joined.root_layers)
		joined.root_layers = second.root_layers;
	joined.severities = greatest(joined.severities, second.severities);
	for (size_t i = 0; i < second.layer_count; i++)
		joined.layers[joined.layer_count++] = second.layers[i];
	fold_layers(&joined);
	uint8_t *bytes = memory_alloc(attributes_bound(joined.layer_count), 1);
	*size = (size_t)(put_attributes(bytes, &joined) - bytes);
	return bytes;
}

static void raise_severities(struct severities *to, const struct severities *said)
{
	*to = unpack(greatest(pack(to), pack(said)));
}

static void raise_layer(struct internal_image *image, const struct layer_severities *said)
{
	for (size_t i = 0; i < image->layer_severity_count; i++) {
		struct layer_severities *known = &image->layer_severities[i];
		if (digest_equal(&known->layer, &said->layer)) {
			raise_severities(&known->greatest, &said->greatest);
			return;
		}
	}
	image->layer_severities = memory_resize(
		image->layer_severities, image->layer_severity_count + 1, sizeof(*image->layer_severities));
	image->layer_severities[image->layer_severity_count++] = *said;
}

void record_raise_image(struct internal_image *image, const struct image_mention *mention)
{
	if (mention->has_boundary && (!image->has_boundary || mention->boundary > image->boundary))
		image->boundary = mention->boundary;
	image->has_boundary = image->has_boundary || mention->has_boundary;
	if (mention->root_layers > image->root_layers)
		image->root_layers = mention->root_layers;
	raise_severities(&image->severities, &mention->severities);
	for (size_t i = 0; i < mention->layer_severity_count; i++)
		raise_layer(image, &mention->layer_severities[i]);
}
