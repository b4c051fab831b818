#include "completion.h"

#include <stdlib.h>

#include "layerproof/memory.h"
#include "reading.h"

/* Where an image is to be looked for next. */
enum step { BY_DIGEST, BY_TAG, BY_DIGEST_AFTER_TAG, DONE };

/* The images of one key on their way. */
struct completion {
	struct source_client *client;
	const struct add_options *options;
	const struct missing_image *images;
	size_t count;
	enum step *steps;
	const struct reference *reference; /* of the key */
	struct digest found;               /* what the tag is now; unset: not asked */
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

static bool tree_has_layer(const struct tree *tree, const struct digest *digest)
{
	for (size_t i = 0; i < tree->image_count; i++) {
		const struct tree_image *image = &tree->images[i];
		for (size_t j = 0; j < image->layer_count; j++)
			if (is_in(digest, &image->layers[j].descriptor.digest) ||
				is_in(digest, &image->layers[j].diff_id))
				return true;
	}
	return false;
}

/* One digest that names the image is enough; of one known by layers alone, all of these must be
 * there. */
static bool tree_fits(const struct tree *tree, const struct internal_image *held)
{
	bool is_named = false;
	bool has_layers = true;
	for (size_t i = 0; i < held->top_count; i++) {
		const struct identified_digest *top = &held->tops[i];
		bool is_layer = top->identity == IDENTITY_LAYER || top->identity == IDENTITY_DIFF_ID;
		if (!is_layer && tree_has(tree, &top->digest))
			return true;
		is_named = is_named || !is_layer;
		has_layers = has_layers && (!is_layer || tree_has_layer(tree, &top->digest));
	}
	return !is_named && has_layers;
}

/* After a reading: whether it brought any, as `before` it there were so many. */
static void settle(struct completion *completion, size_t place, size_t before)
{
	const struct missing_image *image = &completion->images[place];
	completion->steps[place] = DONE;
	if (completion->outcome->image_count > before)
		completion->outcome->completed += image->count;
	else
		outcome_fail(completion->outcome, "%s: no image in it that could be added",
					 image->held.name);
}

static void fail(struct completion *completion, size_t place, const struct error *reason)
{
	const char *name = completion->images[place].held.name;
	char text[DIGEST_TEXT_SIZE];
	completion->steps[place] = DONE;
	if (reason->code == ERROR_NOT_FOUND && digest_is_set(&completion->found))
		outcome_fail(completion->outcome,
					 "%s: the tag is another image's now, %s, which has no digest that the index "
					 "knows: not added",
					 name, digest_format(&completion->found, text));
	else
		outcome_fail(completion->outcome, "%s: %s", name, reason->text);
}

static struct reading make_reading(const struct completion *completion, size_t place,
								   const struct reference *reference)
{
	const struct internal_image *held = &completion->images[place].held;
	return (struct reading){
		.client = completion->client,
		.options = completion->options,
		.reference = reference,
		.name = held->name,
		.held = held,
	};
}

/* ---- By digest ---- */

/* A registry may take it ill when it is asked for a manifest by what is the digest of a
 * configuration there: docker-registry answers with 500. */
static bool is_blob(const struct completion *completion, const struct reference *reference)
{
	struct error ignored = ERROR_INIT;
	struct source *source = source_open(completion->client, reference, &ignored);
	bool is_there = source != NULL && source_confirms(source, SOURCE_BLOB, &reference->digest, -1);
	source_close(source);
	return is_there;
}

static int read_manifest(struct completion *completion, size_t place, struct error *err)
{
	struct reference reference = *completion->reference;
	reference.tag = NULL;
	reference.digest = missing_asked(&completion->images[place].held)->digest;
	if (completion->steps[place] == BY_DIGEST_AFTER_TAG && is_blob(completion, &reference))
		return error_set(err, ERROR_NOT_FOUND, "its digest is that of a configuration");
	const struct reading reading = make_reading(completion, place, &reference);
	return reading_run(&reading, NULL, NULL, completion->outcome, err);
}

static void read_by_digest(struct completion *completion, size_t place)
{
	struct error reason = ERROR_INIT;
	size_t before = completion->outcome->image_count;
	if (read_manifest(completion, place, &reason) == 0)
		settle(completion, place, before);
	else if (reason.code == ERROR_NOT_FOUND && completion->steps[place] == BY_DIGEST &&
			 completion->images[place].has_tag)
		completion->steps[place] = BY_TAG; /* its index may be there, or its configuration */
	else
		fail(completion, place, &reason);
}

/* ---- By tag ---- */

/* Leaves to the tag those that the tree is the image of. Another one is never put in their place.
 */
static int accepts(void *context, const struct tree *tree, struct error *err)
{
	struct completion *completion = context;
	size_t fitting = 0;
	completion->found = tree->digest;
	for (size_t i = 0; i < completion->count; i++) {
		if (completion->steps[i] != BY_TAG)
			continue;
		if (tree_fits(tree, &completion->images[i].held))
			fitting++;
		else
			completion->steps[i] = BY_DIGEST_AFTER_TAG;
	}
	return fitting > 0 ? 0 : error_set(err, ERROR_NOT_FOUND, "the tag is another image's now");
}

static size_t first_by_tag(const struct completion *completion)
{
	size_t place = 0;
	while (place < completion->count && completion->steps[place] != BY_TAG)
		place++;
	return place;
}

/* For all that are left to the tag, at once. */
static void read_by_tag(struct completion *completion)
{
	struct error reason = ERROR_INIT;
	size_t before = completion->outcome->image_count;
	size_t first = first_by_tag(completion);
	if (first == completion->count)
		return;
	const struct reading reading = make_reading(completion, first, completion->reference);
	int result = reading_run(&reading, accepts, completion, completion->outcome, &reason);
	for (size_t i = first; i < completion->count; i++) {
		if (completion->steps[i] != BY_TAG)
			continue;
		if (result == 0)
			settle(completion, i, before);
		else if (reason.code == ERROR_NOT_FOUND)
			completion->steps[i] = BY_DIGEST_AFTER_TAG; /* the tag is gone */
		else
			fail(completion, i, &reason);
	}
}

/* ---- All of a key ---- */

/* A digest whose kind the export does not say may be a configuration's, which the tag tells. */
static enum step first_step(const struct missing_image *image)
{
	const struct identified_digest *asked = missing_asked(&image->held);
	if (image->has_tag && (asked == NULL || asked->identity == IDENTITY_IMAGE))
		return BY_TAG;
	return BY_DIGEST;
}

static bool was_asked_by_digest(const struct missing_image *image)
{
	return first_step(image) == BY_DIGEST || missing_asked(&image->held) == NULL;
}

static void read_images(struct completion *completion)
{
	const struct error gone = {.code = ERROR_NOT_FOUND, .text = "the registry does not have it"};
	for (size_t i = 0; i < completion->count; i++) {
		completion->steps[i] = first_step(&completion->images[i]);
		if (completion->steps[i] == BY_DIGEST)
			read_by_digest(completion, i);
	}
	read_by_tag(completion);
	for (size_t i = 0; i < completion->count; i++) {
		if (completion->steps[i] != BY_DIGEST_AFTER_TAG)
			continue;
		if (was_asked_by_digest(&completion->images[i]))
			fail(completion, i, &gone);
		else
			read_by_digest(completion, i);
	}
}

void completion_run(struct source_client *client, const struct add_options *options,
					const struct missing_image *images, size_t count, struct outcome *outcome)
{
	struct error reason = ERROR_INIT;
	struct reference reference;
	CLEANUP(free_at) enum step *steps = memory_alloc(count, sizeof(*steps));
	struct completion completion = {
		.client = client,
		.options = options,
		.images = images,
		.count = count,
		.steps = steps,
		.reference = &reference,
		.outcome = outcome,
	};
	if (reference_parse(images->key, &reference, &reason) != 0) {
		outcome_fail(outcome, "%s: %s", images->held.name, reason.text);
		return;
	}
	read_images(&completion);
	reference_clear(&reference);
}
