/*
 * collection: images that were read, on their way into the index; private to this folder.
 *
 * All threads hand over what they read; every few hundred images, or seconds, what has come
 * together is committed.
 */
#ifndef LAYERPROOF_ADD_COLLECTION_H
#define LAYERPROOF_ADD_COLLECTION_H

#include "image_files.h"
#include "layerproof/add.h"

struct read_image {
	struct internal_image image;
	struct image_files files; /* none where layers were not read */
};

/* What came of one reference, before it counts: images, and what was wrong. All zeros at first. */
struct outcome {
	uint64_t number; /* place in the run: of what waits together, the first goes first */
	bool is_local;   /* from disk, not from a registry */
	struct read_image *images;
	size_t image_count;
	size_t image_capacity;
	char **failures; /* lines for the user */
	size_t failure_count;
	size_t failure_capacity;
	uint64_t done;
	uint64_t completed;
};

/* Takes both over: they are all zeros then. */
void outcome_add(struct outcome *outcome, struct internal_image *image, struct image_files *files);
void outcome_fail(struct outcome *outcome, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void outcome_clear(struct outcome *outcome);

struct collection;
struct collection *collection_new(const struct add_options *options);
void collection_free(struct collection *collection);

/* Takes over what is in the outcome. When it is time, all that waits is logged, judged and
 * committed. Once a commit has failed nothing is taken any more. */
void collection_take(struct collection *collection, struct outcome *outcome);

bool collection_has_failed(struct collection *collection);

/* Commits what is left and says what there was in all; -1 with the error of the first commit that
 * failed. */
int collection_end(struct collection *collection, struct add_totals *totals, struct error *err);

#endif
