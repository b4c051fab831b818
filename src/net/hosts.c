#include "hosts.h"

#include <pthread.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "table.h"

struct host {
	enum hosts_scheme scheme;
	bool splits_accept;
	bool is_settling; /* somebody is finding the scheme out */
};

struct hosts {
	pthread_mutex_t lock;
	pthread_cond_t yielded;
	struct table *table; /* of struct host */
};

static void host_free(void *value)
{
	struct host *host = value;
	free(host);
}

struct hosts *hosts_new(void)
{
	struct hosts *hosts = memory_alloc(1, sizeof *hosts);
	pthread_mutex_init(&hosts->lock, NULL);
	pthread_cond_init(&hosts->yielded, NULL);
	hosts->table = table_new(LIMIT_HOSTS_KEPT, host_free);
	return hosts;
}

void hosts_free(struct hosts *hosts)
{
	if (hosts == NULL)
		return;
	table_free(hosts->table);
	pthread_cond_destroy(&hosts->yielded);
	pthread_mutex_destroy(&hosts->lock);
	free(hosts);
}

/* The host's entry, made when it is new. The lock is held. */
static struct host *host_of(struct hosts *hosts, const char *name)
{
	struct host *host = table_get(hosts->table, name);
	if (host == NULL) {
		host = memory_alloc(1, sizeof *host);
		table_set(hosts->table, name, host);
	}
	return host;
}

enum hosts_scheme hosts_scheme(struct hosts *hosts, const char *host)
{
	pthread_mutex_lock(&hosts->lock);
	const struct host *known = table_get(hosts->table, host);
	enum hosts_scheme scheme = known == NULL ? HOSTS_UNSETTLED : known->scheme;
	pthread_mutex_unlock(&hosts->lock);
	return scheme;
}

void hosts_settle_scheme(struct hosts *hosts, const char *host, enum hosts_scheme scheme)
{
	pthread_mutex_lock(&hosts->lock);
	struct host *held = host_of(hosts, host);
	held->scheme = scheme;
	held->is_settling = false;
	pthread_cond_broadcast(&hosts->yielded);
	pthread_mutex_unlock(&hosts->lock);
}

bool hosts_claim_scheme(struct hosts *hosts, const char *host)
{
	pthread_mutex_lock(&hosts->lock);
	/* Looked up anew after each wait: an entry may have been dropped for another host's. */
	while (host_of(hosts, host)->is_settling)
		pthread_cond_wait(&hosts->yielded, &hosts->lock);
	struct host *held = host_of(hosts, host);
	bool is_mine = held->scheme == HOSTS_UNSETTLED;
	held->is_settling = is_mine;
	pthread_mutex_unlock(&hosts->lock);
	return is_mine;
}

void hosts_yield_scheme(struct hosts *hosts, const char *host)
{
	pthread_mutex_lock(&hosts->lock);
	host_of(hosts, host)->is_settling = false;
	pthread_cond_broadcast(&hosts->yielded);
	pthread_mutex_unlock(&hosts->lock);
}

bool hosts_splits_accept(struct hosts *hosts, const char *host)
{
	pthread_mutex_lock(&hosts->lock);
	const struct host *known = table_get(hosts->table, host);
	bool splits = known != NULL && known->splits_accept;
	pthread_mutex_unlock(&hosts->lock);
	return splits;
}

void hosts_note_split_accept(struct hosts *hosts, const char *host)
{
	pthread_mutex_lock(&hosts->lock);
	host_of(hosts, host)->splits_accept = true;
	pthread_mutex_unlock(&hosts->lock);
}
