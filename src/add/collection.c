#include "collection.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "layerproof/clock.h"
#include "layerproof/interrupt.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"

enum {
	BATCH_SIZE = 500,
	BATCH_FILES = 1000000,
	BATCH_MS = 5000, /* the longest that anything waits, as long as more comes */
};

/* An image or a failure that waits for the others of its batch. */
struct pending {
	uint64_t number;
	size_t place; /* in its outcome */
	struct read_image read;
	char *failure; /* NULL: it is an image */
	bool is_local;
};

struct collection {
	pthread_mutex_t lock;
	const struct add_options *options;
	struct pending *pending;
	size_t count;
	size_t capacity;
	size_t files;     /* of those images */
	int64_t begun_ms; /* when the first of them came */
	struct index_batch *batch;
	uint64_t waiting; /* images in the batch */
	struct add_totals totals;
	struct error failure; /* of a commit */
};

void outcome_add(struct outcome *outcome, struct internal_image *image, struct image_files *files)
{
	outcome->images = memory_grow(outcome->images, outcome->image_count, &outcome->image_capacity,
								  sizeof(*outcome->images));
	outcome->images[outcome->image_count++] = (struct read_image){*image, *files};
	*image = (struct internal_image){.name = NULL};
	*files = (struct image_files){.layers = NULL};
}

void outcome_fail(struct outcome *outcome, const char *format, ...)
{
	char line[2 * ERROR_TEXT_SIZE];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	outcome->failures = memory_grow(outcome->failures, outcome->failure_count,
									&outcome->failure_capacity, sizeof(*outcome->failures));
	outcome->failures[outcome->failure_count++] = memory_copy_text(line);
}

static void read_image_clear(struct read_image *read)
{
	internal_image_clear(&read->image);
	image_files_clear(&read->files);
}

void outcome_clear(struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->image_count; i++)
		read_image_clear(&outcome->images[i]);
	for (size_t i = 0; i < outcome->failure_count; i++)
		free(outcome->failures[i]);
	free(outcome->images);
	free(outcome->failures);
	*outcome = (struct outcome){.done = 0};
}

struct collection *collection_new(const struct add_options *options)
{
	struct collection *collection = memory_alloc(1, sizeof(*collection));
	pthread_mutex_init(&collection->lock, NULL);
	collection->options = options;
	collection->batch = index_batch_new(0);
	return collection;
}

void collection_free(struct collection *collection)
{
	free(collection->pending);
	index_batch_free(collection->batch);
	pthread_mutex_destroy(&collection->lock);
	free(collection);
}

/* The index is held for as long as the commit takes: others may write in between. */
static int commit(struct collection *collection, enum index_mode mode, struct error *err)
{
	const struct add_options *options = collection->options;
	struct index_outcome outcome;
	CLEANUP(index_close_at) struct index *index = options->open_index(options->context, mode, err);
	if (index == NULL || index_commit(index, collection->batch, NULL, &outcome, err) != 0)
		return -1;
	collection->totals.images_new += outcome.images_new;
	collection->totals.digests_new += outcome.digests_new;
	index_batch_free(collection->batch);
	collection->batch = index_batch_new(0);
	collection->waiting = 0;
	return 0;
}

static void put(struct collection *collection, struct pending *pending)
{
	const struct add_options *options = collection->options;
	struct internal_image *image = &pending->read.image;
	image->origin = options->judge(options->context, image->name, pending->is_local, image->origin);
	if (options->has_boundary) {
		image->has_boundary = true;
		image->boundary = options->boundary;
	}
	index_batch_add(collection->batch, image);
	image_files_put(&pending->read.files, collection->batch);
	collection->files -= pending->read.files.count;
	collection->waiting++;
	collection->totals.origins[image->origin]++;
	read_image_clear(&pending->read);
}

static int compare(const void *a, const void *b)
{
	const struct pending *one = a;
	const struct pending *other = b;
	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* All that waits, in its order, so that equal runs give equal texts. */
static void flush(struct collection *collection)
{
	if (collection->count > 0)
		qsort(collection->pending, collection->count, sizeof(*collection->pending), compare);
	for (size_t i = 0; i < collection->count; i++) {
		struct pending *pending = &collection->pending[i];
		if (pending->failure == NULL) {
			put(collection, pending);
			continue;
		}
		log_error("%s", pending->failure);
		free(pending->failure);
	}
	collection->count = 0;
}

/* What a signal keeps from being committed here is committed at the end. */
static void commit_in_time(struct collection *collection)
{
	struct error reason = ERROR_INIT;
	bool is_time = collection->count >= BATCH_SIZE || collection->files >= BATCH_FILES ||
				   (collection->count > 0 &&
					clock_monotonic_ms() - collection->begun_ms >= BATCH_MS);
	if (!is_time || interrupt_requested())
		return;
	flush(collection);
	if (collection->waiting > 0 && commit(collection, INDEX_WRITE, &reason) != 0 &&
		reason.code != ERROR_INTERRUPTED)
		collection->failure = reason;
}

static void pend(struct collection *collection, const struct pending *pending)
{
	if (collection->count == 0)
		collection->begun_ms = clock_monotonic_ms();
	collection->pending = memory_grow(collection->pending, collection->count, &collection->capacity,
									  sizeof(*collection->pending));
	collection->pending[collection->count++] = *pending;
}

static void take(struct collection *collection, struct outcome *outcome)
{
	struct pending pending = {.number = outcome->number, .is_local = outcome->is_local};
	for (size_t i = 0; i < outcome->failure_count; i++, pending.place++) {
		pending.failure = STEAL(outcome->failures[i]);
		pend(collection, &pending);
	}
	pending.failure = NULL;
	for (size_t i = 0; i < outcome->image_count; i++, pending.place++) {
		pending.read = outcome->images[i];
		outcome->images[i] = (struct read_image){.image = {.name = NULL}};
		collection->files += pending.read.files.count;
		pend(collection, &pending);
	}
	collection->totals.failed += outcome->failure_count;
	collection->totals.images += outcome->image_count;
	collection->totals.done += outcome->done;
	collection->totals.completed += outcome->completed;
}

void collection_take(struct collection *collection, struct outcome *outcome)
{
	const struct add_options *options = collection->options;
	pthread_mutex_lock(&collection->lock);
	if (collection->failure.code == ERROR_NONE) {
		take(collection, outcome);
		commit_in_time(collection);
	}
	if (options->note != NULL)
		options->note(options->context, &collection->totals);
	pthread_mutex_unlock(&collection->lock);
}

bool collection_has_failed(struct collection *collection)
{
	pthread_mutex_lock(&collection->lock);
	bool has_failed = collection->failure.code != ERROR_NONE;
	pthread_mutex_unlock(&collection->lock);
	return has_failed;
}

int collection_end(struct collection *collection, struct add_totals *totals, struct error *err)
{
	flush(collection);
	if (collection->failure.code == ERROR_NONE && collection->waiting > 0)
		(void)commit(collection, INDEX_WRITE_THROUGH, &collection->failure);
	*totals = collection->totals;
	if (collection->failure.code == ERROR_NONE)
		return 0;
	*err = collection->failure;
	return -1;
}
