/*
 * match: facts in, evidence, verdict and reason out. No I/O, no clock, no order of arrival: equal
 * facts give equal answers. It is section "Evidence and verdict" of the design as code.
 *
 * Two questions, never mixed: is the content there (level), and is it ours (origin)?
 */
#ifndef LAYERPROOF_MATCH_H
#define LAYERPROOF_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/index.h"
#include "layerproof/internal_image.h"
#include "layerproof/tree.h"

enum verdict { VERDICT_NEEDS_REVIEW, VERDICT_TRUE_POSITIVE };

/* Weakest first: of several, the greatest is the reason. */
enum reason {
	REASON_NO_MATCH,
	REASON_PARTIAL,
	REASON_PUBLIC,
	REASON_THIRD_PARTY,
	REASON_NAMES_ONLY,
	REASON_UNKNOWN_OWNER,
	REASON_SHARED_BASE,
	REASON_DIFF_ID_DECLARED,
	REASON_LAYER_DECLARED,
	REASON_TAMPERED,
	REASON_CONFIG,
	REASON_MANIFEST,
	REASON_INDEX,
	REASON_FILES,
	REASON_DIFF_ID,
	REASON_LAYER,
	/* The candidate itself could not be read; never weighed against the others. */
	REASON_NOT_FOUND,
	REASON_DENIED,
	REASON_RATE_LIMITED,
	REASON_UNREACHABLE,
	REASON_MALFORMED,
	REASON_BAD_REFERENCE,
	REASON_OVER_LIMIT,
	REASON_COUNT
};

enum priority { PRIORITY_LOW, PRIORITY_MEDIUM, PRIORITY_HIGH };

const char *verdict_name(enum verdict verdict);    /* "true_positive", "needs_review" */
const char *reason_name(enum reason reason);       /* "shared_base" ... */
const char *priority_name(enum priority priority); /* "low", "medium", "high" */

/* ---- Facts ---- */

/* An internal image that some digest of the candidate led to. */
struct match_internal {
	uint32_t number;
	struct internal_image image;
	struct boundary boundary;
};

/* What the index says of one digest of the candidate. */
struct match_lookup {
	struct digest digest; /* unset: the candidate has no such digest */
	bool is_known;
	struct index_entry entry;
	const struct match_internal *
		*holders; /* internal images that hold it, by number; perhaps not all (LIMIT_HOLDERS) */
	size_t holder_count;
};

/* Why nothing is known of what a layer holds. */
enum unread {
	UNREAD_NOT,       /* it is known, or was not asked for */
	UNREAD_FOREIGN,   /* its bytes live elsewhere */
	UNREAD_ENCRYPTED, /* by its media type */
	UNREAD_KIND,      /* its media type is none of a layer: in-toto and the like */
	UNREAD_ALGORITHM, /* its digest is of an algorithm that is not computed */
	UNREAD_FAILED,    /* its bytes could not be had to their end */
	UNREAD_FORMAT,    /* they were hashed, but are neither tar, gzip nor zstd */
	UNREAD_DAMAGED,   /* they were hashed, but could not be decompressed to their end */
};

const char *unread_name(enum unread unread); /* "foreign", "encrypted"... */

/* A file of a layer of the candidate that images of ours hold, and the one of them that shows best
 * that it is ours. */
struct match_file {
	struct digest digest; /* hashed from the bytes served */
	int64_t size;
	char *path;         /* in the layer; NULL where there were too many to keep it */
	enum origin origin; /* of the digest: ours only where no other image of the index holds it */
	const struct match_internal *internal;
	size_t place;      /* of the layer in that image which holds it */
	bool is_on_top;    /* no layer above it there holds anything */
	bool has_packages; /* packages of an operating system were installed in that layer */
	uint32_t others;   /* how many more internal images hold that layer */
};

/* Whether it counts as a file of ours. */
bool match_file_is_distinctive(const struct match_file *file);

/* A layer at its place. After its bytes were read, `blob` and `tar` are those computed from them.
 */
struct match_layer {
	struct match_lookup blob; /* compressed blob; unset in a docker-archive */
	struct match_lookup tar;  /* diff_id */
	enum level blob_level;
	enum level tar_level;
	int64_t size;         /* declared bytes of the blob; -1 when not stated */
	int64_t hashed_at;    /* seconds since 1970, where it was hashed in an earlier run; else 0 */
	bool is_empty;        /* no non-empty regular file: never evidence */
	bool is_unreadable;   /* for the reason that `unread` gives */
	bool is_tampered;     /* its bytes are not what was declared */
	bool is_other_format; /* its bytes are not compressed as the media type says */
	unsigned oddities;    /* enum layer_oddity of layer.h */
	enum unread unread;
	struct match_file *files; /* that the index knows as ours, where they were looked for */
	size_t file_count;
	bool has_unhashed_files; /* some were left out for their holes, or for being too many */
};

/* The bottom layers of an image, as its config declares them, that some internal image has too. */
struct match_stack {
	size_t layers; /* 0: none */
	enum origin origin;
	const struct match_internal
		*internal; /* which, where there are several: one of no more layers */
};

struct match_image {
	const struct tree_image *tree; /* borrowed */
	struct match_stack built_on;
	struct match_lookup manifest;
	struct match_lookup config;
	struct match_layer *layers; /* as many as tree->layer_count */
	bool is_ignored;            /* an attestation: labelled, never matched */
};

/* A text that anybody may have written names us. Owns `place` and `text`. */
struct match_hint {
	char *place;         /* "label org.opencontainers.image.vendor", "history 3" */
	const char *pattern; /* of the configuration; borrowed */
	char *text;          /* what matched; NULL when it is better not shown */
	size_t image;        /* place in the tree's images; SIZE_MAX for an index or the candidate */
};

struct match_facts {
	const struct tree *tree; /* borrowed */
	struct match_lookup *indexes;
	size_t index_count;
	struct match_image *images; /* as many as tree->image_count */
	size_t image_count;
	bool knows_layers;              /* the index knows some layer by some name */
	const struct match_hint *hints; /* borrowed; of the documents that were read */
	size_t hint_count;
	bool is_authorized; /* found where the company itself publishes: what is ours is public there */
};

/* ---- Answers ---- */

/* Why a matching layer is ours (the three rules), or that it is not shown to be. */
enum basis {
	BASIS_NONE,           /* not by a layer rule: a manifest, config or index; or not ours */
	BASIS_KNOWN_BOUNDARY, /* it lies above a known boundary */
	BASIS_WHOLE_IMAGE, /* the candidate holds every non-empty layer of an image of ours, in order */
	BASIS_OUTSIDE_COMMON_BASE, /* above a guessed boundary and outside the common bottom run, in a
								  candidate that has the top of that image */
	BASIS_TOP_LAYER,   /* a file: it lies in the topmost layer of an image whose boundary is guessed
						*/
	BASIS_COMMON_BASE, /* in the common bottom run, or below the boundary: may be a base that the
						  index does not know */
};

const char *basis_name(enum basis basis);

struct evidence {
	enum identity identity;
	enum level level;
	struct digest digest;
	size_t image; /* place in the tree's images; SIZE_MAX for an index */
	size_t layer; /* place in the image's layers; SIZE_MAX when not a layer */
	enum origin origin;
	enum basis basis;
	uint32_t others;     /* how many more internal images hold the digest */
	bool is_ours;        /* counts for a true positive once it is hashed */
	bool above_boundary; /* shared base only: above a guessed boundary */
	bool rests_on_list;  /* ours only if the topmost layer of that image, of which no byte was read,
							is what the candidate lists: hashing this one settles nothing */
	const struct match_internal
		*internal; /* the internal image that shows it best; NULL when none was looked at */
	const struct match_file *file; /* IDENTITY_FILE; else NULL */
};

/* Distinctive files, each digest once. */
struct match_file_count {
	size_t files;
	int64_t bytes;
	int64_t largest;
};

enum next_action {
	NEXT_NONE,
	NEXT_HASH_LAYER,  /* fetch and hash `digest`, of `bytes` */
	NEXT_ADD_BASE,    /* add the image that ends with layer `digest` as public or third party */
	NEXT_ADD_MISSING, /* add the layers of images of ours that the index knows without them */
};

const char *next_action_name(enum next_action action);

struct judgement {
	enum verdict verdict;
	enum reason reason;
	enum priority priority;
	bool is_anchored;          /* manifest, config or index: no layer was hashed yet */
	struct evidence *evidence; /* strongest first */
	size_t evidence_count;
	struct match_file_count files; /* of which LIMIT_FILES_LISTED of an image are evidence */
	enum reason *image_reasons;    /* of each of the facts' images alone; NULL where no facts are */
	enum next_action next;
	size_t next_image; /* NEXT_HASH_LAYER: which layer */
	size_t next_layer;
	struct digest next_digest;
	int64_t next_bytes; /* -1: not known */
};

/* Weighs the facts. `out` borrows the facts' internal images. */
void match_judge(const struct match_facts *facts, struct judgement *out);
void judgement_clear(struct judgement *judgement);

/* Whether an index that knew the layers of more images of ours could say more of the candidate, and
 * nothing else could; judgement_suggest_completion() makes that what is to be done next. */
bool match_gains_by_completion(const struct match_facts *facts, const struct judgement *judgement);
void judgement_suggest_completion(struct judgement *judgement);

/* The diff_id that the index knows for the layer's blob, where the candidate declares another one:
 * one of the two lies. NULL where they agree, the index does not know, or the bytes were read. */
const struct digest *match_contradicted_diff_id(const struct match_layer *layer);

/* The judgement of a candidate whose own name points to us besides: it may be for the name alone.
 * `judgement` is that of the facts, or a copy of it. */
void match_judge_name(const struct match_facts *facts, struct judgement *judgement);

/* The judgement of a candidate whose tree could not be read, by the error's code. */
void match_judge_failure(enum error_code code, struct judgement *out);

#endif
