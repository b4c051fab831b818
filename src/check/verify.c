#include "verify.h"

#include "layerproof/interrupt.h"

/* What was declared by sha512 may be known by sha256, and the other way round where anything is
 * known by sha512 at all. */
static bool needs_both_algorithms(const struct verify_tools *tools, const struct tree_layer *layer)
{
	return tools->is_sha512_wanted || layer->descriptor.digest.algorithm == DIGEST_SHA512 ||
		   layer->diff_id.algorithm == DIGEST_SHA512;
}

static int read_blob(const struct verify_tools *tools, struct reader *blob,
					 const struct tree_layer *layer, struct layer_result *out, uint64_t *fetched,
					 struct error *err)
{
	*out = (struct layer_result){.size = 0};
	if (blob == NULL)
		return -1;
	/* The digests are computed in the algorithms that were declared, so that they can be compared.
	 */
	struct layer_reading *reading = layer_progress_begin(tools->progress, &layer->descriptor.digest,
														 layer->descriptor.size);
	struct layer_options options = {
		.crew = tools->crew,
		.blob_algorithm = layer->descriptor.digest.algorithm,
		.tar_algorithm = layer->diff_id.algorithm,
		.has_both_algorithms = needs_both_algorithms(tools, layer),
		.on_progress = layer_progress_note,
		.context = reading,
	};
	int result = layer_read(blob, &options, out, err);
	layer_progress_end(tools->progress, reading);
	reader_close(blob);
	*fetched += (uint64_t)out->size;
	return result;
}

/* Reads once more, to be decoded, a layer whose bytes as served are not what was declared: its
 * registry may have encoded them on their way. Only bytes of the declared digest are believed. */
static bool read_decoded(const struct verify_tools *tools, struct source *source,
						 const struct tree_layer *layer, struct layer_result *out,
						 uint64_t *fetched)
{
	struct layer_result decoded;
	struct error ignored = ERROR_INIT;
	struct reader *blob = source_open_decoded_layer(source, &layer->descriptor, &ignored);
	if (read_blob(tools, blob, layer, &decoded, fetched, &ignored) != 0 ||
		!digest_equal(&decoded.digest, &layer->descriptor.digest))
		return false;
	*out = decoded;
	return true;
}

static int read_layer(const struct verify_tools *tools, struct source *source,
					  const struct tree_layer *layer, struct layer_result *out, uint64_t *fetched,
					  struct error *err)
{
	struct error reason = ERROR_INIT;
	*out = (struct layer_result){.size = 0};
	if (interrupt_requested())
		return error_set(err, ERROR_INTERRUPTED, "interrupted before it was asked for");
	struct reader *blob = source_open_layer(source, &layer->descriptor, &reason);
	int result = read_blob(tools, blob, layer, out, fetched, &reason);
	bool is_other = result == 0 ? !digest_equal(&out->digest, &layer->descriptor.digest)
								: reason.code == ERROR_TAMPERED;
	if (is_other && layer->has_blob_digest && source_layer_was_encoded(source) &&
		read_decoded(tools, source, layer, out, fetched))
		return 0;
	if (result != 0)
		*err = reason;
	return result;
}

static int read_or_recall(const struct verify_tools *tools, struct source *source,
						  const struct tree_layer *layer, struct recall *recall,
						  struct layer_result *out, uint64_t *fetched, struct error *err)
{
	/* An archive without blob digests names its layers by what the config claims, so nothing ties a
	 * name to bytes. */
	if (!layer->has_blob_digest)
		return read_layer(tools, source, layer, out, fetched, err);
	if (recall_blob(recall, layer, needs_both_algorithms(tools, layer), out))
		return 0;
	int result = read_layer(tools, source, layer, out, fetched, err);
	bool is_sound = result == 0 && digest_equal(&out->digest, &layer->descriptor.digest);
	recall_keep_blob(recall, layer, is_sound ? out : NULL);
	return result;
}

void verify_layer(const struct verify_tools *tools, struct source *source,
				  const struct tree_layer *layer, struct recall *recall, struct verified *out)
{
	*out = (struct verified){.reason = ERROR_INIT};
	out->is_whole = read_or_recall(tools, source, layer, recall, &out->result, &out->fetched,
								   &out->reason) == 0;
}
