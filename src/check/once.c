#include "once.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/memory.h"

struct entry {
	struct digest key;
	void *value;         /* NULL while somebody works it out */
	struct entry *next;  /* in the bucket */
	struct entry *newer; /* in the order of fulfilment */
};

struct once {
	pthread_mutex_t lock;
	pthread_cond_t settled;
	void (*retain)(void *value);
	void (*release)(void *value);
	struct entry **buckets;
	size_t bucket_count; /* a power of two */
	size_t capacity;
	size_t held; /* fulfilled entries */
	struct entry *oldest;
	struct entry *newest;
};

struct once *once_new(size_t capacity, void (*retain)(void *value), void (*release)(void *value))
{
	struct once *once = memory_alloc(1, sizeof(*once));
	once->capacity = capacity;
	once->retain = retain;
	once->release = release;
	once->bucket_count = 16;
	while (once->bucket_count < capacity)
		once->bucket_count *= 2;
	once->buckets = memory_alloc(once->bucket_count, sizeof(struct entry *));
	pthread_mutex_init(&once->lock, NULL);
	pthread_cond_init(&once->settled, NULL);
	return once;
}

void once_free(struct once *once)
{
	if (once == NULL)
		return;
	for (size_t i = 0; i < once->bucket_count; i++)
		for (struct entry *entry = once->buckets[i], *next; entry != NULL; entry = next) {
			next = entry->next;
			if (entry->value != NULL)
				once->release(entry->value);
			free(entry);
		}
	pthread_cond_destroy(&once->settled);
	pthread_mutex_destroy(&once->lock);
	free(once->buckets);
	free(once);
}

/* The bytes of a digest are uniform already. */
static struct entry **bucket_of(struct once *once, const struct digest *key)
{
	uint64_t hash;
	memcpy(&hash, key->bytes, sizeof(hash));
	return &once->buckets[hash & (once->bucket_count - 1)];
}

static struct entry *find(struct once *once, const struct digest *key)
{
	struct entry *entry = *bucket_of(once, key);
	while (entry != NULL && !digest_equal(&entry->key, key))
		entry = entry->next;
	return entry;
}

static struct entry *insert(struct once *once, const struct digest *key)
{
	struct entry **bucket = bucket_of(once, key);
	struct entry *entry = memory_alloc(1, sizeof(*entry));
	entry->key = *key;
	entry->next = *bucket;
	*bucket = entry;
	return entry;
}

static void take_out(struct once *once, struct entry *entry)
{
	struct entry **at = bucket_of(once, &entry->key);
	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	free(entry);
}

static void drop_oldest(struct once *once)
{
	struct entry *entry = once->oldest;
	once->oldest = entry->newer;
	if (once->oldest == NULL)
		once->newest = NULL;
	once->held--;
	once->release(entry->value);
	take_out(once, entry);
}

static void keep(struct once *once, struct entry *entry, void *value)
{
	once->retain(value);
	entry->value = value;
	if (once->newest != NULL)
		once->newest->newer = entry;
	else
		once->oldest = entry;
	once->newest = entry;
	once->held++;
	if (once->held > once->capacity)
		drop_oldest(once);
}

void *once_claim(struct once *once, const struct digest *key)
{
	void *value = NULL;
	pthread_mutex_lock(&once->lock);
	struct entry *entry = find(once, key);
	while (entry != NULL && entry->value == NULL) {
		pthread_cond_wait(&once->settled, &once->lock);
		entry = find(once, key);
	}
	if (entry == NULL) {
		insert(once, key);
	} else {
		value = entry->value;
		once->retain(value);
	}
	pthread_mutex_unlock(&once->lock);
	return value;
}

void once_fulfil(struct once *once, const struct digest *key, void *value)
{
	pthread_mutex_lock(&once->lock);
	keep(once, find(once, key), value);
	pthread_cond_broadcast(&once->settled);
	pthread_mutex_unlock(&once->lock);
}

void once_replace(struct once *once, const struct digest *key, void *value)
{
	pthread_mutex_lock(&once->lock);
	struct entry *entry = find(once, key);
	if (entry == NULL) {
		keep(once, insert(once, key), value);
	} else if (entry->value != NULL) {
		once->release(entry->value);
		once->retain(value);
		entry->value = value;
	}
	pthread_mutex_unlock(&once->lock);
}

void *once_peek(struct once *once, const struct digest *key)
{
	pthread_mutex_lock(&once->lock);
	struct entry *entry = find(once, key);
	void *value = entry == NULL ? NULL : entry->value;
	if (value != NULL)
		once->retain(value);
	pthread_mutex_unlock(&once->lock);
	return value;
}

void once_offer(struct once *once, const struct digest *key, void *value)
{
	pthread_mutex_lock(&once->lock);
	if (find(once, key) == NULL)
		keep(once, insert(once, key), value);
	pthread_mutex_unlock(&once->lock);
}
