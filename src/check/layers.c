#include "layers.h"

#include <pthread.h>
#include <stdlib.h>

#include "layerproof/memory.h"
#include "learn.h"

/* Layers that may be read ahead of one that takes long: what they were found to be waits for it. */
enum { AHEAD = 1024 };

/* One layer to be read. */
struct task {
	uint32_t image;
	uint32_t layer;
	size_t then; /* to be read by the same thread behind this one; 0: none */
	bool is_taken;
	bool is_over;
	struct verified *found; /* NULL before, and where the same layer was read at another place */
};

struct reading {
	const struct layers_place *place;
	struct assessment *assessment;
	pthread_mutex_t lock; /* of all below, and of the assessment while hands are lent */
	struct task *tasks;
	size_t count;
	size_t capacity;
	size_t waiting; /* that are not taken */
	size_t next;    /* the first of those */
	size_t learnt;  /* all before this are in the assessment */
	bool has_failed;
	struct error failure; /* of the index */
};

static const struct tree_layer *layer_of(const struct reading *reading, size_t at)
{
	const struct task *task = &reading->tasks[at];
	return &reading->assessment->tree.images[task->image].layers[task->layer];
}

static bool is_unverified(const struct match_layer *layer)
{
	return !layer->is_unreadable && layer->blob_level != LEVEL_HASHED &&
		   layer->tar_level != LEVEL_HASHED;
}

static void add_task(struct reading *reading, size_t image, size_t layer)
{
	reading->tasks = memory_grow(reading->tasks, reading->count, &reading->capacity,
								 sizeof(*reading->tasks));
	reading->tasks[reading->count++] = (struct task){.image = (uint32_t)image,
													 .layer = (uint32_t)layer};
	reading->waiting++;
}

static void list_tasks(struct reading *reading)
{
	const struct match_facts *facts = &reading->assessment->book.facts;
	for (size_t i = 0; i < facts->image_count; i++) {
		const struct match_image *image = &facts->images[i];
		for (size_t j = 0; !image->is_ignored && j < image->tree->layer_count; j++)
			if (is_unverified(&image->layers[j]))
				add_task(reading, i, j);
	}
}

/* ---- Sharing out; the lock is held ---- */

static bool is_same_blob(const struct tree_layer *a, const struct tree_layer *b)
{
	return a->has_blob_digest && b->has_blob_digest &&
		   digest_equal(&a->descriptor.digest, &b->descriptor.digest);
}

static void mark_taken(struct reading *reading, size_t at)
{
	reading->tasks[at].is_taken = true;
	reading->waiting--;
	while (reading->next < reading->count && reading->tasks[reading->next].is_taken)
		reading->next++;
}

/* Whether the layer is one of those that are linked from `first` on. */
static bool is_linked(const struct reading *reading, size_t first, size_t at)
{
	do
		if (learn_is_same_layer(layer_of(reading, first), layer_of(reading, at)))
			return true;
	while ((first = reading->tasks[first].then) != 0);
	return false;
}

/* Links what names the blob of `first` to it. A layer that is declared twice is read once. */
static void link_same_blob(struct reading *reading, size_t first)
{
	size_t last = first;
	for (size_t at = first + 1; at < reading->count; at++) {
		struct task *task = &reading->tasks[at];
		if (task->is_taken || !is_same_blob(layer_of(reading, first), layer_of(reading, at)))
			continue;
		mark_taken(reading, at);
		task->is_over = is_linked(reading, first, at);
		if (!task->is_over)
			last = reading->tasks[last].then = at;
	}
}

static bool take(struct reading *reading, size_t *at)
{
	bool is_there = !reading->has_failed && reading->waiting > 0 &&
					reading->next - reading->learnt < AHEAD;
	if (is_there) {
		*at = reading->next;
		mark_taken(reading, *at);
		link_same_blob(reading, *at);
	}
	return is_there;
}

static void learn_in_order(struct reading *reading)
{
	const struct layers_place *place = reading->place;
	for (; reading->learnt < reading->count && reading->tasks[reading->learnt].is_over;
		 reading->learnt++) {
		struct task *task = &reading->tasks[reading->learnt];
		CLEANUP(free_at) struct verified *found = STEAL(task->found);
		if (found == NULL)
			continue;
		*place->layer_bytes += found->fetched;
		reading->has_failed = reading->has_failed ||
							  learn_layer(reading->assessment, place->index, task->image,
										  task->layer, found, &reading->failure) != 0;
		verified_clear(found);
	}
}

/* ---- Reading ---- */

/* What is to be read behind it. */
static size_t put(struct reading *reading, size_t at, struct verified *found)
{
	pthread_mutex_lock(&reading->lock);
	reading->tasks[at].found = found;
	reading->tasks[at].is_over = true;
	learn_in_order(reading);
	pthread_mutex_unlock(&reading->lock);
	return reading->tasks[at].then;
}

/* False when there is nothing to be taken at the moment. */
static bool read_next(struct reading *reading, struct source *source, struct recall *recall)
{
	size_t at;
	pthread_mutex_lock(&reading->lock);
	bool is_there = take(reading, &at);
	pthread_mutex_unlock(&reading->lock);
	if (!is_there)
		return false;
	do {
		struct verified *found = memory_alloc(1, sizeof(*found));
		verify_layer(reading->place->tools, source, layer_of(reading, at), recall, found);
		at = put(reading, at, found);
	} while (at != 0);
	return true;
}

/* A lent hand's part. One that cannot open the image leaves it to the others. */
static void help(void *context, struct source_client *client)
{
	struct reading *reading = context;
	const struct layers_place *place = reading->place;
	struct error ignored = ERROR_INIT;
	struct recall recall;
	struct source *source = source_open(client, place->reference, &ignored);
	if (source == NULL)
		return;
	recall_begin(&recall, place->recall->memory, place->reference, place->recall->is_strict);
	while (hands_may_stay(place->hands) && read_next(reading, source, &recall))
		continue;
	recall_clear(&recall);
	source_close(source);
}

static size_t count_waiting(struct reading *reading)
{
	pthread_mutex_lock(&reading->lock);
	size_t waiting = reading->has_failed ? 0 : reading->waiting;
	pthread_mutex_unlock(&reading->lock);
	return waiting;
}

/* As many as there are layers beside the one that the calling thread will take. */
static void call_hands(struct reading *reading, size_t waiting)
{
	if (!source_reads_apart(reading->place->source))
		return;
	while (--waiting > 0 && hands_lend(reading->place->hands, help, reading))
		continue;
}

static void read_all(struct reading *reading)
{
	const struct layers_place *place = reading->place;
	size_t waiting;
	while ((waiting = count_waiting(reading)) > 0) {
		call_hands(reading, waiting);
		if (!read_next(reading, place->source, place->recall))
			hands_join(place->hands);
	}
	hands_join(place->hands);
}

int layers_verify(const struct layers_place *place, struct assessment *assessment,
				  struct error *err)
{
	struct reading reading = {.place = place, .assessment = assessment};
	pthread_mutex_init(&reading.lock, NULL);
	list_tasks(&reading);
	read_all(&reading);
	pthread_mutex_destroy(&reading.lock);
	for (size_t i = 0; i < reading.count; i++)
		free(reading.tasks[i].found);
	free(reading.tasks);
	if (reading.has_failed)
		*err = reading.failure;
	return reading.has_failed ? -1 : 0;
}
