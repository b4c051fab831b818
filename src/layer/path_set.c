#include "path_set.h"

#include <string.h>

#include "layerproof/digest.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"

enum { FIRST_CAPACITY = 1024 };

/* The lowest bit of a slot says that a directory has the path; the others are of its hash. */
#define DIRECTORY_BIT ((uint64_t)1)

/* Leaves out empty parts and those that are ".". Returns the length. */
static size_t spell(struct path_set *set, const char *path)
{
	size_t room = strlen(path) + 1;
	size_t length = 0;
	if (set->spelling_size < room) {
		set->spelling = memory_resize(set->spelling, room, 1);
		set->spelling_size = room;
	}
	while (*path != '\0') {
		size_t part = strcspn(path, "/");
		bool stays = part == 0 || (part == 1 && *path == '.');
		if (!stays) {
			if (length > 0)
				set->spelling[length++] = '/';
			memcpy(set->spelling + length, path, part);
			length += part;
		}
		path += part;
		path += *path == '/';
	}
	return length;
}

static uint64_t hash_of(struct path_set *set, const char *path)
{
	struct digest digest;
	uint64_t hash;
	size_t length = spell(set, path);
	digest_of(DIGEST_SHA256, set->spelling, length, &digest);
	memcpy(&hash, digest.bytes, sizeof(hash));
	hash &= ~DIRECTORY_BIT;
	return hash != 0 ? hash : ~DIRECTORY_BIT; /* 0 stands for a free slot */
}

static uint64_t *slot_of(const struct path_set *set, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) & (set->capacity - 1);
	while (set->slots[at] != 0 && (set->slots[at] & ~DIRECTORY_BIT) != hash)
		at = (at + 1) & (set->capacity - 1);
	return &set->slots[at];
}

static void grow(struct path_set *set)
{
	uint64_t *old = set->slots;
	size_t old_capacity = set->capacity;
	set->capacity = old_capacity > 0 ? 2 * old_capacity : FIRST_CAPACITY;
	set->slots = memory_alloc(set->capacity, sizeof(*set->slots));
	for (size_t i = 0; i < old_capacity; i++)
		if (old[i] != 0)
			*slot_of(set, old[i] & ~DIRECTORY_BIT) = old[i];
	free(old);
}

bool path_set_is_repeated(struct path_set *set, const char *path, bool is_directory)
{
	uint64_t kind = is_directory ? DIRECTORY_BIT : 0;
	uint64_t hash = hash_of(set, path);
	if (set->count >= set->capacity / 4 * 3 && set->count < LIMIT_TAR_PATHS_COMPARED)
		grow(set);
	uint64_t *slot = slot_of(set, hash);
	if (*slot != 0) {
		bool are_directories = (*slot & kind) != 0;
		*slot &= ~DIRECTORY_BIT | kind;
		return !are_directories;
	}
	if (set->count < LIMIT_TAR_PATHS_COMPARED) {
		*slot = hash | kind;
		set->count++;
	}
	return false;
}

void path_set_clear(struct path_set *set)
{
	free(set->slots);
	free(set->spelling);
	*set = (struct path_set){.slots = NULL};
}
