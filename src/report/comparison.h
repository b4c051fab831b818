/*
 * comparison: the layers of a candidate beside those of the nearest internal image, for people;
 * private to this folder. It is made from facts or from a saved finding, and reads the same.
 */
#ifndef LAYERPROOF_REPORT_COMPARISON_H
#define LAYERPROOF_REPORT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/alignment.h"
#include "layerproof/buffer.h"
#include "layerproof/internal_image.h"

/* What is told of a layer of the candidate. */
struct comparison_layer {
	struct digest digest; /* as declared, of the blob if it has one: what people look for */
	int64_t size;         /* declared bytes; -1: not stated */
	bool is_hashed;
	bool is_tampered;
	bool is_ours; /* by the rules */
	bool has_origin;
	enum origin origin;     /* the index's word for its digests */
	const char *holder;     /* the internal image that shows it best; NULL */
	const char *created_by; /* NULL */
	const char *unread;     /* why nothing is known of what it holds; NULL */
};

/* Borrows its texts, which strangers may have written, and owns its lists. */
struct comparison {
	const char *platform;            /* of the candidate's image; NULL */
	struct alignment_layer *here;    /* as many as there are layers */
	struct comparison_layer *layers; /* bottom first */
	size_t layer_count;              /* at most LIMIT_LAYERS */
	bool has_nearest;                /* what follows is told */
	const char *name;                /* of the internal image; "" when it has none */
	const char *source;              /* the list that named it; NULL */
	int64_t row;                     /* of that list; 0: none */
	const char *there_platform;      /* NULL: not known */
	enum origin origin;              /* whose it is */
	size_t boundary;                 /* bottom layers that are not its own work */
	const char *boundary_reason;     /* a sentence */
	struct alignment_layer *there;   /* at most LIMIT_LAYERS */
	size_t there_count;              /* 0: the index does not know them */
	size_t left_out;                 /* further layers, not in `there` */
	bool is_without_nearest;         /* there is an internal image, but nothing was kept of it */
};

/* Room for `count` layers, of which nothing is known yet. */
void comparison_begin(struct comparison *comparison, size_t count);
void comparison_clear(struct comparison *comparison);

/* The lines of it, each with its line end. Nothing in them can steer a terminal. */
int comparison_write(const struct comparison *comparison, bool colour, struct buffer *out,
					 struct error *err);

#endif
