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
		   result->walk_error.code == ERROR_NONE && result->content_files == 0 &&
		   !(result->oddities & LAYER_SIZE_CONFLICT);
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
		.hole_limit = options->hole_limit,
		.on_file = options->on_file,
		.context = options->context,
	};
	struct tar_walk seen;
	tar_walk_run(&tar->reader, &walk_options, &seen, &out->walk_error);
	out->entries = seen.entries;
	out->content_files = seen.content_files;
	out->unhashed_files = seen.unhashed_files;
	out->oddities = seen.oddities;
	out->has_os_release = seen.has_os_release;
	return !seen.is_refused;
}

static enum digest_algorithm other_algorithm(enum digest_algorithm algorithm)
{
	return algorithm == DIGEST_SHA256 ? DIGEST_SHA512 : DIGEST_SHA256;
}

/* The bytes of a blob that is not compressed are those of its tar: they are hashed once. */
static bool is_hashed_already(const struct decoding *decoding, const struct layer_options *options)
{
	return !decoding->decoder &&
		   (options->has_both_algorithms || options->blob_algorithm == options->tar_algorithm);
}

static struct hashing_options hash_by(const struct layer_options *options,
									  enum digest_algorithm algorithm)
{
	struct hashing_options hashing = {.hashers = hashers_of(options)};
	hashing.algorithms[0] = algorithm;
	if (options->has_both_algorithms && algorithm != DIGEST_NONE)
		hashing.algorithms[1] = other_algorithm(algorithm);
	return hashing;
}

static struct hashing_reader *hash_tar(const struct decoding *decoding,
									   const struct layer_options *options)
{
	bool is_hashed = is_hashed_already(decoding, options);
	struct hashing_options hashing = hash_by(options,
											 is_hashed ? DIGEST_NONE : options->tar_algorithm);
	hashing.limit = options->uncompressed_limit;
	hashing.name = "uncompressed";
	return hashing_reader_new(decoding->tar, &hashing);
}

static bool read_tar(struct decoding *decoding, const struct layer_options *options,
					 struct layer_result *out)
{
	CLEANUP(hashing_reader_free_at) struct hashing_reader *tar = hash_tar(decoding, options);
	struct digest digests[HASHING_DIGESTS];
	bool is_wanted = walk(tar, options, out);
	if (is_wanted && hashing_reader_finish(tar, digests, &out->decode_error) == 0) {
		out->diff_id = digests[0];
		out->other_diff_id = digests[1];
	}
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
	struct hashing_options hashing = hash_by(options, options->blob_algorithm);
	hashing.is_waited_for = true;
	hashing.limit = options->compressed_limit;
	hashing.seconds_limit = options->seconds_limit;
	hashing.name = "compressed";
	hashing.on_progress = options->on_progress;
	hashing.context = options->context;
	return hashing_reader_new(blob, &hashing);
}

/* The diff_id of a blob that is not compressed. */
static void take_blob_digests(const struct layer_options *options, struct layer_result *out)
{
	bool is_same = options->blob_algorithm == options->tar_algorithm;
	out->diff_id = is_same ? out->digest : out->other_digest;
	out->other_diff_id = is_same ? out->other_digest : out->digest;
}

static int finish(struct hashing_reader *served, const struct layer_options *options,
				  struct layer_result *out, struct error *err)
{
	struct digest digests[HASHING_DIGESTS];
	int result = hashing_reader_finish(served, digests, err);
	out->size = served->size;
	if (result == -1)
		return -1;
	out->digest = digests[0];
	out->other_digest = digests[1];
	if (out->format != LAYER_UNKNOWN && out->decode_error.code == ERROR_NONE &&
		!digest_is_set(&out->diff_id))
		take_blob_digests(options, out);
	return 0;
}

static int read_blob(struct reader *blob, const struct layer_options *options,
					 struct layer_result *out, struct error *err)
{
	CLEANUP(hashing_reader_free_at) struct hashing_reader *served = hash_blob(blob, options);
	if (decode(served, options, out))
		return finish(served, options, out, err);
	out->size = served->size;
	*err = out->walk_error;
	return -1;
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
