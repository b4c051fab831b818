/*
 * The stages of the pass pull from one another:
 *
 *   blob -> counted and hashed -> decoder -> counted and hashed -> tar walk
 *
 * A stage that fails stops those behind it; the one before it is then read to its end, so that each
 * digest is finished whatever becomes of what follows.
 */
#include "layerproof/layer.h"

#include "decoding.h"
#include "hashing_reader.h"
#include "layerproof/limits.h"
#include "tar_walk.h"

bool layer_is_empty(const struct layer_result *result)
{
	return result->format != LAYER_UNKNOWN && result->decode_error.code == ERROR_NONE &&
		   result->walk_error.code == ERROR_NONE && result->content_files == 0;
}

/* The options with their defaults filled in. */
static struct layer_options complete(const struct layer_options *options)
{
	struct layer_options all = *options;
	if (all.blob_algorithm == DIGEST_NONE)
		all.blob_algorithm = DIGEST_SHA256;
	if (all.tar_algorithm == DIGEST_NONE)
		all.tar_algorithm = DIGEST_SHA256;
	if (all.compressed_limit == 0)
		all.compressed_limit = LIMIT_LAYER_COMPRESSED;
	if (all.uncompressed_limit == 0)
		all.uncompressed_limit = LIMIT_LAYER_UNCOMPRESSED;
	if (all.entry_limit == 0)
		all.entry_limit = LIMIT_TAR_ENTRIES;
	return all;
}

static void walk(struct hashing_reader *tar, uint64_t entry_limit, struct layer_result *out)
{
	struct tar_walk seen;
	tar_walk_run(&tar->reader, entry_limit, &seen, &out->walk_error);
	out->entries = seen.entries;
	out->content_files = seen.content_files;
	out->has_os_release = seen.has_os_release;
}

/* The bytes of a blob that is not compressed are those of its tar: they are hashed once. */
static bool is_hashed_already(const struct decoding *decoding, const struct layer_options *options)
{
	return !decoding->decoder && options->blob_algorithm == options->tar_algorithm;
}

/* Everything behind the blob's own digest. Failures go into `out`. */
static void decode(struct hashing_reader *served, const struct layer_options *options,
				   struct layer_result *out)
{
	struct decoding decoding = {.format = LAYER_UNKNOWN};
	if (decoding_open(&decoding, &served->reader, &out->decode_error) == -1) {
		out->walk_error = out->decode_error;
		decoding_close(&decoding);
		return;
	}
	out->format = decoding.format;
	enum digest_algorithm algorithm = is_hashed_already(&decoding, options)
										  ? DIGEST_NONE
										  : options->tar_algorithm;
	struct hashing_reader *tar = hashing_reader_new(decoding.tar, algorithm,
													options->uncompressed_limit, "uncompressed");
	walk(tar, options->entry_limit, out);
	hashing_reader_finish(tar, &out->diff_id, &out->decode_error);
	out->uncompressed = tar->size;
	out->members = decoding.decoder ? decoding.decoder->members : 0;
	hashing_reader_free(tar);
	decoding_close(&decoding);
}

int layer_read(struct reader *blob, const struct layer_options *options, struct layer_result *out,
			   struct error *err)
{
	struct layer_options all = complete(options);
	*out = (struct layer_result){.format = LAYER_UNKNOWN};
	CLEANUP(hashing_reader_free_at)
	struct hashing_reader *served = hashing_reader_new(blob, all.blob_algorithm,
													   all.compressed_limit, "compressed");
	decode(served, &all, out);
	int result = hashing_reader_finish(served, &out->digest, err);
	out->size = served->size;
	if (result == 0 && out->format != LAYER_UNKNOWN && out->decode_error.code == ERROR_NONE &&
		!digest_is_set(&out->diff_id))
		out->diff_id = out->digest;
	return result;
}
