#include "layerproof/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "generations.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "record.h"

/* When what was kept is written: so many records or bytes, or the first of them so old. */
enum { BATCH_RECORDS = 4000, BATCH_MS = 1000 };
#define BATCH_BYTES LIMIT_MIB(4)

struct pending {
	struct generations_record *records;
	size_t count;
	size_t capacity;
	size_t bytes;
	int64_t first_ms;
};

struct cache {
	struct generations *generations;
	pthread_mutex_t lock;
	struct pending pending;
	size_t batch_bytes;
	bool is_writing; /* some thread writes what was pending before */
};

struct cache *cache_open(const char *directory, int64_t size, struct error *err)
{
	struct generations *generations = generations_open(directory, size, err);
	if (generations == NULL)
		return NULL;
	struct cache *cache = memory_alloc(1, sizeof(*cache));
	cache->generations = generations;
	/* A batch must fit into one generation. */
	cache->batch_bytes = (size_t)(size / 16 < BATCH_BYTES ? size / 16 : BATCH_BYTES);
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void write_pending(struct cache *cache, struct pending *pending)
{
	if (pending->count > 0)
		generations_put(cache->generations, pending->records, pending->count);
	for (size_t i = 0; i < pending->count; i++)
		free(pending->records[i].value);
	free(pending->records);
}

void cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	write_pending(cache, &cache->pending);
	generations_close(cache->generations);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* ---- Keeping ---- */

/* Whether what is pending is now the caller's to write. The lock is held. */
static bool take_due(struct cache *cache, struct pending *out)
{
	struct pending *pending = &cache->pending;
	bool is_due = pending->count >= BATCH_RECORDS || pending->bytes >= cache->batch_bytes ||
				  clock_monotonic_ms() - pending->first_ms >= BATCH_MS;
	if (!is_due || cache->is_writing)
		return false;
	*out = *pending;
	*pending = (struct pending){.records = NULL};
	cache->is_writing = true;
	return true;
}

/* Takes the record. More than disk and lock can follow is dropped: it is only a cache. The lock is
 * held. */
static void add_pending(struct cache *cache, struct generations_record *record)
{
	struct pending *pending = &cache->pending;
	size_t bytes = record->size + sizeof(*record);
	if (pending->bytes + bytes > 2 * cache->batch_bytes && pending->count > 0) {
		free(record->value);
		return;
	}
	if (pending->count == 0)
		pending->first_ms = clock_monotonic_ms();
	pending->records = memory_grow(pending->records, pending->count, &pending->capacity,
								   sizeof(*pending->records));
	pending->records[pending->count++] = *record;
	pending->bytes += bytes;
}

static void keep(struct cache *cache, struct generations_record *record)
{
	struct pending due;
	pthread_mutex_lock(&cache->lock);
	add_pending(cache, record);
	bool is_due = take_due(cache, &due);
	pthread_mutex_unlock(&cache->lock);
	if (!is_due)
		return;
	write_pending(cache, &due);
	pthread_mutex_lock(&cache->lock);
	cache->is_writing = false;
	pthread_mutex_unlock(&cache->lock);
}

static void set_key(struct generations_record *record, enum generations_database database,
					const struct digest *digest, int more)
{
	*record = (struct generations_record){.database = database};
	record->key[0] = (uint8_t)digest->algorithm;
	record->key[1] = (uint8_t)more;
	memcpy(record->key + 2, digest->bytes, digest_size(digest->algorithm));
	record->key_size = 2 + digest_size(digest->algorithm);
}

/* The value of `record`, whose key is set; true with parts that are borrowed from it. What is about
 * to go with the oldest is kept anew. */
static bool get(struct cache *cache, struct generations_record *record, struct store_bytes *head,
				struct store_bytes *body)
{
	bool is_old;
	const struct store_bytes key = {record->key, record->key_size};
	record->value = generations_get(cache->generations, record->database, key, &record->size,
									&is_old);
	if (record->value == NULL)
		return false;
	const struct store_bytes value = {record->value, record->size};
	if (!record_read(record, value, head, body)) {
		log_verbose("cache: a damaged record is dropped");
		return false;
	}
	if (is_old) {
		struct generations_record again = *record;
		again.value = memory_copy_span(record->value, record->size);
		keep(cache, &again);
	}
	return true;
}

/* ---- Documents ---- */

static bool read_document(const struct digest *digest, struct store_bytes head,
						  struct store_bytes body, struct document *out)
{
	CLEANUP(free_at) char *media_type = memory_copy_span(head.bytes, head.size);
	document_init(out, memory_copy_span(body.bytes, body.size), body.size,
				  head.size > 0 ? media_type : NULL, digest);
	if (digest_equal(&out->digest, digest))
		return true;
	document_clear(out);
	log_verbose("cache: a document with other bytes than its digest says is dropped");
	return false;
}

bool cache_get_document(struct cache *cache, const struct digest *digest, struct document *out)
{
	struct generations_record record;
	struct store_bytes head;
	struct store_bytes body;
	set_key(&record, CACHE_DOCUMENTS, digest, 0);
	bool is_there = get(cache, &record, &head, &body) && read_document(digest, head, body, out);
	free(record.value);
	return is_there;
}

void cache_keep_document(struct cache *cache, const struct document *document)
{
	struct generations_record record;
	const char *media_type = document->media_type != NULL ? document->media_type : "";
	const struct store_bytes head = {media_type, strlen(media_type)};
	const struct store_bytes body = {document->bytes, document->size};
	if (head.size + body.size > (size_t)LIMIT_CACHE_DOCUMENT_SIZE)
		return;
	set_key(&record, CACHE_DOCUMENTS, &document->digest, 0);
	record_write(&record, head, body);
	keep(cache, &record);
}

/* ---- Tags ---- */

bool cache_get_tag(struct cache *cache, const struct digest *name, struct digest *out, char **etag)
{
	struct generations_record record;
	struct store_bytes head;
	struct store_bytes body;
	set_key(&record, CACHE_TAGS, name, 0);
	bool is_there = get(cache, &record, &head, &body) && head.size >= sizeof(*out);
	if (is_there) {
		size_t size = head.size - sizeof(*out);
		memcpy(out, head.bytes, sizeof(*out));
		*etag = size == 0 ? NULL : memory_copy_span((const char *)head.bytes + sizeof(*out), size);
	}
	free(record.value);
	return is_there;
}

void cache_keep_tag(struct cache *cache, const struct digest *name, const struct digest *digest,
					const char *etag)
{
	struct generations_record record;
	uint8_t bytes[sizeof(*digest) + LIMIT_ETAG_SIZE + sizeof("W/")];
	size_t most = sizeof(bytes) - sizeof(*digest);
	size_t size = etag == NULL ? 0 : strnlen(etag, most + 1);
	if (size > most)
		return;
	memcpy(bytes, digest, sizeof(*digest));
	if (size > 0)
		memcpy(bytes + sizeof(*digest), etag, size);
	set_key(&record, CACHE_TAGS, name, 0);
	record_write(&record, (struct store_bytes){bytes, sizeof(*digest) + size},
				 (struct store_bytes){NULL, 0});
	keep(cache, &record);
}

/* ---- Blobs ---- */

struct kept_blob {
	struct digest digest;
	struct digest diff_id;
	struct digest other_digest;
	struct digest other_diff_id;
	int64_t size;
	int64_t uncompressed;
	uint64_t members;
	uint64_t entries;
	uint64_t content_files;
	int64_t hashed_at;
	uint32_t format;
	uint32_t has_os_release;
	uint32_t oddities;
	uint32_t unused; /* 0 */
};

static void take_blob(const struct kept_blob *kept, struct layer_result *out)
{
	*out = (struct layer_result){
		.digest = kept->digest,
		.diff_id = kept->diff_id,
		.other_digest = kept->other_digest,
		.other_diff_id = kept->other_diff_id,
		.size = kept->size,
		.uncompressed = kept->uncompressed,
		.members = kept->members,
		.entries = kept->entries,
		.content_files = kept->content_files,
		.hashed_at = kept->hashed_at,
		.format = (enum layer_format)kept->format,
		.has_os_release = kept->has_os_release != 0,
		.oddities = kept->oddities,
	};
}

bool cache_get_blob(struct cache *cache, const struct digest *blob, enum digest_algorithm tar,
					struct layer_result *out)
{
	struct generations_record record;
	struct store_bytes head;
	struct store_bytes body;
	struct kept_blob kept;
	set_key(&record, CACHE_BLOBS, blob, (int)tar);
	bool is_there = get(cache, &record, &head, &body) && head.size == sizeof(kept);
	if (is_there) {
		memcpy(&kept, head.bytes, sizeof(kept));
		take_blob(&kept, out);
	}
	free(record.value);
	return is_there;
}

void cache_keep_blob(struct cache *cache, const struct layer_result *result)
{
	struct generations_record record;
	struct kept_blob kept;
	if (result->decode_error.code != ERROR_NONE || result->walk_error.code != ERROR_NONE)
		return;
	memset(&kept, 0, sizeof(kept));
	kept.digest = result->digest;
	kept.diff_id = result->diff_id;
	kept.other_digest = result->other_digest;
	kept.other_diff_id = result->other_diff_id;
	kept.size = result->size;
	kept.uncompressed = result->uncompressed;
	kept.members = result->members;
	kept.entries = result->entries;
	kept.content_files = result->content_files;
	kept.hashed_at = clock_now();
	kept.format = (uint32_t)result->format;
	kept.has_os_release = result->has_os_release;
	kept.oddities = result->oddities;
	set_key(&record, CACHE_BLOBS, &result->digest, (int)result->diff_id.algorithm);
	record_write(&record, (struct store_bytes){&kept, sizeof(kept)}, (struct store_bytes){NULL, 0});
	keep(cache, &record);
}
