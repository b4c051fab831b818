/*
 * forget: what the parts of index_forget() share.
 *
 * Images are taken out one by one. What they said of digests and stacks is gathered, sorted, and
 * then judged once for each digest and stack from the images that are left. What is known of a
 * digest or a stack only grows with its images: so the judging ends as soon as it says again what
 * the record says already.
 */
#ifndef LAYERPROOF_INDEX_FORGET_PRIVATE_H
#define LAYERPROOF_INDEX_FORGET_PRIVATE_H

#include "index_private.h"
#include "layerproof/index_forget.h"
#include "prefix.h"
#include "record_image.h"
#include "sorter.h"

/* A digest of an image that went: its key, filled up with zeros, and the image's number. */
enum { LOST_DIGEST_NUMBER = RECORD_KEY_MAX, LOST_DIGEST_SIZE = LOST_DIGEST_NUMBER + 4 };

/* A stack of an image that went: its node's key, its depth, and the key of its upper digest, which
 * leads to the images that may have it too. */
enum {
	LOST_STACK_DEPTH = PREFIX_KEY_SIZE,
	LOST_STACK_TOP = LOST_STACK_DEPTH + 4,
	LOST_STACK_SIZE = LOST_STACK_TOP + RECORD_KEY_MAX,
};

/* Numbers of names or of sources: those below `end`, a bit each. */
struct forget_numbers {
	uint8_t *bits;
	uint32_t end;
	uint32_t count; /* that are in it */
};
void forget_numbers_begin(struct forget_numbers *set, uint32_t end);
void forget_numbers_clear(struct forget_numbers *set);

/* Parts in a hundred of the memory. */
enum { FORGET_SHARE_IMAGES = 10, FORGET_SHARE_DIGESTS = 40, FORGET_SHARE_STACKS = 40 };

struct forget {
	struct store_txn *txn;
	const struct index_selection *selection;
	struct record_state state;
	struct index_forgotten out;
	bool *sources; /* by number: selected; NULL where images are */
	bool has_sources;
	struct sorter *images; /* numbers of those to be taken out, or changed */
	struct forget_numbers lost_names, lost_sources; /* of images that went */
	struct sorter *digests;
	struct sorter *stacks;
	uint32_t *layers; /* numbers of layers with files that went */
	size_t layer_count, layer_capacity;
};

/* The record of an image, to be read before the next change: 1, 0 or -1. */
int forget_get_image(struct forget *forget, uint32_t number, struct store_bytes *out,
					 struct error *err);

/* Takes an image out, or the selected sources out of its mentions. */
int forget_image(struct forget *forget, uint32_t number, struct error *err);

/* Notes what an image that goes may have had alone. */
void forget_leave(struct forget *forget, const struct record_image *view);

/* What the images that went leave behind. Names and sources come last: who reads an image reads
 * them.
 */
int forget_digests(struct forget *forget, struct error *err);
int forget_stacks(struct forget *forget, struct error *err);
int forget_leftovers(struct forget *forget, struct error *err);

/* A digest that went: if it is that of a layer with files, these are to go too. */
int forget_file_layer(struct forget *forget, struct store_bytes key, struct error *err);
int forget_files(struct forget *forget, struct error *err);

#endif
