#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"

/* DESIGN, section 5: some files that together are no small matter, or one that is none alone. */
enum { FILES_LEAST = 3 };
#define FILES_BYTES_LEAST LIMIT_KIB(64)
#define FILE_BYTES_LEAST  LIMIT_MIB(1)

/* A layer in which packages were installed holds what others publish. What lies above a guessed
 * boundary may still belong to a base that the index does not know, all but the layer on top. */
bool match_file_is_distinctive(const struct match_file *file)
{
	if (file->origin != ORIGIN_OURS || file->internal == NULL || file->has_packages ||
		file->size < LIMIT_FILE_LEAST || file->place < file->internal->boundary.layers)
		return false;
	return file->internal->boundary.known || file->is_on_top;
}

/* A file where it was met. */
struct met {
	const struct match_file *file;
	size_t image;
	size_t layer;
};

static int compare_digests(const void *left, const void *right)
{
	const struct met *a = left;
	const struct met *b = right;
	int order = digest_compare(&a->file->digest, &b->file->digest);
	if (order != 0)
		return order;
	if (a->image != b->image)
		return a->image < b->image ? -1 : 1;
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	return 0;
}

/* The largest first; then by what is sure to differ. */
static int compare_sizes(const void *left, const void *right)
{
	const struct met *a = left;
	const struct met *b = right;
	if (a->file->size != b->file->size)
		return a->file->size > b->file->size ? -1 : 1;
	return digest_compare(&a->file->digest, &b->file->digest);
}

struct meeting {
	struct met *items;
	size_t count;
	size_t capacity;
};

static void meet(const struct match_facts *facts, size_t place, struct meeting *meeting)
{
	const struct match_image *image = &facts->images[place];
	for (size_t i = 0; !image->is_ignored && i < image->tree->layer_count; i++)
		for (size_t j = 0; j < image->layers[i].file_count; j++) {
			const struct match_file *file = &image->layers[i].files[j];
			if (!match_file_is_distinctive(file))
				continue;
			meeting->items = memory_grow(meeting->items, meeting->count, &meeting->capacity,
										 sizeof(*meeting->items));
			meeting->items[meeting->count++] = (struct met){file, place, i};
		}
}

/* Each digest at the first place where it stands. */
static void drop_copies(struct meeting *meeting)
{
	size_t kept = 0;
	if (meeting->count > 1)
		qsort(meeting->items, meeting->count, sizeof(*meeting->items), compare_digests);
	for (size_t i = 0; i < meeting->count; i++)
		if (i == 0 ||
			!digest_equal(&meeting->items[i].file->digest, &meeting->items[kept - 1].file->digest))
			meeting->items[kept++] = meeting->items[i];
	meeting->count = kept;
}

static struct match_file_count count(const struct meeting *meeting)
{
	struct match_file_count found = {.files = meeting->count};
	for (size_t i = 0; i < meeting->count; i++) {
		int64_t size = meeting->items[i].file->size;
		found.bytes += size < INT64_MAX - found.bytes ? size : INT64_MAX - found.bytes;
		if (size > found.largest)
			found.largest = size;
	}
	return found;
}

static bool passes(const struct match_file_count *found)
{
	return found->largest >= FILE_BYTES_LEAST ||
		   (found->files >= FILES_LEAST && found->bytes >= FILES_BYTES_LEAST);
}

static struct evidence evidence_of(const struct met *met, bool is_ours)
{
	const struct match_file *file = met->file;
	return (struct evidence){
		.identity = IDENTITY_FILE,
		.level = LEVEL_HASHED,
		.digest = file->digest,
		.image = met->image,
		.layer = met->layer,
		.origin = file->origin,
		.basis = file->internal->boundary.known ? BASIS_KNOWN_BOUNDARY : BASIS_TOP_LAYER,
		.is_ours = is_ours,
		.internal = file->internal,
		.others = file->others,
		.file = file,
	};
}

size_t files_weigh(const struct match_facts *facts, size_t place, struct evidence *out)
{
	struct meeting meeting = {.count = 0};
	meet(facts, place, &meeting);
	drop_copies(&meeting);
	struct match_file_count found = count(&meeting);
	bool is_ours = passes(&found);
	size_t listed = meeting.count < LIMIT_FILES_LISTED ? meeting.count : LIMIT_FILES_LISTED;
	if (meeting.count > 1)
		qsort(meeting.items, meeting.count, sizeof(*meeting.items), compare_sizes);
	for (size_t i = 0; i < listed; i++)
		out[i] = evidence_of(&meeting.items[i], is_ours);
	free(meeting.items);
	return listed;
}

struct match_file_count files_count(const struct match_facts *facts)
{
	struct meeting meeting = {.count = 0};
	for (size_t i = 0; i < facts->image_count; i++)
		meet(facts, i, &meeting);
	drop_copies(&meeting);
	struct match_file_count found = count(&meeting);
	free(meeting.items);
	return found;
}
