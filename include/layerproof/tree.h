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
	bool is_attestation;       /* BuildKit's: labelled, never matched */
	bool is_artifact;          /* a manifest whose config is no image's */
};

/* Something that could not be read or does not add up. */
struct tree_error {
	struct error error; /* code and reason */
	char *where;        /* "manifest sha256:...", "config", "index": what it happened to */
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
	bool digest_header_differs; /* the registry's Docker-Content-Digest is not what the bytes hash
								   to */
	bool is_schema1;            /* recognised by its payload's digest, not read beyond it */
};

/* Reads the whole tree. -1 only when the top document could not be had or made sense of;
 * `out->digest` is then still set if bytes were served. A top document asked for by digest that
 * hashes to something else is read on, with an ERROR_TAMPERED entry in `errors`, as is every part
 * whose bytes do not hash to what its descriptor declared. Bounds: limits.h (nesting, children,
 * layers). An image whose config has another number of diff_ids than the manifest has layers keeps
 * its layers without diff_ids, with an ERROR_TAMPERED entry. */
int tree_read(struct source *source, const struct reference *reference, struct tree *out,
			  struct error *err);

void tree_clear(struct tree *tree);

#endif
