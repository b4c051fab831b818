#include "content.h"

#include <inttypes.h>

#include "layerproof/interrupt.h"
#include "layerproof/layer.h"

static int read_blob(struct reader *blob, const struct tree_layer *layer, struct crew *crew,
					 struct layer_result *out, struct error *err)
{
	const struct layer_options options = {
		.crew = crew,
		.blob_algorithm = layer->descriptor.digest.algorithm,
		.tar_algorithm = layer->diff_id.algorithm,
	};
	*out = (struct layer_result){.size = 0};
	if (blob == NULL)
		return -1;
	int result = layer_read(blob, &options, out, err);
	reader_close(blob);
	return result;
}

/* A layer whose bytes as served are not what was declared may have been encoded on their way
 * (source.h). */
static int read_layer(struct source *source, const struct tree_layer *layer, struct crew *crew,
					  struct layer_result *out, struct error *err)
{
	struct error reason = ERROR_INIT;
	int result = read_blob(source_open_layer(source, &layer->descriptor, &reason), layer, crew, out,
						   &reason);
	bool is_other = result == 0 ? digest_differs(&layer->descriptor.digest, &out->digest)
								: reason.code == ERROR_TAMPERED;
	if (is_other && layer->has_blob_digest && source_layer_was_encoded(source))
		return read_blob(source_open_decoded_layer(source, &layer->descriptor, err), layer, crew,
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

int content_read(struct source *source, const struct tree_image *image, struct crew *crew,
				 size_t *root_layers, struct error *err)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct tree_layer *layer = &image->layers[i];
		struct layer_result found;
		if (interrupt_requested())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		if (read_layer(source, layer, crew, &found, err) != 0 || compare(layer, &found, err) != 0)
			return error_add_context(err, "layer %s", layer->descriptor.digest_text);
		if (found.has_os_release && i + 1 > *root_layers)
			*root_layers = i + 1;
	}
	return 0;
}
