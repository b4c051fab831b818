/*
 * commit: what the parts of a commit share.
 *
 * The images of a batch are taken in the order they were added. One that the index or the batch
 * has already is joined to it as a mention; any other becomes a record, and what it adds to the
 * digests and to the trie is sorted, so that both are written in the order of their keys.
 */
#ifndef LAYERPROOF_INDEX_COMMIT_H
#define LAYERPROOF_INDEX_COMMIT_H

#include "index_batch.h"
#include "names.h"
#include "record_image.h"

enum { ALGORITHMS = DIGEST_SHA512 + 1 };

/* Parts in a hundred of the batch's memory; the images and the search for equal ones have theirs.
 */
enum { SHARE_DIGESTS = 25, SHARE_STACKS = 25, SHARE_TWINS = 5, SHARE_CROWD = 5, SHARE_STEP = 37 };

struct commit {
	struct index_batch *batch;
	const struct index_source *source; /* NULL when there is none */
	struct store_txn *txn;
	struct record_state state;
	struct index_outcome outcome;
	bool changed;
	bool is_first; /* the index has no image yet */
	bool in_steps; /* nothing was ever put into it: readers need not see all of it at once */
	struct text_map *names;
	struct crowd *crowd;                /* images to be compared with */
	struct sorter *digests[ALGORITHMS]; /* of fresh images, by algorithm */
	struct sorter *prefixes;            /* stacks of fresh images */
	uint8_t *scratch;                   /* a record in the making */
	size_t scratch_size;
	/* The source of the last mention: most have the same. */
	char *source_name;
	struct digest source_file;
	uint32_t source_number;
};

/* Room for a record of `size` bytes; what was in the last one stays its beginning. */
uint8_t *commit_scratch(struct commit *commit, size_t size);

/* Behind a record that was put: hands those so far to the disk when they are many. Nothing borrowed
 * is valid behind it. */
int commit_step(struct commit *commit, struct error *err);

/* ---- Sources ---- */

/* Whether a source of the name and bytes of the commit's is there: 1, 0 or -1. */
int commit_find_source(struct commit *commit, struct error *err);

/* The sources that the batch brings. */
int commit_batch_sources(struct commit *commit, struct error *err);

/* The number of a mention's source, which becomes one when it is not yet. */
int commit_name_source(struct commit *commit, const struct pending_mention *mention, uint32_t *out,
					   struct error *err);

/* ---- Images ---- */

/* All images of the batch. */
int commit_images(struct commit *commit, struct error *err);

/* The number of the image of the index that has this content, whose written form is `content`: 1
 * there, 0 not, -1 error. */
int commit_find_equal(struct commit *commit, const struct pending *pending,
					  struct store_bytes content, uint32_t *out, struct error *err);

/* Images of the index by their content, at most so many bytes of them: those of digests that were
 * asked for and that many hold. */
struct crowd *crowd_new(size_t memory);
void crowd_free(struct crowd *crowd); /* NULL is legal */

/* As holders_each(), but of many images only those that may have this content, and perhaps ones
 * that do not hold the digest. */
int crowd_each(struct commit *commit, struct store_bytes key, const struct record_entry *entry,
			   struct store_bytes content,
			   int (*visit)(void *context, uint32_t number, struct error *err), void *context,
			   struct error *err);

/* Adds the mentions of an equal image to image `number`. */
int commit_join(struct commit *commit, uint32_t number, const struct pending *pending,
				struct error *err);

/* Writes the mentions of a fresh image behind its content, which is in the scratch; `size` is that
 * of the record. */
int commit_write_mentions(struct commit *commit, const struct pending *pending, size_t content_size,
						  size_t *size, struct error *err);

/* ---- Digests and stacks ---- */

void commit_make_sorters(const struct index_batch *batch,
						 struct sorter *sorters[static ALGORITHMS]);
void commit_free_sorters(struct sorter *sorters[static ALGORITHMS]);

/* Adds what image `number` says of its digests to the sorters, by algorithm. */
void commit_collect_digests(struct sorter *const sorters[static ALGORITHMS],
							const struct pending *pending, uint32_t number);

/* Writes what was collected. */
int commit_digests(struct commit *commit, struct error *err);

/* Writes the files of the batch's layers; digests are written before. */
int commit_files(struct commit *commit, struct error *err);

struct sorter *commit_make_stack_sorter(const struct index_batch *batch);
void commit_collect_stacks(struct sorter *sorter, const struct pending *pending, uint32_t number,
						   uint32_t repository);
int commit_stacks(struct commit *commit, struct error *err);

#endif
