/*
 * alignment: the layers of a candidate beside those of an internal image, as diff(1) lays the lines
 * of two files side by side: by a longest common subsequence. Pure.
 *
 * Layers without content are left out of the comparison: they neither make nor break anything.
 */
#ifndef LAYERPROOF_ALIGNMENT_H
#define LAYERPROOF_ALIGNMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "layerproof/digest.h"

/* A layer of either side, by its names. What stands as a blob may be a diff_id: some exports list
 * those as layers, and a blob that is not compressed is both. So any name of the one may equal any
 * name of the other. */
struct alignment_layer {
	struct digest blob; /* unset: not known */
	struct digest tar;  /* diff_id; unset: not known */
	bool is_empty;      /* without content; a well-known empty needs no mark */
};

enum alignment_relation {
	ALIGNMENT_SAME,         /* one layer, as far as its names tell */
	ALIGNMENT_RECOMPRESSED, /* one content in two blobs */
	ALIGNMENT_MOVED,        /* there, but not in the order of the rest */
	ALIGNMENT_NEW,          /* in the candidate alone */
	ALIGNMENT_MISSING,      /* in the internal image alone */
	ALIGNMENT_EMPTY,        /* of the candidate, without content */
};

/* The word for people: "same", "recompressed"... */
const char *alignment_relation_name(enum alignment_relation relation);

struct alignment_line {
	enum alignment_relation relation;
	size_t here;  /* place in the candidate; SIZE_MAX: in none */
	size_t there; /* place in the internal image; SIZE_MAX: in none */
};

/* Owns its lines. */
struct alignment {
	struct alignment_line *lines; /* bottom first; what is missing stands before what is new */
	size_t count;
	size_t there_count; /* layers of the internal image with content */
};

/* Lays `here`, the candidate, beside `there`. At most LIMIT_LAYERS on each side. A layer of the
 * internal image that the candidate knows as empty is empty there too, and gets no line. Equal
 * layers give equal lines. */
void alignment_make(const struct alignment_layer *here, size_t here_count,
					const struct alignment_layer *there, size_t there_count, struct alignment *out);
void alignment_clear(struct alignment *alignment);

#endif
