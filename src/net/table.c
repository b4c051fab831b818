#include "table.h"

#include <stdint.h>
#include <string.h>

#include "layerproof/memory.h"

struct entry {
	char *name;
	void *value;
	struct entry *next; /* in the same bucket */
};

struct bucket {
	struct entry *first;
};

struct table {
	size_t maximum;
	size_t oldest; /* the place that the next new entry takes */
	struct entry *entries;
	struct bucket *buckets;
	void (*release)(void *value);
};

struct table *table_new(size_t maximum, void (*release)(void *value))
{
	struct table *table = memory_alloc(1, sizeof *table);
	table->maximum = maximum;
	table->entries = memory_alloc(maximum, sizeof *table->entries);
	table->buckets = memory_alloc(maximum, sizeof *table->buckets);
	table->release = release;
	return table;
}

/* FNV-1a. Colliding on purpose gains little: the number of entries is bounded. */
static struct bucket *bucket_of(const struct table *table, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	return &table->buckets[hash % table->maximum];
}

/* The link that leads to the entry, or to the end of its bucket. */
static struct entry **find(const struct table *table, const char *name)
{
	struct entry **link = &bucket_of(table, name)->first;
	while (*link != NULL && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

void *table_get(const struct table *table, const char *name)
{
	const struct entry *entry = *find(table, name);
	return entry == NULL ? NULL : entry->value;
}

void *table_next(const struct table *table, size_t *place, const char **name)
{
	while (*place < table->maximum) {
		const struct entry *entry = &table->entries[(*place)++];
		if (entry->name == NULL)
			continue;
		*name = entry->name;
		return entry->value;
	}
	return NULL;
}

void table_remove(struct table *table, const char *name)
{
	struct entry **link = find(table, name);
	struct entry *entry = *link;
	if (entry == NULL)
		return;
	*link = entry->next;
	table->release(entry->value);
	free(entry->name);
	*entry = (struct entry){.name = NULL};
}

void table_set(struct table *table, const char *name, void *value)
{
	struct entry *entry = *find(table, name);
	if (entry != NULL) {
		table->release(entry->value);
		entry->value = value;
		return;
	}
	entry = &table->entries[table->oldest];
	table->oldest = (table->oldest + 1) % table->maximum;
	if (entry->name != NULL)
		table_remove(table, entry->name);
	struct bucket *bucket = bucket_of(table, name);
	*entry = (struct entry){.name = memory_copy_text(name), .value = value, .next = bucket->first};
	bucket->first = entry;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->maximum; i++) {
		if (table->entries[i].name != NULL)
			table->release(table->entries[i].value);
		free(table->entries[i].name);
	}
	free(table->entries);
	free(table->buckets);
	free(table);
}
