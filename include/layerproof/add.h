/*
 * add: images themselves into the index, read from where they are, many at a time.
 *
 * Images are put into the index in batches, each in one transaction, as they are read: a run that
 * is ended, whatever by, keeps what it had put there.
 */
#ifndef LAYERPROOF_ADD_H
#define LAYERPROOF_ADD_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/candidate.h"
#include "layerproof/crew.h"
#include "layerproof/error.h"
#include "layerproof/index.h"
#include "layerproof/missing.h"
#include "layerproof/network.h"

/* What came of it. */
struct add_totals {
	uint64_t done;       /* references, or images of the index, that are through */
	uint64_t images;     /* read; those of several platforms each for itself */
	uint64_t failed;     /* references, or parts of them, that could not be read */
	uint64_t origins[4]; /* images read, by enum origin */
	uint64_t images_new; /* in the index */
	uint64_t digests_new;
	uint64_t completed; /* images of the index that lacked their layers */
};

struct add_options {
	struct network *network;
	unsigned jobs;     /* references at a time, 1 to LIMIT_JOBS */
	bool has_content;  /* read and hash the layers too */
	struct crew *crew; /* for that; borrowed */
	bool has_boundary; /* a person says where an image's own work begins */
	size_t boundary;

	/* Whose an image is; `known` is what the index says already, or ORIGIN_UNKNOWN. Called from one
	 * thread at a time. */
	enum origin (*judge)(void *context, const char *name, bool is_local, enum origin known);
	/* The index, in one of the modes for writing. */
	struct index *(*open_index)(void *context, enum index_mode mode, struct error *err);
	/* NULL, or called with the totals as they grow, from one thread at a time. */
	void (*note)(void *context, const struct add_totals *totals);
	void *context; /* of all three */
};

/* Adds the image of each reference. REPOSITORY:* stands for all tags that its registry lists. What
 * cannot be read is logged and counted. -1 when the input or the index fails; after an interrupt 0,
 * with what was read by then in the index. */
int add_references(const struct add_options *options, const struct candidate_input *input,
				   struct add_totals *totals, struct error *err);

/* The same for images that the index knows by name, without their layers: each is asked of the
 * registry that its name says, by digest, and else by tag, when it must have one of the digests
 * that the index knows. */
int add_missing(const struct add_options *options, const struct missing *missing,
				struct add_totals *totals, struct error *err);

#endif
