/*
 * tree_walk: what the files that read a tree share; private to this folder.
 *
 *   tree.c            the top document
 *   tree_index.c      an index and its children
 *   tree_documents.c  getting a document: once each, within the bounds, held against its descriptor
 *   tree_image.c      a manifest and its config made into an image
 */
#ifndef LAYERPROOF_SOURCE_TREE_WALK_H
#define LAYERPROOF_SOURCE_TREE_WALK_H

#include "layerproof/tree.h"

/* A document, or the reason why there is none, kept for the time it is met again. */
struct tree_reading {
	char *digest_text; /* as declared */
	struct document document;
	struct error error; /* ERROR_NONE when there is a document */
};

struct tree_walk {
	struct source *source;
	const struct tree_memo *memo;         /* NULL: none */
	const struct tree_listener *listener; /* NULL: none */
	struct tree *tree;                    /* being filled */
	size_t image_capacity;
	size_t index_capacity;
	size_t error_capacity;
	struct tree_reading **readings;
	size_t reading_count;
	size_t reading_capacity;
	char **entered; /* indexes entered, by declared digest */
	size_t entered_count;
	size_t entered_capacity;
	int64_t bytes;   /* of documents, so far */
	size_t children; /* of indexes, so far */
	bool is_stopped; /* a bound of the whole tree was passed, or a signal came */
	struct error interrupt;
};

/* What an error happened to: "manifest", "config"..., its declared digest, and the image's place in
 * the tree or -1. */
struct tree_place {
	const char *kind;
	const char *digest_text;
	int image;
};

/* Adds an entry to the tree's errors; a signal is no entry but stops the walk. */
void tree_add_error(struct tree_walk *walk, const struct tree_place *place,
					const struct error *error);

enum tree_document_kind { TREE_MANIFEST, TREE_CONFIG };

/* The document that `descriptor` names, borrowed until the walk ends; differences from what was
 * declared are added to the tree's errors. NULL, with the reason added, when it could not be had.
 */
const struct document *tree_read_document(struct tree_walk *walk, enum tree_document_kind kind,
										  const struct descriptor *descriptor,
										  const struct tree_place *place);

/* Tells the listener, if there is one. */
void tree_tell(const struct tree_walk *walk, const struct document *document,
			   const struct tree_place *place);

/* Adds an ERROR_TAMPERED entry when size or digest are not those declared; `declared` may be NULL.
 */
void tree_compare_document(struct tree_walk *walk, const struct descriptor *declared,
						   const struct document *document, const struct tree_place *place);

/* Whether the index is entered for the first time. */
bool tree_enter_index(struct tree_walk *walk, const char *digest_text);

/* Frees what the walk holds beside the tree. */
void tree_walk_clear(struct tree_walk *walk);

/* Adds an image with nothing in it; borrowed until the next is added. */
struct tree_image *tree_add_image(struct tree_walk *walk);

/* What the manifest's bytes hash to: known whether or not they make sense. */
void tree_take_manifest_digests(struct tree_image *image, const struct document *document);

/* Fills the last image added from its parsed manifest, which is taken, fetching its config; or from
 * a docker-archive's config, which was served for `place`. */
void tree_fill_from_manifest(struct tree_walk *walk, json_t *body, const struct tree_place *place);
void tree_fill_from_config(struct tree_walk *walk, const struct document *document,
						   const struct tree_place *place);

/* Adds the index and reads all it leads to; the top document's nesting is 1. -1 when the bytes are
 * no index; what is wrong further down is added to the tree's errors. */
int tree_read_index(struct tree_walk *walk, const struct document *document,
					const struct tree_place *place, int nesting, struct error *err);

void tree_image_clear(struct tree_image *image);

#endif
