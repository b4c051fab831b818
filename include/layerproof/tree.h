/*
 * tree: everything a reference leads to (indexes, platform manifests, configs), each digest
 * computed from the bytes served.
 *
 * One broken part never hides the others: what could not be read is recorded at its place, and the
 * rest is there.
 */
#ifndef LAYERPROOF_TREE_H
#define LAYERPROOF_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/descriptor.h"
#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/source.h"

/* How we know a digest. Greater is stronger. */
enum level {
	LEVEL_REPORTED = 0, /* somebody's list */
	LEVEL_DECLARED = 1, /* read in fetched JSON */
	LEVEL_HASHED = 2,   /* by us, from the bytes served */
};

const char *level_name(enum level level);

struct tree_layer {
	struct descriptor descriptor; /* of the blob; in a docker-archive `digest` is the diff_id and
									 `size` that of the tar */
	bool has_blob_digest;         /* false in a docker-archive: the blob's digest is not known */
	struct digest diff_id;        /* declared in the config; unset when there is none */
	char *created_by;             /* NULL when the history does not say */
	bool is_empty;                /* one of the well-known empties; check may learn more */
};

struct tree_image {
	char *platform;         /* from the index, else from the config; NULL when neither says */
	struct digest manifest; /* computed; unset for a docker-archive or when it could not be read */
	struct digest
		manifest_declared; /* what the index said; unset for a top-level manifest without digest */
	struct digest config;  /* computed; unset when it could not be read */
	struct digest manifest_sha256; /* equal to the above unless they are sha512: both names of the
									  same bytes */
	struct digest config_sha256;
	char *created;
	struct tree_layer *layers;
	size_t layer_count;
	struct digest base_digest; /* base image annotation or label; unset when none */
	bool is_attestation;       /* BuildKit's, without a tar layer: labelled, never matched */
	bool is_artifact; /* a manifest whose config is no image's: no diff_ids, but its layers count */
};

/* Something that could not be read or does not add up. */
struct tree_error {
	struct error error; /* code and reason */
	char *where;        /* "manifest sha256:...", "config sha256:...", "index sha256:...",
						   "layer sha256:...": what it happened to, by its declared digest */
	int image;          /* place in `images`, or -1 */
};

struct tree {
	struct digest digest;        /* of the top document, computed */
	struct digest digest_sha256; /* equal unless that is sha512 */
	char *media_type;            /* of the top document */
	bool is_index;
	struct digest *indexes; /* every index met, the top one included, computed (both algorithms
							   where they differ) */
	size_t index_count;
	struct tree_image *images; /* in the order of the index */
	size_t image_count;
	struct tree_error *errors;
	size_t error_count;
	bool is_not_resent; /* the registry said that the top document is the one read before; its bytes
						   were not sent again */
	bool digest_header_differs; /* the registry's Docker-Content-Digest is not what the bytes hash
								   to */
	bool
		has_false_attestation; /* an image is labelled as an attestation; it was read as an image */
	bool is_schema1;           /* recognised by its payload's digest, not read beyond it */
};

/* Documents that a caller keeps from one tree to the next, so that a manifest or config met again
 * is not fetched again. It only ever holds bytes that were hashed by us. */
struct tree_memo {
	void *context; /* handed to both */
	/* Fills `out` with a copy of the document with this digest; false when it is not held. Then
	 * put() follows. */
	bool (*get)(void *context, const struct digest *digest, struct document *out);
	/* Offers the document that get() did not have; what is kept of it is copied. NULL when it could
	 * not be had, or when its digest was not what its descriptor declared. */
	void (*put)(void *context, const struct document *document);
	/* The same for the top document of the reference that is read; both NULL: it is always sent.
	 * What get_top() gives the source is asked about, and its bytes are used where it says that
	 * they still are what it has. put_top() gets what was read, unless it was asked for by a digest
	 * that it does not have. */
	bool (*get_top)(void *context, struct document *out);
	void (*put_top)(void *context, const struct document *document);
};

/* Told of each document of a tree as it is read, whatever it turns out to be. `image` is its place
 * in the tree's images, -1 for an index; a document that several images share is told of for each.
 */
struct tree_listener {
	void *context;
	void (*heard)(void *context, const struct document *document, int image);
};

/* Reads the whole tree. -1 only when the top document could not be had or made sense of, or on
 * ERROR_INTERRUPTED; `out->digest` is then still set if bytes were served, and `errors` says if
 * they were not those declared. In each case tree_clear() frees what is in `out`.
 *
 * A top document asked for by digest, or declared by its source, that hashes to something else is
 * read on, with an ERROR_TAMPERED entry in `errors`, as is every part whose bytes do not hash to
 * what its descriptor declared. Bounds: limits.h (nesting, children, layers, bytes in all). An
 * image whose config has another number of diff_ids than the manifest has layers keeps its layers
 * without diff_ids, with an ERROR_TAMPERED entry. Within one tree, a document met again is not read
 * again. Attestations are not fetched: what is known of them is what the index says. */
int tree_read(struct source *source, const struct reference *reference, struct tree *out,
			  struct error *err);

/* The same with a memo and a listener, each of which may be NULL. The top document is always asked
 * about: only its registry can say that it is there. */
int tree_read_with_memo(struct source *source, const struct reference *reference,
						const struct tree_memo *memo, const struct tree_listener *listener,
						struct tree *out, struct error *err);

void tree_clear(struct tree *tree);

#endif
