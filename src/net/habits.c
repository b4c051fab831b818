#include "habits.h"

#include <pthread.h>
#include <stdlib.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "table.h"

struct habits {
	pthread_mutex_t lock;
	struct table *table; /* of unsigned: the habits of a host, added up */
};

struct habits *habits_new(void)
{
	struct habits *habits = memory_alloc(1, sizeof *habits);
	pthread_mutex_init(&habits->lock, NULL);
	habits->table = table_new(LIMIT_HOSTS_KEPT, free);
	return habits;
}

void habits_free(struct habits *habits)
{
	if (habits == NULL)
		return;
	table_free(habits->table);
	pthread_mutex_destroy(&habits->lock);
	free(habits);
}

void habits_learn(struct habits *habits, const char *host, enum habit habit)
{
	pthread_mutex_lock(&habits->lock);
	unsigned *held = table_get(habits->table, host);
	if (held == NULL) {
		held = memory_alloc(1, sizeof *held);
		table_set(habits->table, host, held);
	}
	*held |= (unsigned)habit;
	pthread_mutex_unlock(&habits->lock);
}

bool habits_has(struct habits *habits, const char *host, enum habit habit)
{
	pthread_mutex_lock(&habits->lock);
	const unsigned *held = table_get(habits->table, host);
	bool has = held != NULL && (*held & (unsigned)habit) != 0;
	pthread_mutex_unlock(&habits->lock);
	return has;
}
