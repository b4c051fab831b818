#include "recall.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "once.h"

struct memory {
	struct cache *cache; /* NULL: none */
	struct flights *flights;
	struct once *documents;
	struct once *tops; /* by place and tag */
	/* A diff_id that was computed in one algorithm says nothing of what another declares. */
	struct once *blobs_sha256;
	struct once *blobs_sha512;
	struct once *shown; /* a mark for each pair of place and digest */
};

/* Files of ours in one blob; a blob with more is read again. */
enum { FILES_KEPT = 1000 };

struct kept_document {
	atomic_int references;
	char *bytes;
	size_t size;
	char *media_type;
};

/* What a tag stood for when it was read last. */
struct kept_top {
	atomic_int references;
	struct digest digest;
	char *etag; /* NULL: none */
};

struct kept_blob {
	atomic_int references;
	struct layer_result result;
	struct file_hits *files; /* NULL: they were not looked for, or are too many to be kept */
};

static void retain_document(void *value)
{
	struct kept_document *kept = value;
	atomic_fetch_add(&kept->references, 1);
}

static void release_document(void *value)
{
	struct kept_document *kept = value;
	if (atomic_fetch_sub(&kept->references, 1) > 1)
		return;
	free(kept->bytes);
	free(kept->media_type);
	free(kept);
}

static void retain_top(void *value)
{
	struct kept_top *kept = value;
	atomic_fetch_add(&kept->references, 1);
}

static void release_top(void *value)
{
	struct kept_top *kept = value;
	if (atomic_fetch_sub(&kept->references, 1) > 1)
		return;
	free(kept->etag);
	free(kept);
}

static void retain_blob(void *value)
{
	struct kept_blob *kept = value;
	atomic_fetch_add(&kept->references, 1);
}

static void release_blob(void *value)
{
	struct kept_blob *kept = value;
	if (atomic_fetch_sub(&kept->references, 1) > 1)
		return;
	file_hits_release(kept->files);
	free(kept);
}

static void ignore(void *mark)
{
	(void)mark;
}

struct memory *memory_new(struct cache *cache)
{
	struct memory *memory = memory_alloc(1, sizeof(*memory));
	memory->cache = cache;
	memory->flights = flights_new();
	memory->documents = once_new(LIMIT_MEMO_DOCUMENTS, retain_document, release_document);
	memory->tops = once_new(LIMIT_MEMO_TOPS, retain_top, release_top);
	memory->blobs_sha256 = once_new(LIMIT_MEMO_BLOBS, retain_blob, release_blob);
	memory->blobs_sha512 = once_new(LIMIT_MEMO_BLOBS, retain_blob, release_blob);
	memory->shown = once_new(LIMIT_MEMO_SHOWN, ignore, ignore);
	return memory;
}

void memory_free(struct memory *memory)
{
	if (memory == NULL)
		return;
	once_free(memory->shown);
	once_free(memory->blobs_sha512);
	once_free(memory->blobs_sha256);
	once_free(memory->tops);
	once_free(memory->documents);
	flights_free(memory->flights);
	free(memory);
}

struct flights *memory_flights(struct memory *memory)
{
	return memory->flights;
}

static bool is_local(const struct reference *reference)
{
	return reference->transport != REFERENCE_REGISTRY;
}

static void hash_text(const char *text, struct digest *out)
{
	digest_of(DIGEST_SHA256, text, strlen(text), out);
}

void recall_begin(struct recall *recall, struct memory *memory, const struct reference *reference,
				  bool is_strict)
{
	*recall = (struct recall){
		.memory = memory,
		.cache = is_local(reference) ? NULL : memory->cache,
		.reference = reference,
		.is_strict = is_strict || is_local(reference),
	};
	const char *host = is_local(reference) ? reference->path : reference->registry;
	const char *repository = is_local(reference) ? "" : reference->repository;
	CLEANUP(free_at)
	char *place = memory_format("%d %s/%s", (int)reference->transport, host, repository);
	hash_text(host, &recall->host);
	hash_text(place, &recall->place);
}

void recall_clear(struct recall *recall)
{
	free(recall->documents);
	recall->documents = NULL;
}

/* ---- What a place has shown ---- */

static struct digest shown_key(const struct recall *recall, const struct digest *digest)
{
	const struct digest pair[2] = {recall->place, *digest};
	struct digest key;
	digest_of(DIGEST_SHA256, pair, sizeof(pair), &key);
	return key;
}

bool recall_is_shown(const struct recall *recall, const struct digest *digest)
{
	struct digest key = shown_key(recall, digest);
	return once_peek(recall->memory->shown, &key) != NULL;
}

void recall_note_shown(const struct recall *recall, const struct digest *digest)
{
	static char mark;
	struct digest key = shown_key(recall, digest);
	once_offer(recall->memory->shown, &key, &mark);
}

static bool may_take(const struct recall *recall, const struct digest *digest)
{
	return !recall->is_strict || recall_is_shown(recall, digest);
}

/* ---- Who fetches ---- */

/* Whether the caller should look into the memory once more. */
static bool wait_for_others(struct recall *recall, enum flight kind, const struct digest *digest)
{
	if (!flights_begin(recall->memory->flights, kind, &recall->host, digest))
		return true;
	recall->flight = kind;
	recall->flight_digest = *digest;
	return false;
}

static void end_flight(struct recall *recall)
{
	if (digest_is_set(&recall->flight_digest))
		flights_end(recall->memory->flights, recall->flight, &recall->host, &recall->flight_digest);
	recall->flight_digest = (struct digest){.algorithm = DIGEST_NONE};
}

/* ---- Documents ---- */

static void note_recalled(struct recall *recall, const struct document *document)
{
	recall->documents = memory_grow(recall->documents, recall->count, &recall->capacity,
									sizeof(*recall->documents));
	recall->documents[recall->count++] = (struct recalled){
		.digest = document->digest,
		.digest_sha256 = document->digest_sha256,
		.size = (int64_t)document->size,
	};
}

const struct recalled *recall_find_document(const struct recall *recall,
											const struct digest *digest)
{
	for (size_t i = 0; i < recall->count; i++)
		if (digest_equal(&recall->documents[i].digest, digest) ||
			digest_equal(&recall->documents[i].digest_sha256, digest))
			return &recall->documents[i];
	return NULL;
}

static void keep_in_run(struct memory *memory, const struct document *document)
{
	if ((int64_t)document->size > LIMIT_MEMO_DOCUMENT_SIZE)
		return;
	struct kept_document *kept = memory_alloc(1, sizeof(*kept));
	kept->references = 1;
	kept->bytes = memory_copy_span(document->bytes, document->size);
	kept->size = document->size;
	kept->media_type = memory_copy_text(document->media_type);
	once_offer(memory->documents, &document->digest, kept);
	release_document(kept);
}

static void keep_document(const struct recall *recall, const struct document *document)
{
	keep_in_run(recall->memory, document);
	if (recall->cache != NULL)
		cache_keep_document(recall->cache, document);
}

/* From an earlier run; the bytes are hashed again. */
static bool read_document(const struct recall *recall, const struct digest *digest,
						  struct document *out)
{
	if (recall->cache == NULL || !cache_get_document(recall->cache, digest, out))
		return false;
	keep_in_run(recall->memory, out);
	return true;
}

static bool copy_document(const struct recall *recall, const struct digest *digest,
						  struct document *out)
{
	struct kept_document *kept = once_peek(recall->memory->documents, digest);
	if (kept == NULL)
		return read_document(recall, digest, out);
	document_init(out, memory_copy_span(kept->bytes, kept->size), kept->size, kept->media_type,
				  digest);
	release_document(kept);
	return true;
}

static bool take_document(struct recall *recall, const struct digest *digest, struct document *out)
{
	if (!copy_document(recall, digest, out))
		return false;
	note_recalled(recall, out);
	return true;
}

static bool get_document(void *context, const struct digest *digest, struct document *out)
{
	struct recall *recall = context;
	if (!may_take(recall, digest))
		return false;
	return take_document(recall, digest, out) ||
		   (wait_for_others(recall, FLIGHT_DOCUMENT, digest) && take_document(recall, digest, out));
}

static void put_document(void *context, const struct document *document)
{
	struct recall *recall = context;
	if (document != NULL) {
		keep_document(recall, document);
		recall_note_shown(recall, &document->digest);
	}
	end_flight(recall);
}

/* ---- Top documents ---- */

static struct digest top_key(const struct recall *recall)
{
	struct digest key;
	struct digest tag;
	hash_text(recall->reference->tag, &tag);
	const struct digest pair[2] = {recall->place, tag};
	digest_of(DIGEST_SHA256, pair, sizeof(pair), &key);
	return key;
}

static bool is_by_digest(const struct recall *recall)
{
	return digest_is_set(&recall->reference->digest);
}

static void keep_top(const struct recall *recall, const struct digest *key,
					 const struct digest *digest, const char *etag)
{
	struct kept_top *kept = memory_alloc(1, sizeof(*kept));
	kept->references = 1;
	kept->digest = *digest;
	kept->etag = memory_copy_text(etag);
	once_replace(recall->memory->tops, key, kept);
	release_top(kept);
}

/* What the tag stood for when it was read last, in this run or an earlier one. */
static bool find_top(const struct recall *recall, struct digest *digest, char **etag)
{
	struct digest key = top_key(recall);
	struct kept_top *kept = once_peek(recall->memory->tops, &key);
	if (kept == NULL) {
		if (recall->cache == NULL || !cache_get_tag(recall->cache, &key, digest, etag))
			return false;
		keep_top(recall, &key, digest, *etag);
		return true;
	}
	*digest = kept->digest;
	*etag = memory_copy_text(kept->etag);
	release_top(kept);
	return true;
}

static bool get_top(void *context, struct document *out)
{
	const struct recall *recall = context;
	struct digest digest;
	CLEANUP(free_at) char *etag = NULL;
	if (recall->is_strict)
		return false;
	if (is_by_digest(recall))
		return copy_document(recall, &recall->reference->digest, out);
	if (!find_top(recall, &digest, &etag) || !copy_document(recall, &digest, out))
		return false;
	out->etag = STEAL(etag);
	return true;
}

static void put_top(void *context, const struct document *document)
{
	struct recall *recall = context;
	recall_note_shown(recall, &document->digest);
	if (document->is_held || is_local(recall->reference))
		return;
	keep_document(recall, document);
	if (is_by_digest(recall))
		return;
	struct digest key = top_key(recall);
	keep_top(recall, &key, &document->digest, document->etag);
	if (recall->cache != NULL)
		cache_keep_tag(recall->cache, &key, &document->digest, document->etag);
}

struct tree_memo recall_documents(struct recall *recall)
{
	return (struct tree_memo){
		.context = recall,
		.get = get_document,
		.put = put_document,
		.get_top = get_top,
		.put_top = put_top,
	};
}

/* ---- Blobs ---- */

/* The tar of a layer without a declared diff_id is hashed by sha256. */
static enum digest_algorithm tar_algorithm(const struct tree_layer *layer)
{
	return layer->diff_id.algorithm == DIGEST_SHA512 ? DIGEST_SHA512 : DIGEST_SHA256;
}

static struct once *blobs_for(const struct recall *recall, const struct tree_layer *layer)
{
	const struct memory *memory = recall->memory;
	return tar_algorithm(layer) == DIGEST_SHA512 ? memory->blobs_sha512 : memory->blobs_sha256;
}

/* What is known with its files takes the place of what is not. */
static void keep_blob_in_run(const struct recall *recall, const struct tree_layer *layer,
							 const struct layer_result *result, struct file_hits *files)
{
	struct once *blobs = blobs_for(recall, layer);
	struct kept_blob *kept = memory_alloc(1, sizeof(*kept));
	kept->references = 1;
	kept->result = *result;
	if (files != NULL && files->count <= FILES_KEPT)
		kept->files = file_hits_retain(files);
	if (kept->files != NULL)
		once_replace(blobs, &layer->descriptor.digest, kept);
	else
		once_offer(blobs, &layer->descriptor.digest, kept);
	release_blob(kept);
}

static bool take_blob_from_disk(const struct recall *recall, const struct tree_layer *layer,
								bool needs_both, struct layer_result *out)
{
	return recall->cache != NULL &&
		   cache_get_blob(recall->cache, &layer->descriptor.digest, tar_algorithm(layer), out) &&
		   (!needs_both || digest_is_set(&out->other_digest));
}

static bool take_blob(const struct recall *recall, const struct tree_layer *layer, bool needs_both,
					  struct layer_result *out, struct file_hits **files)
{
	const struct digest *digest = &layer->descriptor.digest;
	struct kept_blob *kept = once_peek(blobs_for(recall, layer), digest);
	if (kept == NULL) {
		if (files != NULL || !take_blob_from_disk(recall, layer, needs_both, out))
			return false;
		keep_blob_in_run(recall, layer, out, NULL);
		return true;
	}
	bool is_enough = files == NULL || kept->files != NULL;
	if (is_enough)
		*out = kept->result;
	if (is_enough && files != NULL)
		*files = file_hits_retain(kept->files);
	release_blob(kept);
	return is_enough;
}

bool recall_blob(struct recall *recall, const struct tree_layer *layer, bool needs_both_algorithms,
				 struct layer_result *out, struct file_hits **files)
{
	const struct digest *digest = &layer->descriptor.digest;
	if (!may_take(recall, digest))
		return false;
	return take_blob(recall, layer, needs_both_algorithms, out, files) ||
		   (wait_for_others(recall, FLIGHT_BLOB, digest) &&
			take_blob(recall, layer, needs_both_algorithms, out, files));
}

void recall_keep_blob(struct recall *recall, const struct tree_layer *layer,
					  const struct layer_result *result, struct file_hits *files)
{
	if (result != NULL) {
		keep_blob_in_run(recall, layer, result, files);
		if (recall->cache != NULL)
			cache_keep_blob(recall->cache, result);
		recall_note_shown(recall, &layer->descriptor.digest);
	}
	end_flight(recall);
}
