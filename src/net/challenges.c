#include "challenges.h"

#include <pthread.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "table.h"

struct challenges {
	pthread_mutex_t lock;
	struct table *registries; /* of struct challenge, by authority */
	struct table *repositories;
};

static void release(void *value)
{
	challenge_clear(value);
	free(value);
}

struct challenges *challenges_new(void)
{
	struct challenges *challenges = memory_alloc(1, sizeof *challenges);
	pthread_mutex_init(&challenges->lock, NULL);
	challenges->registries = table_new(LIMIT_HOSTS_KEPT, release);
	challenges->repositories = table_new(LIMIT_HOSTS_KEPT, release);
	return challenges;
}

void challenges_free(struct challenges *challenges)
{
	if (challenges == NULL)
		return;
	table_free(challenges->registries);
	table_free(challenges->repositories);
	pthread_mutex_destroy(&challenges->lock);
	free(challenges);
}

bool challenges_find(struct challenges *challenges, const char *registry, const char *repository,
					 struct challenge *out)
{
	CLEANUP(free_at) char *name = memory_format("%s/%s", registry, repository);
	pthread_mutex_lock(&challenges->lock);
	const struct challenge *known = table_get(challenges->repositories, name);
	if (known == NULL)
		known = table_get(challenges->registries, registry);
	if (known != NULL)
		challenge_copy(known, out);
	pthread_mutex_unlock(&challenges->lock);
	return known != NULL;
}

void challenges_keep(struct challenges *challenges, const char *registry, const char *repository,
					 const struct challenge *challenge)
{
	struct challenge *kept = memory_alloc(1, sizeof *kept);
	challenge_copy(challenge, kept);
	CLEANUP(free_at)
	char *name = repository == NULL ? NULL : memory_format("%s/%s", registry, repository);
	pthread_mutex_lock(&challenges->lock);
	if (name == NULL)
		table_set(challenges->registries, registry, kept);
	else
		table_set(challenges->repositories, name, kept);
	pthread_mutex_unlock(&challenges->lock);
}
