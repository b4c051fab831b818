/*
 * index list: the images of the index, one a line.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_index.h"
#include "command.h"
#include "image_json.h"
#include "layerproof/limits.h"
#include "layerproof/text.h"
#include "print_json.h"

struct listing {
	const struct index_request *request;
	struct buffer out; /* one line */
	struct error reason;
	int exit_code; /* why the walk ended early */
};

static json_t *image_object(const struct internal_image *image)
{
	json_t *object = json_object();
	json_build_text(object, "name", image->name);
	json_build_text(object, "platform", image->platform);
	json_build_text(object, "origin", origin_name(image->origin));
	json_build_text(object, "source", image->source);
	if (image->row > 0)
		json_build_count(object, "row", (json_int_t)image->row);
	image_json_add_digests(object, image);
	image_json_add_severities(object, &image->severities, image->layer_severities,
							  image->layer_severity_count);
	return object;
}

static int write_json(struct listing *listing, const struct internal_image *image)
{
	json_t *object = image_object(image);
	int result = json_build_write(object, &listing->out, &listing->reason);
	json_decref(object);
	return result;
}

static int write_text(struct listing *listing, const struct internal_image *image)
{
	CLEANUP(free_at) char *name = text_printable(image->name);
	CLEANUP(free_at)
	char *platform = text_printable(image->platform == NULL ? "-" : image->platform);
	CLEANUP(free_at) char *source = text_printable(image->source);
	size_t layers = image->layer_count > image->diff_id_count ? image->layer_count
															  : image->diff_id_count;
	return buffer_add_format(&listing->out, &listing->reason,
							 "%-11s  %-14s  %3zu layers  %s  (%s)\n", origin_name(image->origin),
							 platform, layers, *name == '\0' ? "-" : name, source);
}

/* An image may be named by several. */
static bool is_of_source(const struct internal_image *image, const char *source)
{
	bool is_named = strcmp(image->source, source) == 0;
	for (size_t i = 0; !is_named && i < image->mention_count; i++)
		is_named = strcmp(image->mentions[i].source, source) == 0;
	return is_named;
}

/* Whether the filters let it through. */
static bool is_wanted(const struct index_request *request, const struct internal_image *image)
{
	if (request->has_origin && image->origin != request->origin)
		return false;
	if (request->source != NULL && !is_of_source(image, request->source))
		return false;
	if (request->name != NULL && fnmatch(request->name, image->name, 0) != 0)
		return false;
	return !request->without_layers || (image->layer_count == 0 && image->diff_id_count == 0);
}

static int visit(void *context, uint32_t number, const struct internal_image *image)
{
	struct listing *listing = context;
	(void)number;
	if (!is_wanted(listing->request, image))
		return 0;
	buffer_reset(&listing->out);
	int written = listing->request->json ? write_json(listing, image) : write_text(listing, image);
	listing->exit_code = written != 0 ? command_fail(&listing->reason)
									  : command_print(&listing->out);
	return listing->exit_code >= 0;
}

/* Those that hold a digest; of a chain_id the index knows one. */
static int each_holder(struct index_snapshot *snapshot, const struct digest *digest,
					   struct listing *listing)
{
	struct index_entry entry;
	int found = index_find(snapshot, digest, &entry, &listing->reason);
	if (found != 1)
		return found;
	CLEANUP(free_at) uint32_t *numbers = memory_alloc(entry.images, sizeof(*numbers));
	int count = index_holders(snapshot, digest, numbers, entry.images, &listing->reason);
	int result = count < 0 ? -1 : 0;
	for (int i = 0; result == 0 && i < count; i++) {
		CLEANUP(internal_image_clear) struct internal_image image = {.name = NULL};
		found = index_image(snapshot, numbers[i], &image, &listing->reason);
		result = found == 1 ? visit(listing, numbers[i], &image) : found;
	}
	return result;
}

static int each_image(struct index_snapshot *snapshot, struct listing *listing)
{
	const char *text = listing->request->digest;
	struct digest digest;
	if (text == NULL)
		return index_each_image(snapshot, visit, listing, &listing->reason);
	if (digest_parse_lenient(text, strlen(text), &digest, &listing->reason) != 0)
		return error_add_context(&listing->reason, "--digest: %s", text);
	return each_holder(snapshot, &digest, listing);
}

int index_list(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct listing listing = {
		.request = request, .out = BUFFER_INIT(LIMIT_FINDING_SIZE), .exit_code = -1};
	int result = each_image(snapshot, &listing);
	buffer_clear(&listing.out);
	if (listing.exit_code >= 0)
		return listing.exit_code;
	return result < 0 ? command_fail(&listing.reason) : EXIT_DONE;
}
