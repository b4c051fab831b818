#include "layerproof/internal_image.h"

#include <string.h>

#include "layerproof/memory.h"

static const char *const ORIGINS[] = {
	[ORIGIN_UNKNOWN] = "unknown",
	[ORIGIN_OURS] = "ours",
	[ORIGIN_THIRD_PARTY] = "third_party",
	[ORIGIN_PUBLIC] = "public",
};

enum { ORIGIN_COUNT = sizeof(ORIGINS) / sizeof(ORIGINS[0]) };

/* By the number of the bit. */
static const char *const IDENTITIES[IDENTITY_COUNT] = {
	"index", "manifest", "config", "layer", "diff_id", "chain_id", "file", "image",
};

const char *origin_name(enum origin origin)
{
	return (size_t)origin < ORIGIN_COUNT ? ORIGINS[origin] : ORIGINS[ORIGIN_UNKNOWN];
}

int origin_parse(const char *text, enum origin *out)
{
	for (size_t i = 0; i < ORIGIN_COUNT; i++) {
		if (strcmp(text, ORIGINS[i]) == 0) {
			*out = (enum origin)i;
			return 0;
		}
	}
	return -1;
}

const char *identity_name(enum identity identity)
{
	for (size_t i = 0; i < IDENTITY_COUNT; i++)
		if ((unsigned)identity == 1U << i)
			return IDENTITIES[i];
	return "unknown";
}

void image_mention_clear(struct image_mention *mention)
{
	free(mention->source);
	free(mention->layer_severities);
	*mention = (struct image_mention){.source = NULL};
}

void internal_image_clear(struct internal_image *image)
{
	for (size_t i = 0; i < image->mention_count; i++)
		image_mention_clear(&image->mentions[i]);
	free(image->mentions);
	free(image->name);
	free(image->platform);
	free(image->source);
	free(image->tops);
	free(image->layers);
	free(image->diff_ids);
	free(image->layer_severities);
	*image = (struct internal_image){.name = NULL};
}

void internal_image_add_top(struct internal_image *image, enum identity identity,
							const struct digest *digest)
{
	for (size_t i = 0; i < image->top_count; i++)
		if (image->tops[i].identity == identity && digest_equal(&image->tops[i].digest, digest))
			return;
	image->tops = memory_resize(image->tops, image->top_count + 1, sizeof(*image->tops));
	image->tops[image->top_count++] = (struct identified_digest){.identity = identity,
																 .digest = *digest};
}

static void add_digest(struct digest **digests, size_t *count, const struct digest *digest)
{
	*digests = memory_resize(*digests, *count + 1, sizeof(**digests));
	(*digests)[(*count)++] = *digest;
}

void internal_image_add_layer(struct internal_image *image, const struct digest *digest)
{
	add_digest(&image->layers, &image->layer_count, digest);
}

void internal_image_add_diff_id(struct internal_image *image, const struct digest *digest)
{
	add_digest(&image->diff_ids, &image->diff_id_count, digest);
}

void internal_image_raise_layer(struct internal_image *image, const struct digest *layer,
								const struct severities *severities)
{
	struct layer_severities *items = image->layer_severities;
	for (size_t i = 0; i < image->layer_severity_count; i++)
		if (digest_equal(&items[i].layer, layer)) {
			severities_raise(&items[i].greatest, severities);
			return;
		}
	items = memory_resize(items, image->layer_severity_count + 1, sizeof(*items));
	items[image->layer_severity_count++] = (struct layer_severities){*layer, *severities};
	image->layer_severities = items;
}
