/*
 * commit: images of digests that many hold, by a hash of their content. To look at each of them for
 * each image that comes would take as long as both are many.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "commit.h"
#include "holders.h"
#include "layerproof/memory.h"

enum { SLOTS_FIRST = 1 << 10 };

struct slot {
	uint64_t hash;
	uint32_t number;
	bool is_used;
	bool is_digest; /* whose images are all here; by its first bytes */
};

struct crowd {
	struct slot *slots;
	size_t capacity, count;
	size_t most; /* images at once */
};

struct crowd *crowd_new(size_t memory)
{
	struct crowd *crowd = memory_alloc(1, sizeof(*crowd));

	crowd->most = memory / sizeof(struct slot) / 4; /* half empty, and grown by halves */
	return crowd;
}

void crowd_free(struct crowd *crowd)
{
	if (!crowd)
		return;
	free(crowd->slots);
	free(crowd);
}

static void empty(struct crowd *crowd)
{
	free(crowd->slots);
	*crowd = (struct crowd){.most = crowd->most};
}

/* FNV-1a. */
static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static uint64_t hash_of_digest(struct store_bytes key)
{
	return bytes_get_ordered_64((const uint8_t *)key.bytes + 1);
}

static void put(struct crowd *crowd, const struct slot *slot)
{
	size_t at = slot->hash % crowd->capacity;

	while (crowd->slots[at].is_used)
		at = (at + 1) % crowd->capacity;
	crowd->slots[at] = *slot;
	crowd->count++;
}

static void add(struct crowd *crowd, uint64_t hash, uint32_t number, bool is_digest)
{
	if (2 * crowd->count >= crowd->capacity) {
		struct crowd old = *crowd;
		crowd->capacity = old.capacity == 0 ? SLOTS_FIRST : 2 * old.capacity;
		crowd->slots = memory_alloc(crowd->capacity, sizeof(*crowd->slots));
		crowd->count = 0;
		for (size_t i = 0; i < old.capacity; i++)
			if (old.slots[i].is_used)
				put(crowd, &old.slots[i]);
		free(old.slots);
	}
	put(crowd, &(struct slot){hash, number, true, is_digest});
}

static bool knows(const struct crowd *crowd, uint64_t hash)
{
	if (crowd->capacity == 0)
		return false;
	for (size_t at = hash % crowd->capacity; crowd->slots[at].is_used;
		 at = (at + 1) % crowd->capacity)
		if (crowd->slots[at].is_digest && crowd->slots[at].hash == hash)
			return true;
	return false;
}

struct gathering {
	struct commit *commit;
	struct crowd *crowd;
};

static int gather(void *context, uint32_t number, struct error *err)
{
	struct gathering *gathering = context;
	uint8_t key[RECORD_NUMBER_SIZE];
	struct store_bytes value;
	struct record_image view;

	record_write_number(number, key);
	int found = store_get(gathering->commit->txn, DATABASE_IMAGES,
						  (struct store_bytes){key, sizeof(key)}, &value, err);
	if (found == 0)
		return error_set(err, ERROR_MALFORMED, "image %u is named by a digest but is not there",
						 number);
	if (found < 0 || record_view_image(value, &view, err) < 0)
		return -1;
	add(gathering->crowd, hash_of(value.bytes, view.content_size), number, false);
	return 0;
}

/* All images of the digest are in the crowd from now on. */
static int load(struct commit *commit, struct store_bytes key, const struct record_entry *entry,
				struct error *err)
{
	struct gathering gathering = {commit, commit->crowd};

	if (knows(commit->crowd, hash_of_digest(key)))
		return 0;
	if (commit->crowd->count + entry->images > commit->crowd->most)
		empty(commit->crowd);
	if (holders_each(commit->txn, key, entry, gather, &gathering, err) < 0)
		return -1;
	add(commit->crowd, hash_of_digest(key), 0, true);
	return 0;
}

int crowd_each(struct commit *commit, struct store_bytes key, const struct record_entry *entry,
			   struct store_bytes content,
			   int (*visit)(void *context, uint32_t number, struct error *err), void *context,
			   struct error *err)
{
	const struct crowd *crowd = commit->crowd;
	uint64_t hash = hash_of(content.bytes, content.size);

	if (entry->holders || entry->images > crowd->most)
		return holders_each(commit->txn, key, entry, visit, context, err);
	if (load(commit, key, entry, err) < 0)
		return -1;
	for (size_t at = hash % crowd->capacity; crowd->slots[at].is_used;
		 at = (at + 1) % crowd->capacity) {
		const struct slot *slot = &crowd->slots[at];
		int result = slot->hash == hash && !slot->is_digest ? visit(context, slot->number, err) : 0;
		if (result != 0)
			return result;
	}
	return 0;
}
