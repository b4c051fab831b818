#include "traffic.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "table.h"

struct traffic {
	pthread_mutex_t lock;
	struct table *table; /* of struct traffic_counts */
	struct traffic_counts sum;
	_Atomic uint64_t received;
};

struct traffic *traffic_new(void)
{
	struct traffic *traffic = memory_alloc(1, sizeof *traffic);
	pthread_mutex_init(&traffic->lock, NULL);
	traffic->table = table_new(LIMIT_HOSTS_KEPT, free);
	return traffic;
}

void traffic_free(struct traffic *traffic)
{
	if (traffic == NULL)
		return;
	table_free(traffic->table);
	pthread_mutex_destroy(&traffic->lock);
	free(traffic);
}

static void add(struct traffic *traffic, const char *host, const struct traffic_counts *more)
{
	pthread_mutex_lock(&traffic->lock);
	struct traffic_counts *counts = table_get(traffic->table, host);
	if (counts == NULL) {
		counts = memory_alloc(1, sizeof *counts);
		table_set(traffic->table, host, counts);
	}
	counts->requests += more->requests;
	counts->bytes += more->bytes;
	counts->retries += more->retries;
	traffic->sum.requests += more->requests;
	traffic->sum.retries += more->retries;
	pthread_mutex_unlock(&traffic->lock);
}

void traffic_receive(struct traffic *traffic, uint64_t bytes)
{
	atomic_fetch_add_explicit(&traffic->received, bytes, memory_order_relaxed);
}

void traffic_end(struct traffic *traffic, const char *host, uint64_t requests, uint64_t bytes)
{
	add(traffic, host, &(struct traffic_counts){.requests = requests, .bytes = bytes});
}

void traffic_retry(struct traffic *traffic, const char *host)
{
	add(traffic, host, &(struct traffic_counts){.retries = 1});
}

struct traffic_counts traffic_sum(struct traffic *traffic)
{
	pthread_mutex_lock(&traffic->lock);
	struct traffic_counts sum = traffic->sum;
	pthread_mutex_unlock(&traffic->lock);
	sum.bytes = atomic_load(&traffic->received);
	return sum;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct traffic_host *)a)->name, ((const struct traffic_host *)b)->name);
}

size_t traffic_list(struct traffic *traffic, struct traffic_host **out)
{
	struct traffic_host *hosts = NULL;
	size_t count = 0;
	size_t capacity = 0;
	pthread_mutex_lock(&traffic->lock);
	size_t place = 0;
	const char *name;
	for (const struct traffic_counts *counts;
		 (counts = table_next(traffic->table, &place, &name)) != NULL;) {
		hosts = memory_grow(hosts, count, &capacity, sizeof *hosts);
		hosts[count++] = (struct traffic_host){.name = memory_copy_text(name), .counts = *counts};
	}
	pthread_mutex_unlock(&traffic->lock);
	if (count > 0)
		qsort(hosts, count, sizeof *hosts, by_name);
	*out = hosts;
	return count;
}

void traffic_list_free(struct traffic_host *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(hosts[i].name);
	free(hosts);
}
