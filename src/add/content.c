#include "content.h"

#include <inttypes.h>

#include "layerproof/interrupt.h"
#include "layerproof/layer.h"
#include "layerproof/limits.h"

/* What layers are read with. */
struct tools {
	struct source *source;
	struct crew *crew;
	struct image_files *files;
};

static int read_blob(struct reader *blob, const struct tree_layer *layer, const struct tools *tools,
					 struct layer_result *out, struct error *err)
{
	const struct layer_options options = {
		.crew = tools->crew,
		.blob_algorithm = layer->descriptor.digest.algorithm,
		.tar_algorithm = layer->diff_id.algorithm,
		.hole_limit = LIMIT_FILE_HOLES,
		.on_file = image_files_note,
		.context = tools->files,
	};
	*out = (struct layer_result){.size = 0};
	image_files_begin(tools->files);
	if (blob == NULL)
		return -1;
	int result = layer_read(blob, &options, out, err);
	reader_close(blob);
	return result;
}

/* A layer whose bytes as served are not what was declared may have been encoded on their way
 * (source.h). */
static int read_layer(const struct tools *tools, const struct tree_layer *layer,
					  struct layer_result *out, struct error *err)
{
	struct source *source = tools->source;
	struct error reason = ERROR_INIT;
	int result = read_blob(source_open_layer(source, &layer->descriptor, &reason), layer, tools,
						   out, &reason);
	bool is_other = result == 0 ? digest_differs(&layer->descriptor.digest, &out->digest)
								: reason.code == ERROR_TAMPERED;
	if (is_other && layer->has_blob_digest && source_layer_was_encoded(source))
		return read_blob(source_open_decoded_layer(source, &layer->descriptor, err), layer, tools,
						 out, err);
	if (result != 0)
		*err = reason;
	return result;
}

static int compare(const struct tree_layer *layer, const struct layer_result *found,
				   struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	if (layer->has_blob_digest && digest_differs(&layer->descriptor.digest, &found->digest))
		return error_set(err, ERROR_TAMPERED, "the bytes served hash to %s",
						 digest_format(&found->digest, text));
	if (layer->has_blob_digest && layer->descriptor.size >= 0 &&
		layer->descriptor.size != found->size)
		return error_set(err, ERROR_TAMPERED, "%" PRId64 " bytes declared, %" PRId64 " served",
						 layer->descriptor.size, found->size);
	if (found->decode_error.code != ERROR_NONE) {
		*err = found->decode_error;
		return -1;
	}
	if (digest_differs(&layer->diff_id, &found->diff_id))
		return error_set(err, ERROR_TAMPERED,
						 "the uncompressed bytes hash to %s, not to the diff_id of its place",
						 digest_format(&found->diff_id, text));
	return 0;
}

/* Files are filed under the name by which the image holds the layer. */
static void file_layer(const struct tools *tools, const struct tree_layer *layer)
{
	if (digest_is_set(&layer->diff_id))
		image_files_end(tools->files, &layer->diff_id);
	else if (layer->has_blob_digest)
		image_files_end(tools->files, &layer->descriptor.digest);
}

int content_read(struct source *source, const struct tree_image *image, struct crew *crew,
				 size_t *root_layers, struct image_files *files, struct error *err)
{
	const struct tools tools = {.source = source, .crew = crew, .files = files};
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct tree_layer *layer = &image->layers[i];
		struct layer_result found;
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (read_layer(&tools, layer, &found, err) != 0 || compare(layer, &found, err) != 0)
			return error_add_context(err, "layer %s", layer->descriptor.digest_text);
		file_layer(&tools, layer);
		if (found.has_os_release && i + 1 > *root_layers)
			*root_layers = i + 1;
	}
	return 0;
}
