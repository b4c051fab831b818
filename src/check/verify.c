#include "verify.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "once.h"

/* A diff_id that was computed in one algorithm says nothing of what another declares, so each has a
 * table of its own. */
struct verify_memo {
	struct once *sha256;
	struct once *sha512;
};

struct kept_result {
	atomic_int references;
	struct layer_result result;
};

static void retain(void *value)
{
	struct kept_result *kept = value;
	atomic_fetch_add(&kept->references, 1);
}

static void release(void *value)
{
	struct kept_result *kept = value;
	if (atomic_fetch_sub(&kept->references, 1) == 1)
		free(kept);
}

struct verify_memo *verify_memo_new(void)
{
	struct verify_memo *memo = memory_alloc(1, sizeof(*memo));
	memo->sha256 = once_new(LIMIT_MEMO_BLOBS, retain, release);
	memo->sha512 = once_new(LIMIT_MEMO_BLOBS, retain, release);
	return memo;
}

void verify_memo_free(struct verify_memo *memo)
{
	if (memo == NULL)
		return;
	once_free(memo->sha256);
	once_free(memo->sha512);
	free(memo);
}

/* The tar of a layer without a declared diff_id is hashed by sha256. */
static struct once *table_for(struct verify_memo *memo, const struct tree_layer *layer)
{
	return layer->diff_id.algorithm == DIGEST_SHA512 ? memo->sha512 : memo->sha256;
}

static int read_blob(struct reader *blob, const struct tree_layer *layer, struct layer_result *out,
					 uint64_t *fetched, struct error *err)
{
	/* The digests are computed in the algorithms that were declared, so that they can be compared.
	 */
	struct layer_options options = {
		.blob_algorithm = layer->descriptor.digest.algorithm,
		.tar_algorithm = layer->diff_id.algorithm,
	};
	*out = (struct layer_result){.size = 0};
	if (blob == NULL)
		return -1;
	int result = layer_read(blob, &options, out, err);
	reader_close(blob);
	*fetched += (uint64_t)out->size;
	return result;
}

/* Reads once more, to be decoded, a layer whose bytes as served are not what was declared: its
 * registry may have encoded them on their way. Only bytes of the declared digest are believed. */
static bool read_decoded(struct source *source, const struct tree_layer *layer,
						 struct layer_result *out, uint64_t *fetched)
{
	struct layer_result decoded;
	struct error ignored = ERROR_INIT;
	struct reader *blob = source_open_decoded_layer(source, &layer->descriptor, &ignored);
	if (read_blob(blob, layer, &decoded, fetched, &ignored) != 0 ||
		!digest_equal(&decoded.digest, &layer->descriptor.digest))
		return false;
	*out = decoded;
	return true;
}

static int read_layer(struct source *source, const struct tree_layer *layer,
					  struct layer_result *out, uint64_t *fetched, struct error *err)
{
	struct error reason = ERROR_INIT;
	struct reader *blob = source_open_layer(source, &layer->descriptor, &reason);
	int result = read_blob(blob, layer, out, fetched, &reason);
	bool is_other = result == 0 ? !digest_equal(&out->digest, &layer->descriptor.digest)
								: reason.code == ERROR_TAMPERED;
	if (is_other && layer->has_blob_digest && source_layer_was_encoded(source) &&
		read_decoded(source, layer, out, fetched))
		return 0;
	if (result != 0)
		*err = reason;
	return result;
}

int verify_layer(struct source *source, const struct tree_layer *layer, struct verify_memo *memo,
				 struct layer_result *out, uint64_t *fetched, struct error *err)
{
	const struct digest *key = &layer->descriptor.digest;
	struct once *table = table_for(memo, layer);
	*fetched = 0;
	/* An archive without blob digests names its layers by what the config claims, so nothing ties a
	 * name to bytes. */
	if (!layer->has_blob_digest)
		return read_layer(source, layer, out, fetched, err);
	struct kept_result *kept = once_claim(table, key);
	if (kept != NULL) {
		*out = kept->result;
		release(kept);
		return 0;
	}
	int result = read_layer(source, layer, out, fetched, err);
	if (result != 0 || !digest_equal(&out->digest, key)) {
		once_abandon(table, key);
		return result;
	}
	kept = memory_alloc(1, sizeof(*kept));
	kept->references = 1;
	kept->result = *out;
	once_fulfil(table, key, kept);
	release(kept);
	return 0;
}
