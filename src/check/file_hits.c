#include "file_hits.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* Files that are looked up in one snapshot, and what is kept of a path. */
enum { BATCH = 4096, PATH_SHOWN = 4096 };

struct counted_hits {
	struct file_hits hits; /* first */
	atomic_int references;
	size_t capacity;
	int64_t paths; /* bytes */
};

struct file_search {
	struct index *index;
	struct counted_hits *found;
	struct file_hit *waiting;
	size_t count;
	struct error failure; /* of the index */
};

/* ---- What was found ---- */

static struct counted_hits *counted(struct file_hits *hits)
{
	return (struct counted_hits *)hits;
}

struct file_hits *file_hits_retain(struct file_hits *hits)
{
	if (hits != NULL)
		atomic_fetch_add(&counted(hits)->references, 1);
	return hits;
}

void file_hits_release(struct file_hits *hits)
{
	if (hits == NULL || atomic_fetch_sub(&counted(hits)->references, 1) > 1)
		return;
	for (size_t i = 0; i < hits->count; i++)
		free(hits->items[i].path);
	free(hits->items);
	free(hits);
}

bool file_hits_are_wanted(struct index *index)
{
	struct error ignored = ERROR_INIT;
	struct index_snapshot *snapshot = index == NULL ? NULL : index_snapshot_begin(index, &ignored);
	bool are_known = snapshot != NULL && index_knows_files(snapshot);
	index_snapshot_end(snapshot);
	return are_known;
}

/* ---- The search ---- */

struct file_search *file_search_new(struct index *index)
{
	struct file_search *search = memory_alloc(1, sizeof(*search));
	search->index = index;
	search->waiting = memory_alloc(BATCH, sizeof(*search->waiting));
	search->found = memory_alloc(1, sizeof(*search->found));
	search->found->references = 1;
	search->failure = (struct error)ERROR_INIT;
	return search;
}

void file_search_free(struct file_search *search)
{
	if (search == NULL)
		return;
	for (size_t i = 0; i < search->count; i++)
		free(search->waiting[i].path);
	file_hits_release(&search->found->hits);
	free(search->waiting);
	free(search);
}

/* Takes the path over. */
static void keep(struct counted_hits *found, struct file_hit *hit)
{
	struct file_hits *hits = &found->hits;
	if (hits->count == LIMIT_FILE_HITS) {
		hits->is_capped = true;
		return;
	}
	hits->items = memory_grow(hits->items, hits->count, &found->capacity, sizeof(*hits->items));
	struct file_hit *kept = &hits->items[hits->count++];
	*kept = *hit;
	hit->path = NULL;
	found->paths += (int64_t)strlen(kept->path) + 1;
	if (found->paths > LIMIT_FILE_PATHS) {
		free(kept->path);
		kept->path = NULL;
	}
}

static int look_up(struct file_search *search, struct error *err)
{
	struct index_snapshot *snapshot = index_snapshot_begin(search->index, err);
	int result = snapshot == NULL ? -1 : 0;
	for (size_t i = 0; i < search->count; i++) {
		struct index_file file;
		int found = result < 0 ? 0
							   : index_find_file(snapshot, &search->waiting[i].digest, &file, err);
		if (found < 0)
			result = -1;
		else if (found == 1 && file.origin == ORIGIN_OURS)
			keep(search->found, &search->waiting[i]);
		free(search->waiting[i].path);
	}
	search->count = 0;
	index_snapshot_end(snapshot);
	return result;
}

int file_search_note(struct file_search *search, const struct layer_file *file, struct error *err)
{
	if (file->size < LIMIT_FILE_LEAST)
		return 0;
	search->waiting[search->count++] = (struct file_hit){
		.digest = file->digest,
		.size = file->size,
		.path = memory_copy_span(file->path, strnlen(file->path, PATH_SHOWN)),
	};
	if (search->count < BATCH || look_up(search, &search->failure) == 0)
		return 0;
	*err = search->failure;
	return -1;
}

static int compare(const void *left, const void *right)
{
	const struct file_hit *a = left;
	const struct file_hit *b = right;
	int order = digest_compare(&a->digest, &b->digest);
	if (order != 0 || a->path == NULL || b->path == NULL)
		return order != 0 ? order : (a->path == NULL) - (b->path == NULL);
	return strcmp(a->path, b->path);
}

static void drop_copies(struct file_hits *hits)
{
	size_t kept = 0;
	if (hits->count > 1)
		qsort(hits->items, hits->count, sizeof(*hits->items), compare);
	for (size_t i = 0; i < hits->count; i++)
		if (kept > 0 && digest_equal(&hits->items[i].digest, &hits->items[kept - 1].digest))
			free(hits->items[i].path);
		else
			hits->items[kept++] = hits->items[i];
	hits->count = kept;
}

struct file_hits *file_search_end(struct file_search *search, struct error *err)
{
	if (search->failure.code == ERROR_NONE)
		(void)look_up(search, &search->failure);
	if (search->failure.code != ERROR_NONE) {
		*err = search->failure;
		return NULL;
	}
	drop_copies(&search->found->hits);
	return file_hits_retain(&search->found->hits);
}
