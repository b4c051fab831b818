/*
 * recall: what a run remembers of documents and blobs, and what of it one place may take; private
 * to this folder.
 *
 * A place is a repository of a registry, or a path. A digest names the same bytes wherever it
 * stands, so what they were found to be holds everywhere; but that one place served them does not
 * show that another, which lists the digest, has them. So a place may take what others served, and
 * it is noted that it did; confirm.h asks the place about it where a verdict rests on it.
 */
#ifndef LAYERPROOF_CHECK_RECALL_H
#define LAYERPROOF_CHECK_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file_hits.h"
#include "flights.h"
#include "layerproof/cache.h"
#include "layerproof/layer.h"
#include "layerproof/reference.h"
#include "layerproof/tree.h"

/* The run's, shared by all threads. */
struct memory;
struct memory *memory_new(struct cache *cache); /* borrowed; may be NULL */
void memory_free(struct memory *memory);        /* NULL is legal */
struct flights *memory_flights(struct memory *memory);

/* A document that was taken from memory. */
struct recalled {
	struct digest digest;
	struct digest digest_sha256;
	int64_t size;
};

/* One place's part of it, while one image is read there. */
struct recall {
	struct memory *memory;
	struct cache *cache;               /* NULL: none, or none for a local place */
	const struct reference *reference; /* borrowed */
	struct digest host;                /* stands for the registry, or the path */
	struct digest place;               /* stands for the repository, or the path */
	bool is_strict;                    /* takes only what this place has shown to have */
	struct recalled *documents;
	size_t count;
	size_t capacity;
	enum flight flight; /* what is being fetched: */
	struct digest flight_digest;
};

/* Local places are always strict: their bytes are read as easily as remembered ones. */
void recall_begin(struct recall *recall, struct memory *memory, const struct reference *reference,
				  bool is_strict);
void recall_clear(struct recall *recall);

/* For tree_read_with_memo(); borrows `recall`. */
struct tree_memo recall_documents(struct recall *recall);

/* What a layer's blob was found to be, its diff_id in the algorithm that the layer declares, and
 * which files of ours were found in it, to be released, unless `files` is NULL: these are known for
 * the run alone. False when not all is known: recall_keep_blob() must follow. */
bool recall_blob(struct recall *recall, const struct tree_layer *layer, bool needs_both_algorithms,
				 struct layer_result *out, struct file_hits **files);

/* Keeps what the bytes served were found to be; NULL when they could not be had, or were not those
 * declared. */
void recall_keep_blob(struct recall *recall, const struct tree_layer *layer,
					  const struct layer_result *result, struct file_hits *files);

/* Whether this place has served what the digest names in this run, or has said that it has it. */
bool recall_is_shown(const struct recall *recall, const struct digest *digest);
void recall_note_shown(const struct recall *recall, const struct digest *digest);

/* The document of this digest if it was taken from memory, or NULL. */
const struct recalled *recall_find_document(const struct recall *recall,
											const struct digest *digest);

#endif
