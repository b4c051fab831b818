/*
 * add: images themselves into the index, with every digest they are known by.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/source.h"
#include "layerproof/tree.h"
#include "origins.h"
#include "rows.h"

enum { OPTION_ORIGIN = OPTION_FIRST };

static const struct option_row options[] = {
	{"origin", required_argument, OPTION_ORIGIN, "ours|public|third_party",
	 "whose the images are (default: by the name)"},
};

struct request {
	bool has_origin;
	enum origin origin;
	struct origins origins;
};

struct adding {
	struct request *request;
	struct source_client *client;
	struct index_batch *batch;
	uint64_t images;
	uint64_t failed; /* references or parts of them that could not be read */
};

static int take(void *state, int id, const char *value, struct error *err)
{
	struct request *request = state;
	if (id != OPTION_ORIGIN)
		return 0;
	request->has_origin = true;
	if (origin_parse(value, &request->origin) != 0 || request->origin == ORIGIN_UNKNOWN)
		return error_set(err, ERROR_USAGE, "--origin is ours, public or third_party, not \"%s\"",
						 value);
	return 0;
}

static void add_top(struct internal_image *image, enum identity identity,
					const struct digest *digest)
{
	if (digest_is_set(digest))
		internal_image_add_top(image, identity, digest);
}

/* Everything the image is known by; chain_ids follow from the diff_ids. */
static void add_image(struct adding *adding, const char *name, enum origin origin,
					  const struct tree *tree, const struct tree_image *from)
{
	struct internal_image image = {
		.name = memory_copy_text(name),
		.platform = memory_copy_text(from->platform),
		.source = memory_copy_text("add"),
		.origin = origin,
		.base_digest = from->base_digest,
	};
	for (size_t i = 0; i < tree->index_count; i++)
		add_top(&image, IDENTITY_INDEX, &tree->indexes[i]);
	add_top(&image, IDENTITY_MANIFEST, &from->manifest);
	add_top(&image, IDENTITY_CONFIG, &from->config);
	for (size_t i = 0; i < from->layer_count; i++) {
		const struct tree_layer *layer = &from->layers[i];
		if (layer->has_blob_digest && digest_is_set(&layer->descriptor.digest))
			internal_image_add_layer(&image, &layer->descriptor.digest);
		if (digest_is_set(&layer->diff_id))
			internal_image_add_diff_id(&image, &layer->diff_id);
	}
	index_batch_add(adding->batch, &image);
	origins_count(&adding->request->origins, origin);
	adding->images++;
	internal_image_clear(&image);
}

/* Bytes that were not those declared must not become an internal image. */
static bool is_sound(const struct tree *tree, int image)
{
	for (size_t i = 0; i < tree->error_count; i++)
		if (tree->errors[i].error.code == ERROR_TAMPERED &&
			(tree->errors[i].image == image || tree->errors[i].image < 0))
			return false;
	return true;
}

/* What lies on the user's own disk is the user's unless said otherwise: a path is no repository to
 * judge by. */
static enum origin origin_of(struct request *request, const struct reference *reference,
							 const char *name)
{
	if (request->has_origin)
		return request->origin;
	if (reference->transport != REFERENCE_REGISTRY)
		return ORIGIN_OURS;
	enum origin origin = origins_judge(&request->origins, name);
	request->origins.counts[origin]--; /* images are counted one by one */
	return origin;
}

static void add_tree(struct adding *adding, const struct reference *reference,
					 const struct tree *tree)
{
	CLEANUP(free_at) char *name = reference_format(reference);
	enum origin origin = origin_of(adding->request, reference, name);
	for (size_t i = 0; i < tree->error_count; i++) {
		log_error("%s: %s: %s", name, tree->errors[i].where, tree->errors[i].error.text);
		adding->failed++;
	}
	for (size_t i = 0; i < tree->image_count; i++) {
		const struct tree_image *image = &tree->images[i];
		if (!image->is_attestation && !image->is_artifact && is_sound(tree, (int)i) &&
			(digest_is_set(&image->manifest) || digest_is_set(&image->config)))
			add_image(adding, name, origin, tree, image);
	}
}

static int read_tree(struct adding *adding, const struct reference *reference, struct error *err)
{
	struct tree tree = {.media_type = NULL};
	struct source *source = source_open(adding->client, reference, err);
	if (source == NULL)
		return -1;
	int result = tree_read(source, reference, &tree, err);
	if (result == 0)
		add_tree(adding, reference, &tree);
	tree_clear(&tree);
	source_close(source);
	return result;
}

static void add_reference(struct adding *adding, const char *text)
{
	struct error reason = ERROR_INIT;
	struct reference reference;
	int result = reference_parse(text, &reference, &reason);
	if (result == 0) {
		result = read_tree(adding, &reference, &reason);
		reference_clear(&reference);
	}
	if (result == 0)
		return;
	log_error("%s: %s", text, reason.text);
	adding->failed++;
}

static int commit(const struct context *context, const struct adding *adding)
{
	struct error reason = ERROR_INIT;
	struct index_outcome outcome;
	struct buffer out = BUFFER_INIT(LIMIT_KIB(64));
	CLEANUP(index_close_at) struct index *index = context_open_index(context, INDEX_WRITE, &reason);
	if (index == NULL || index_commit(index, adding->batch, NULL, &outcome, &reason) != 0)
		return command_fail(&reason);
	const uint64_t *counts = adding->request->origins.counts;
	int written = buffer_add_format(
		&out, &reason,
		"%llu images read: %llu ours, %llu third-party, %llu public\n"
		"  new in the index: %llu images, %llu digests\n",
		(unsigned long long)adding->images, (unsigned long long)counts[ORIGIN_OURS],
		(unsigned long long)counts[ORIGIN_THIRD_PARTY], (unsigned long long)counts[ORIGIN_PUBLIC],
		(unsigned long long)outcome.images_new, (unsigned long long)outcome.digests_new);
	int result = written != 0 ? command_fail(&reason) : command_print(&out);
	buffer_clear(&out);
	return result;
}

static int add_all(const struct context *context, struct request *request, char **references)
{
	struct error reason = ERROR_INIT;
	struct adding adding = {.request = request};
	CLEANUP(network_free_at) struct network *network = context_open_network(context, &reason);
	if (network == NULL)
		return command_fail(&reason);
	adding.client = source_client_new(network, &reason);
	if (adding.client == NULL)
		return command_fail(&reason);
	adding.batch = index_batch_new();
	while (*references != NULL && !interrupt_requested())
		add_reference(&adding, *references++);
	int result = interrupt_exit_code();
	if (result == 0 && adding.images == 0)
		result = EXIT_FAILED; /* each reference has its error on a line already */
	else if (result == 0)
		result = commit(context, &adding);
	index_batch_free(adding.batch);
	source_client_free(adding.client);
	if (result >= 0)
		return result;
	return adding.failed > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int run(struct context *context, const struct command *command, int argc, char **argv)
{
	struct request request = {.has_origin = false};
	int first;
	int result = options_parse(context, command, argc, argv, take, &request, &first);
	if (result < 0 && first == argc)
		result = command_usage(command, "at least one REF is needed");
	if (result < 0) {
		origins_add_settings(&request.origins, context->settings);
		result = add_all(context, &request, argv + first);
	}
	origins_clear(&request.origins);
	return result;
}

const struct command command_add = {
	.name = "add",
	.arguments = "REF...",
	.summary = "Read images themselves into the index",
	.details = "Manifests and configurations of every platform are read, and each digest is\n"
			   "computed from the bytes served: index, manifest, config, layer, diff_id and\n"
			   "chain_id.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.asks_registries = true,
	.run = run,
};
