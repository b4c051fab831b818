#include "layerproof/missing.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

DEFINE_CLEANUP(struct index_snapshot, index_snapshot_end)

/* ---- What a name says ---- */

/* Behind "docker-pullable://" and the like. */
static const char *bare_name(const char *name)
{
	const char *scheme = strstr(name, "://");
	return scheme == NULL ? name : scheme + 3;
}

static bool has_explicit_tag(const char *name)
{
	const char *slash = strrchr(name, '/');
	return strchr(slash == NULL ? name : slash, ':') != NULL;
}

/* Whether the name says which registry it is of (distribution/reference): else it might be of any,
 * and what is internal is no business of the public one. */
static bool names_registry(const char *name)
{
	size_t size = strcspn(name, "/");
	CLEANUP(free_at) char *first = memory_copy_span(name, size);
	return name[size] == '/' && (strpbrk(first, ".:") != NULL || strcmp(first, "localhost") == 0);
}

const struct identified_digest *missing_asked(const struct internal_image *image)
{
	static const enum identity order[] = {IDENTITY_MANIFEST, IDENTITY_IMAGE, IDENTITY_INDEX};
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t j = 0; j < image->top_count; j++)
			if (image->tops[j].identity == order[i])
				return &image->tops[j];
	return NULL;
}

/* The key of an image called `name`, canonical; NULL when its name says no registry, or neither tag
 * nor digest is known. */
static char *key_of(const struct internal_image *image, bool *has_tag)
{
	struct error ignored = ERROR_INIT;
	struct reference reference;
	const char *name = bare_name(image->name);
	CLEANUP(free_at) char *head = memory_copy_span(name, strcspn(name, "@"));
	const struct identified_digest *asked = missing_asked(image);
	*has_tag = has_explicit_tag(head);
	if (!names_registry(head) || (!*has_tag && asked == NULL) ||
		reference_parse(head, &reference, &ignored) != 0)
		return NULL;
	if (!*has_tag) {
		free(STEAL(reference.tag));
		reference.digest = asked->digest;
	}
	char *key = reference.transport == REFERENCE_REGISTRY ? reference_format(&reference) : NULL;
	reference_clear(&reference);
	return key;
}

/* ---- What lacks its layers ---- */

struct search {
	struct missing *missing;
	size_t capacity;
};

static bool has_layers(const struct internal_image *image)
{
	return image->layer_count > 0 || image->diff_id_count > 0;
}

/* What the export's list says is kept apart from what is read, and so are those who said it. */
static void copy_held(const struct internal_image *from, struct internal_image *to)
{
	*to = (struct internal_image){
		.name = memory_copy_text(from->name),
		.origin = from->origin,
		.has_boundary = from->has_boundary,
		.boundary = from->boundary,
	};
	for (size_t i = 0; i < from->top_count; i++)
		internal_image_add_top(to, from->tops[i].identity, &from->tops[i].digest);
}

static int note_missing(void *context, uint32_t number, const struct internal_image *image)
{
	struct search *search = context;
	struct missing *missing = search->missing;
	struct missing_image found = {.count = 1};
	(void)number;
	if (has_layers(image) || *image->name == '\0')
		return 0;
	missing->named++;
	copy_held(image, &found.held);
	found.key = key_of(&found.held, &found.has_tag);
	if (found.key == NULL) {
		missing->unlocated++;
		internal_image_clear(&found.held);
		return 0;
	}
	missing->images = memory_grow(missing->images, missing->count, &search->capacity,
								  sizeof(*missing->images));
	missing->images[missing->count++] = found;
	return 0;
}

/* ---- What another image tells of it ---- */

static void drop(struct missing *missing, struct missing_image *image)
{
	missing->named -= image->count;
	free(image->key);
	internal_image_clear(&image->held);
	image->count = 0;
}

static int compare_asked(const struct identified_digest *a, const struct identified_digest *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	if (a->digest.algorithm != b->digest.algorithm)
		return a->digest.algorithm < b->digest.algorithm ? -1 : 1;
	return memcmp(a->digest.bytes, b->digest.bytes, sizeof(a->digest.bytes));
}

static int compare(const void *a, const void *b)
{
	const struct missing_image *one = a;
	const struct missing_image *other = b;
	int order = strcmp(one->key, other->key);
	return order != 0 ? order
					  : compare_asked(missing_asked(&one->held), missing_asked(&other->held));
}

/* Drops what is told by now, and closes the gaps. */
static int drop_completed(struct index_snapshot *snapshot, struct missing *missing,
						  struct error *err)
{
	size_t kept = 0;
	int told = 0;
	for (size_t i = 0; i < missing->count; i++) {
		told = told < 0 ? told : index_tells_layers(snapshot, &missing->images[i].held, err);
		if (told > 0)
			drop(missing, &missing->images[i]);
		else
			missing->images[kept++] = missing->images[i];
	}
	missing->count = kept;
	return told < 0 ? -1 : 0;
}

static bool is_named_alone(const struct internal_image *held)
{
	for (size_t i = 0; i < held->top_count; i++)
		if ((held->tops[i].identity & IDENTITIES_OF_IMAGE) != 0)
			return false;
	return true;
}

static bool is_among(const struct digest *digest, const struct digest *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (digest_equal(digest, &all[i]))
			return true;
	return false;
}

/* Whether `image`, of the same name, has all the layers that are known of the other. */
static bool has_its_layers(const struct internal_image *image, const struct internal_image *held)
{
	for (size_t i = 0; i < held->top_count; i++)
		if (!is_among(&held->tops[i].digest, image->layers, image->layer_count) &&
			!is_among(&held->tops[i].digest, image->diff_ids, image->diff_id_count))
			return false;
	return true;
}

/* The first of those with this key that are known by nothing else; they stand together. */
static size_t find_named(const struct missing *missing, char *key)
{
	const struct missing_image wanted = {.key = key};
	size_t low = 0;
	size_t high = missing->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(&missing->images[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where no digest but a layer's is known, an image of the same name with that layer tells the
 * others. */
static int note_named(void *context, uint32_t number, const struct internal_image *image)
{
	struct missing *missing = context;
	const struct internal_image named = {.name = image->name};
	bool has_tag;
	(void)number;
	CLEANUP(free_at) char *key = has_layers(image) ? key_of(&named, &has_tag) : NULL;
	if (key == NULL)
		return 0;
	for (size_t i = find_named(missing, key);
		 i < missing->count && strcmp(missing->images[i].key, key) == 0; i++) {
		struct missing_image *found = &missing->images[i];
		if (is_named_alone(&found->held) && has_its_layers(image, &found->held))
			found->is_told = true;
	}
	return 0;
}

static int drop_named(struct index_snapshot *snapshot, struct missing *missing, struct error *err)
{
	size_t bare = 0;
	size_t kept = 0;
	for (size_t i = 0; i < missing->count; i++)
		bare += is_named_alone(&missing->images[i].held);
	if (bare == 0)
		return 0;
	if (index_each_image(snapshot, note_named, missing, err) != 0)
		return -1;
	for (size_t i = 0; i < missing->count; i++)
		if (missing->images[i].is_told)
			drop(missing, &missing->images[i]);
		else
			missing->images[kept++] = missing->images[i];
	missing->count = kept;
	return 0;
}

/* Sorts, and makes one of those that are asked for alike. */
static void sort(struct missing *missing)
{
	size_t kept = 0;
	if (missing->count == 0)
		return;
	qsort(missing->images, missing->count, sizeof(*missing->images), compare);
	for (size_t i = 1; i < missing->count; i++) {
		struct missing_image *last = &missing->images[kept];
		struct missing_image *image = &missing->images[i];
		if (compare(last, image) != 0 || missing_asked(&image->held) == NULL) {
			missing->images[++kept] = *image;
			continue;
		}
		last->count += image->count;
		free(image->key);
		internal_image_clear(&image->held);
	}
	missing->count = kept + 1;
}

int missing_find(struct index *index, struct missing *out, struct error *err)
{
	struct search search = {.missing = out};
	*out = (struct missing){.images = NULL};
	CLEANUP(index_snapshot_end_at)
	struct index_snapshot *snapshot = index_snapshot_begin(index, err);
	if (snapshot == NULL)
		return -1;
	int result = index_each_image(snapshot, note_missing, &search, err);
	if (result == 0)
		result = drop_completed(snapshot, out, err);
	sort(out);
	if (result == 0)
		result = drop_named(snapshot, out, err);
	if (result != 0)
		missing_clear(out);
	return result != 0 ? -1 : 0;
}

void missing_clear(struct missing *missing)
{
	for (size_t i = 0; i < missing->count; i++) {
		free(missing->images[i].key);
		internal_image_clear(&missing->images[i].held);
	}
	free(missing->images);
	*missing = (struct missing){.images = NULL};
}
