/*
 * text_map: open addressing over texts that lie one behind the other.
 */
#include "layerproof/text_map.h"

#include <string.h>

enum { SLOTS_LEAST = 1 << 10, TEXT_MOST = 1 << 16, PROBES_MOST = 64 };

struct slot {
	uint32_t hash;
	uint32_t number;
	uint32_t offset; /* of the text */
	uint32_t size;   /* of the text, and 1; 0: free */
};

struct text_map {
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t count;
	uint8_t *texts;
	size_t used, capacity;
	size_t memory;
};

struct text_map *text_map_new(size_t memory)
{
	struct text_map *map = memory_alloc(1, sizeof(*map));
	map->memory = memory < UINT32_MAX ? memory : UINT32_MAX;
	map->slot_count = SLOTS_LEAST;
	map->slots = memory_alloc(map->slot_count, sizeof(*map->slots));
	return map;
}

void text_map_free(struct text_map *map)
{
	if (map == NULL)
		return;
	free(map->slots);
	free(map->texts);
	free(map);
}

/* Eight bytes at a time. Who makes texts that clash makes them slow to find, no more: see
 * PROBES_MOST. */
static uint32_t hash_of(const void *text, size_t size)
{
	const uint8_t *at = text;
	uint64_t hash = size;
	for (; size > 0; size -= size < 8 ? size : 8, at += 8) {
		uint64_t word = 0;
		memcpy(&word, at, size < 8 ? size : 8);
		hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
		hash ^= hash >> 32;
	}
	return (uint32_t)hash;
}

/* The slot of the text, or the free one where it would go, or NULL where too many clash. */
static struct slot *find(const struct text_map *map, uint32_t hash, const void *text, size_t size)
{
	for (size_t i = 0; i < PROBES_MOST; i++) {
		struct slot *slot = &map->slots[(hash + i) & (map->slot_count - 1)];
		if (slot->size == 0 || (slot->hash == hash && slot->size == size + 1 &&
								(size == 0 || memcmp(map->texts + slot->offset, text, size) == 0)))
			return slot;
	}
	return NULL;
}

bool text_map_get(const struct text_map *map, const void *text, size_t size, uint32_t *out)
{
	const struct slot *slot = find(map, hash_of(text, size), text, size);
	if (slot == NULL || slot->size == 0)
		return false;
	*out = slot->number;
	return true;
}

static void forget_all(struct text_map *map)
{
	memset(map->slots, 0, map->slot_count * sizeof(*map->slots));
	map->count = 0;
	map->used = 0;
}

/* What finds no place in the larger table is forgotten. */
static void grow_slots(struct text_map *map)
{
	struct slot *old = map->slots;
	size_t count = map->slot_count;
	map->slot_count = 2 * count;
	map->slots = memory_alloc(map->slot_count, sizeof(*map->slots));
	for (size_t i = 0; i < count; i++) {
		if (old[i].size == 0)
			continue;
		struct slot *slot = find(map, old[i].hash, map->texts + old[i].offset, old[i].size - 1);
		if (slot != NULL)
			*slot = old[i];
	}
	free(old);
}

static void keep_text(struct text_map *map, const void *text, size_t size)
{
	while (map->capacity - map->used < size) {
		map->capacity = map->capacity == 0 ? TEXT_MOST : 2 * map->capacity;
		map->texts = memory_resize(map->texts, map->capacity, 1);
	}
	if (size > 0)
		memcpy(map->texts + map->used, text, size);
	map->used += size;
}

void text_map_put(struct text_map *map, const void *text, size_t size, uint32_t number)
{
	if (size >= TEXT_MOST || size > map->memory)
		return;
	if (map->used + size > map->memory)
		forget_all(map);
	if (map->count >= map->slot_count / 2)
		grow_slots(map);
	uint32_t hash = hash_of(text, size);
	struct slot *slot = find(map, hash, text, size);
	if (slot == NULL)
		return;
	*slot = (struct slot){
		.hash = hash, .number = number, .offset = (uint32_t)map->used, .size = (uint32_t)size + 1};
	keep_text(map, text, size);
	map->count++;
}
