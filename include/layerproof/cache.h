/*
 * cache: what public registries said in earlier runs, on disk: small documents, what tags stood
 * for, what blobs were found to be. Nothing of the index is in it.
 *
 * It may be lost at any time and is never the cause of an error: what it does not have, or has
 * damaged, is asked for again. Documents are hashed again when they are read. Several processes may
 * use one directory, and all functions may be called from any thread.
 */
#ifndef LAYERPROOF_CACHE_H
#define LAYERPROOF_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/document.h"
#include "layerproof/error.h"
#include "layerproof/layer.h"
#include "layerproof/memory.h"

struct cache;

/* `size`: bytes on disk; when it is full the oldest half goes. A damaged cache is begun anew.
 * ERROR_SYSTEM when there can be none in this directory; one that can only be read is. */
struct cache *cache_open(const char *directory, int64_t size, struct error *err);

/* Writes what was kept and is not on disk yet. NULL is legal. */
void cache_close(struct cache *cache);
DEFINE_CLEANUP(struct cache, cache_close)

/* Each get is true with a value that cache_keep_...() was once given; what is kept is copied, and
 * may come back only in a later run. Larger documents than LIMIT_CACHE_DOCUMENT_SIZE are not kept.
 */
bool cache_get_document(struct cache *cache, const struct digest *digest, struct document *out);
void cache_keep_document(struct cache *cache, const struct document *document);

/* What a tag stood for; `name` stands for the tag at its place. `*etag` is NULL or owned. */
bool cache_get_tag(struct cache *cache, const struct digest *name, struct digest *out, char **etag);
void cache_keep_tag(struct cache *cache, const struct digest *name, const struct digest *digest,
					const char *etag);

/* What a blob was found to be, the diff_id in this algorithm. Only what could be decoded and walked
 * to its end is kept. `out->hashed_at` says when. */
bool cache_get_blob(struct cache *cache, const struct digest *blob, enum digest_algorithm tar,
					struct layer_result *out);
void cache_keep_blob(struct cache *cache, const struct layer_result *result);

#endif
