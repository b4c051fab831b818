/*
 * The stages of the pass pull from one another:
 *
 *   blob -> counted and hashed -> decoder -> counted and hashed -> tar walk
 *
 * A stage that fails stops those behind it; the one before it is then read to its end, so that each
 * digest is finished whatever becomes of what follows. The two stages that hash leave it to a free
 * core where there is one: see hashers.h.
 */
#include "layerproof/layer.h"

#include "crew_private.h"
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
	if (all.seconds_limit == 0)
		all.seconds_limit = LIMIT_LAYER_SECONDS;
	return all;
}

static struct hashers *hashers_of(const struct layer_options *options)
{
	return options->crew != NULL ? options->crew->hashers : NULL;
}

/* False when on_file() has ended it. */
static bool walk(struct hashing_reader *tar, const struct layer_options *options,
				 struct layer_result *out)
{
	struct tar_walk_options walk_options = {
		.entry_limit = options->entry_limit,
		.size_limit = options->uncompressed_limit,
		.on_file = options->on_file,
		.context = options->context,
	};
	struct tar_walk seen;
	tar_walk_run(&tar->reader, &walk_options, &seen, &out->walk_error);
	out->entries = seen.entries;
	out->content_files = seen.content_files;
	out->oddities = seen.oddities;
	out->has_os_release = seen.has_os_release;
	return !seen.is_refused;
}

/* The bytes of a blob that is not compressed are those of its tar: they are hashed once. */
static bool is_hashed_already(const struct decoding *decoding, const struct layer_options *options)
{
	return !decoding->decoder && options->blob_algorithm == options->tar_algorithm;
}

static struct hashing_reader *hash_tar(const struct decoding *decoding,
									   const struct layer_options *options)
{
	struct hashing_options hashing = {
		.algorithm = is_hashed_already(decoding, options) ? DIGEST_NONE : options->tar_algorithm,
		.hashers = hashers_of(options),
		.limit = options->uncompressed_limit,
		.name = "uncompressed",
	};
	return hashing_reader_new(decoding->tar, &hashing);
}

static bool read_tar(struct decoding *decoding, const struct layer_options *options,
					 struct layer_result *out)
{
	CLEANUP(hashing_reader_free_at) struct hashing_reader *tar = hash_tar(decoding, options);
	bool is_wanted = walk(tar, options, out);
	if (is_wanted)
		hashing_reader_finish(tar, &out->diff_id, &out->decode_error);
	out->uncompressed = tar->size;
	out->members = decoding->decoder ? decoding->decoder->members : 0;
	return is_wanted;
}

/* Everything behind the blob's own digest. Failures go into `out`. False when on_file() has ended
 * it. */
static bool decode(struct hashing_reader *served, const struct layer_options *options,
				   struct layer_result *out)
{
	struct decoding decoding = {.format = LAYER_UNKNOWN};
	bool is_wanted = true;
	if (decoding_open(&decoding, &served->reader, options->crew, &out->decode_error) == -1) {
		out->walk_error = out->decode_error;
	} else {
		out->format = decoding.format;
		is_wanted = read_tar(&decoding, options, out);
	}
	decoding_close(&decoding);
	return is_wanted;
}

static struct hashing_reader *hash_blob(struct reader *blob, const struct layer_options *options)
{
	struct hashing_options hashing = {
		.algorithm = options->blob_algorithm,
		.hashers = hashers_of(options),
		.is_waited_for = true,
		.limit = options->compressed_limit,
		.seconds_limit = options->seconds_limit,
		.name = "compressed",
		.on_progress = options->on_progress,
		.context = options->context,
	};
	return hashing_reader_new(blob, &hashing);
}

static int read_blob(struct reader *blob, const struct layer_options *options,
					 struct layer_result *out, struct error *err)
{
	CLEANUP(hashing_reader_free_at) struct hashing_reader *served = hash_blob(blob, options);
	bool is_wanted = decode(served, options, out);
	out->size = served->size;
	if (!is_wanted) {
		*err = out->walk_error;
		return -1;
	}
	int result = hashing_reader_finish(served, &out->digest, err);
	out->size = served->size;
	if (result == 0 && out->format != LAYER_UNKNOWN && out->decode_error.code == ERROR_NONE &&
		!digest_is_set(&out->diff_id))
		out->diff_id = out->digest;
	return result;
}

int layer_read(struct reader *blob, const struct layer_options *options, struct layer_result *out,
			   struct error *err)
{
	struct layer_options all = complete(options);
	struct crew *crew = options->crew;
	*out = (struct layer_result){.format = LAYER_UNKNOWN};
	if (crew == NULL)
		return read_blob(blob, &all, out, err);
	if (allowance_take(crew->layers, LIMIT_LAYER_MEMORY, err) == -1)
		return -1;
	hashers_begin(crew->hashers);
	int result = read_blob(blob, &all, out, err);
	hashers_pause(crew->hashers);
	allowance_give_back(crew->layers, LIMIT_LAYER_MEMORY);
	return result;
}
