#include "completion.h"

#include <stdlib.h>

#include "layerproof/memory.h"
#include "reading.h"

/* The images of one key on their way. */
struct completion {
	struct source_client *client;
	const struct add_options *options;
	const struct missing_image *images;
	size_t count;
	bool *is_open; /* of each image: it is to be looked for by the tag */
	struct outcome *outcome;
};

static bool is_in(const struct digest *digest, const struct digest *other)
{
	return digest_is_set(other) && digest_equal(digest, other);
}

static bool tree_has(const struct tree *tree, const struct digest *digest)
{
	for (size_t i = 0; i < tree->index_count; i++)
		if (is_in(digest, &tree->indexes[i]))
			return true;
	for (size_t i = 0; i < tree->image_count; i++) {
		const struct tree_image *image = &tree->images[i];
		if (is_in(digest, &image->manifest) || is_in(digest, &image->config) ||
			is_in(digest, &image->manifest_sha256) || is_in(digest, &image->config_sha256))
			return true;
	}
	return is_in(digest, &tree->digest) || is_in(digest, &tree->digest_sha256);
}

/* An image of which nothing but the name is known may be any. */
static bool tree_fits(const struct tree *tree, const struct internal_image *held)
{
	for (size_t i = 0; i < held->top_count; i++)
		if (tree_has(tree, &held->tops[i].digest))
			return true;
	return held->top_count == 0;
}

/* What the outcome held before a reading, to tell what that brought. */
static void settle(struct completion *completion, size_t place, size_t images_before)
{
	const struct missing_image *image = &completion->images[place];
	if (completion->outcome->image_count > images_before)
		completion->outcome->completed += image->count;
	else
		outcome_fail(completion->outcome, "%s: no image in it that could be added",
					 image->held.name);
}

/* ---- By digest ---- */

static void read_by_digest(struct completion *completion, size_t place,
						   const struct reference *of_key)
{
	const struct missing_image *image = &completion->images[place];
	struct reference reference = *of_key;
	struct error reason = ERROR_INIT;
	size_t before = completion->outcome->image_count;
	reference.tag = NULL;
	reference.digest = *missing_asked(&image->held);
	const struct reading reading = {
		.client = completion->client,
		.options = completion->options,
		.reference = &reference,
		.name = image->held.name,
		.held = &image->held,
	};
	if (reading_run(&reading, NULL, NULL, completion->outcome, &reason) == 0)
		settle(completion, place, before);
	else if (reason.code == ERROR_NOT_FOUND && image->has_tag)
		completion->is_open[place] = true; /* it may be the digest of a configuration */
	else
		outcome_fail(completion->outcome, "%s: %s", image->held.name, reason.text);
}

/* ---- By tag ---- */

/* Leaves open those that the tree is the image of. Another one is never put in their place. */
static int accepts(void *context, const struct tree *tree, struct error *err)
{
	struct completion *completion = context;
	char text[DIGEST_TEXT_SIZE];
	size_t fitting = 0;
	for (size_t i = 0; i < completion->count; i++) {
		if (!completion->is_open[i])
			continue;
		completion->is_open[i] = tree_fits(tree, &completion->images[i].held);
		fitting += completion->is_open[i];
		if (!completion->is_open[i])
			outcome_fail(completion->outcome,
						 "%s: the tag is another image's now, %s, which has no digest that the "
						 "index knows: not added",
						 completion->images[i].held.name, digest_format(&tree->digest, text));
	}
	return fitting > 0 ? 0 : error_set(err, ERROR_NOT_FOUND, "none of them");
}

static size_t first_open(const struct completion *completion)
{
	size_t place = 0;
	while (place < completion->count && !completion->is_open[place])
		place++;
	return place;
}

static void read_by_tag(struct completion *completion, const struct reference *reference)
{
	struct error reason = ERROR_INIT;
	size_t before = completion->outcome->image_count;
	size_t first = first_open(completion);
	if (first == completion->count)
		return;
	const struct missing_image *image = &completion->images[first];
	const struct reading reading = {
		.client = completion->client,
		.options = completion->options,
		.reference = reference,
		.name = image->held.name,
		.held = &image->held,
	};
	bool is_read = reading_run(&reading, accepts, completion, completion->outcome, &reason) == 0;
	for (size_t i = first; i < completion->count; i++)
		if (completion->is_open[i] && is_read)
			settle(completion, i, before);
		else if (completion->is_open[i])
			outcome_fail(completion->outcome, "%s: %s", completion->images[i].held.name,
						 reason.text);
}

void completion_run(struct source_client *client, const struct add_options *options,
					const struct missing_image *images, size_t count, struct outcome *outcome)
{
	struct error reason = ERROR_INIT;
	struct reference reference;
	CLEANUP(free_at) bool *is_open = memory_alloc(count, sizeof(*is_open));
	struct completion completion = {
		.client = client,
		.options = options,
		.images = images,
		.count = count,
		.is_open = is_open,
		.outcome = outcome,
	};
	if (reference_parse(images->key, &reference, &reason) != 0) {
		outcome_fail(outcome, "%s: %s", images->held.name, reason.text);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (missing_asked(&images[i].held) == NULL)
			is_open[i] = true;
		else
			read_by_digest(&completion, i, &reference);
	read_by_tag(&completion, &reference);
	reference_clear(&reference);
}
