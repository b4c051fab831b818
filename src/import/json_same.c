#include "json_same.h"

#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

enum { SLOTS_FIRST = 256, PROBES_MAX = 16 };

/* FNV-1a. */
static uint32_t hash_of(const char *text, size_t size)
{
	uint32_t hash = 2166136261U;
	for (size_t i = 0; i < size; i++) {
		hash = (hash ^ (uint8_t)text[i]) * 16777619U;
	}
	return hash ^ hash >> 15;
}

/* Its place, a free one for it, or NULL. */
static struct json_same_slot *find(const struct json_same *same, const char *text, uint32_t hash,
								   size_t at, size_t size)
{
	for (size_t i = 0; i < PROBES_MAX; i++) {
		struct json_same_slot *slot = &same->slots[(hash + i) % same->capacity];
		if (slot->size == 0 || (slot->hash == hash && slot->size == size &&
								memcmp(text + slot->at, text + at, size) == 0)) {
			return slot;
		}
	}
	return NULL;
}

static void grow(struct json_same *same, const char *text)
{
	struct json_same old = *same;
	same->capacity = old.capacity == 0 ? SLOTS_FIRST : 2 * old.capacity;
	same->slots = memory_alloc(same->capacity, sizeof(*same->slots));
	same->count = 0;
	for (size_t i = 0; i < old.capacity; i++) {
		const struct json_same_slot *slot = &old.slots[i];
		struct json_same_slot *place = slot->size == 0
										   ? NULL
										   : find(same, text, slot->hash, slot->at, slot->size);
		if (place != NULL) {
			*place = *slot;
			same->count++;
		}
	}
	free(old.slots);
}

bool json_same_add(struct json_same *same, const char *text, size_t at, size_t size)
{
	if (2 * same->count >= same->capacity) {
		grow(same, text);
	}
	uint32_t hash = hash_of(text + at, size);
	struct json_same_slot *slot = find(same, text, hash, at, size);
	if (slot == NULL || slot->size != 0) {
		return slot != NULL;
	}
	*slot = (struct json_same_slot){.at = at, .size = size, .hash = hash};
	same->count++;
	return false;
}

void json_same_reset(struct json_same *same)
{
	if (same->count > 0) {
		json_same_clear(same);
	}
}

void json_same_clear(struct json_same *same)
{
	free(same->slots);
	*same = (struct json_same){.count = 0};
}
