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

/* Whether the filters let it through. */
static bool is_wanted(const struct index_request *request, const struct internal_image *image)
{
	if (request->has_origin && image->origin != request->origin)
		return false;
	if (request->source != NULL && strcmp(image->source, request->source) != 0)
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

int index_list(struct index_snapshot *snapshot, const struct index_request *request)
{
	struct listing listing = {
		.request = request, .out = BUFFER_INIT(LIMIT_FINDING_SIZE), .exit_code = -1};
	int result = index_each_image(snapshot, visit, &listing, &listing.reason);
	buffer_clear(&listing.out);
	if (listing.exit_code >= 0)
		return listing.exit_code;
	return result < 0 ? command_fail(&listing.reason) : EXIT_DONE;
}
