#include "verify.h"

#include "layerproof/interrupt.h"
#include "layerproof/limits.h"

/* What was declared by sha512 may be known by sha256, and the other way round where anything is
 * known by sha512 at all. */
static bool needs_both_algorithms(const struct verify_tools *tools, const struct tree_layer *layer)
{
	return tools->is_sha512_wanted || layer->descriptor.digest.algorithm == DIGEST_SHA512 ||
		   layer->diff_id.algorithm == DIGEST_SHA512;
}

DEFINE_CLEANUP(struct file_search, file_search_free)

/* Who is told of what a layer holds while it is read. */
struct listener {
	struct layer_reading *progress;
	struct file_search *files;
};

static int note_file(void *context, const struct layer_file *file, struct error *err)
{
	const struct listener *listener = context;
	return file_search_note(listener->files, file, err);
}

static void note_progress(void *context, int64_t size)
{
	const struct listener *listener = context;
	layer_progress_note(listener->progress, size);
}

void verified_clear(struct verified *found)
{
	file_hits_release(found->files);
	found->files = NULL;
}

/* What was found in bytes that ended early was found all the same. */
static void end_search(struct file_search *search, struct verified *out)
{
	verified_clear(out);
	if (search != NULL)
		out->files = file_search_end(search, &out->index_failure);
}

static int read_blob(const struct verify_tools *tools, struct reader *blob,
					 const struct tree_layer *layer, struct verified *found, struct error *err)
{
	struct layer_result *out = &found->result;
	*out = (struct layer_result){.size = 0};
	if (blob == NULL)
		return -1;
	/* The digests are computed in the algorithms that were declared, so that they can be compared.
	 */
	CLEANUP(file_search_free_at)
	struct file_search *files = tools->files == NULL ? NULL : file_search_new(tools->files);
	struct listener listener = {
		.progress = layer_progress_begin(tools->progress, &layer->descriptor.digest,
										 layer->descriptor.size),
		.files = files,
	};
	struct layer_options options = {
		.crew = tools->crew,
		.blob_algorithm = layer->descriptor.digest.algorithm,
		.tar_algorithm = layer->diff_id.algorithm,
		.has_both_algorithms = needs_both_algorithms(tools, layer),
		.hole_limit = LIMIT_FILE_HOLES,
		.on_file = files == NULL ? NULL : note_file,
		.on_progress = note_progress,
		.context = &listener,
	};
	int result = layer_read(blob, &options, out, err);
	layer_progress_end(tools->progress, listener.progress);
	reader_close(blob);
	end_search(files, found);
	found->fetched += (uint64_t)out->size;
	return result;
}

/* Reads once more, to be decoded, a layer whose bytes as served are not what was declared: its
 * registry may have encoded them on their way. Only bytes of the declared digest are believed. */
static bool read_decoded(const struct verify_tools *tools, struct source *source,
						 const struct tree_layer *layer, struct verified *out)
{
	struct verified decoded = {.fetched = out->fetched};
	struct error ignored = ERROR_INIT;
	struct reader *blob = source_open_decoded_layer(source, &layer->descriptor, &ignored);
	int result = read_blob(tools, blob, layer, &decoded, &ignored);
	out->fetched = decoded.fetched;
	if (result != 0 || !digest_equal(&decoded.result.digest, &layer->descriptor.digest)) {
		verified_clear(&decoded);
		return false;
	}
	verified_clear(out);
	out->result = decoded.result;
	out->files = decoded.files;
	out->index_failure = decoded.index_failure;
	return true;
}

static int read_layer(const struct verify_tools *tools, struct source *source,
					  const struct tree_layer *layer, struct verified *out, struct error *err)
{
	struct error reason = ERROR_INIT;
	if (interrupt_requested())
		return error_set(err, ERROR_INTERRUPTED, "interrupted before it was asked for");
	struct reader *blob = source_open_layer(source, &layer->descriptor, &reason);
	int result = read_blob(tools, blob, layer, out, &reason);
	bool is_other = result == 0 ? !digest_equal(&out->result.digest, &layer->descriptor.digest)
								: reason.code == ERROR_TAMPERED;
	if (is_other && layer->has_blob_digest && source_layer_was_encoded(source) &&
		read_decoded(tools, source, layer, out))
		return 0;
	if (result != 0)
		*err = reason;
	return result;
}

static int read_or_recall(const struct verify_tools *tools, struct source *source,
						  const struct tree_layer *layer, struct recall *recall,
						  struct verified *out, struct error *err)
{
	struct file_hits **files = tools->files == NULL ? NULL : &out->files;
	/* An archive without blob digests names its layers by what the config claims, so nothing ties a
	 * name to bytes. */
	if (!layer->has_blob_digest)
		return read_layer(tools, source, layer, out, err);
	if (recall_blob(recall, layer, needs_both_algorithms(tools, layer), &out->result, files))
		return 0;
	int result = read_layer(tools, source, layer, out, err);
	bool is_sound = result == 0 && digest_equal(&out->result.digest, &layer->descriptor.digest);
	recall_keep_blob(recall, layer, is_sound ? &out->result : NULL, out->files);
	return result;
}

void verify_layer(const struct verify_tools *tools, struct source *source,
				  const struct tree_layer *layer, struct recall *recall, struct verified *out)
{
	*out = (struct verified){.reason = ERROR_INIT, .index_failure = ERROR_INIT};
	out->is_whole = read_or_recall(tools, source, layer, recall, out, &out->reason) == 0;
}
