#include "import_fold.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

struct folded {
	struct digest key; /* over all that rows of one image agree in */
	struct internal_image image;
	bool has_origin;
};

struct import_fold {
	void *by_key; /* of search.h */
	struct folded **items;
	size_t count;
	size_t capacity;
};

struct import_fold *import_fold_new(void)
{
	return memory_alloc(1, sizeof(struct import_fold));
}

static void keep_item(void *item)
{
	(void)item; /* the list owns it */
}

void import_fold_free(struct import_fold *fold)
{
	if (fold == NULL) {
		return;
	}
	tdestroy(fold->by_key, keep_item);
	for (size_t i = 0; i < fold->count; i++) {
		internal_image_clear(&fold->items[i]->image);
		free(fold->items[i]);
	}
	free(fold->items);
	free(fold);
}

static int compare_keys(const void *a, const void *b)
{
	const struct folded *left = a;
	const struct folded *right = b;
	return digest_compare(&left->key, &right->key);
}

static bool is_loose(const struct identified_digest *top)
{
	return top->identity == IDENTITY_LAYER || top->identity == IDENTITY_DIFF_ID;
}

static void add_text(struct digest_stream *hash, const char *text)
{
	digest_stream_add(hash, text == NULL ? "" : text, text == NULL ? 1 : strlen(text) + 1);
}

static void add_digest(struct digest_stream *hash, const struct digest *digest)
{
	char text[DIGEST_TEXT_SIZE];
	add_text(hash, digest_format(digest, text));
}

static void add_digests(struct digest_stream *hash, const struct digest *digests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add_digest(hash, &digests[i]);
	}
	add_text(hash, "end");
}

/* Of tops in any order: each is hashed alone and the hashes are added up. */
static void add_tops(struct digest_stream *hash, const struct internal_image *image)
{
	uint8_t sum[DIGEST_BYTES_MAX] = {0};
	for (size_t i = 0; i < image->top_count; i++) {
		struct identified_digest top = image->tops[i];
		struct digest one;
		if (is_loose(&top)) {
			continue;
		}
		char text[DIGEST_TEXT_SIZE];
		digest_format(&top.digest, text);
		text[0] = (char)top.identity;
		digest_of(DIGEST_SHA256, text, 1 + strlen(text + 1), &one);
		unsigned carry = 0;
		for (size_t k = 0; k < sizeof(sum); k++) {
			carry += (unsigned)sum[k] + one.bytes[k];
			sum[k] = (uint8_t)carry;
			carry >>= 8;
		}
	}
	digest_stream_add(hash, sum, sizeof(sum));
}

static void make_key(const struct internal_image *image, bool has_origin, struct digest *out)
{
	struct digest_stream *hash = digest_stream_new();
	digest_stream_start(hash, DIGEST_SHA256);
	add_text(hash, image->name);
	add_text(hash, image->platform);
	add_text(hash, has_origin ? origin_name(image->origin) : "");
	add_tops(hash, image);
	add_digests(hash, image->layers, image->layer_count);
	add_digests(hash, image->diff_ids, image->diff_id_count);
	digest_stream_finish(hash, out);
	digest_stream_free(hash);
}

static void unite(struct internal_image *image, const struct internal_image *row)
{
	for (size_t i = 0; i < row->top_count; i++) {
		internal_image_add_top(image, row->tops[i].identity, &row->tops[i].digest);
	}
	severities_raise(&image->severities, &row->severities);
	for (size_t i = 0; i < row->layer_severity_count; i++) {
		internal_image_raise_layer(image, &row->layer_severities[i].layer,
								   &row->layer_severities[i].greatest);
	}
}

void import_fold_add(struct import_fold *fold, struct internal_image *image, bool has_origin)
{
	struct folded *row = memory_alloc(1, sizeof(*row));
	make_key(image, has_origin, &row->key);
	struct folded **known = memory_require(tsearch(row, &fold->by_key, compare_keys));
	if (*known != row) {
		unite(&(*known)->image, image);
		internal_image_clear(image);
		free(row);
		return;
	}
	row->image = *image;
	row->has_origin = has_origin;
	*image = (struct internal_image){.name = NULL};
	fold->items = memory_grow(fold->items, fold->count, &fold->capacity, sizeof(struct folded *));
	fold->items[fold->count++] = row;
}

int import_fold_each(struct import_fold *fold,
					 int (*visit)(void *context, const struct internal_image *image,
								  bool has_origin, struct error *err),
					 void *context, struct error *err)
{
	for (size_t i = 0; i < fold->count; i++) {
		int result = visit(context, &fold->items[i]->image, fold->items[i]->has_origin, err);
		if (result != 0) {
			return result;
		}
	}
	return 0;
}
