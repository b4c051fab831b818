#include "allowance.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "layerproof/interrupt.h"
#include "layerproof/memory.h"

/* How often a thread that waits looks whether a signal has come. */
enum { NAP_MS = 100 };

struct waiter {
	struct waiter *next;
};

struct allowance {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t size;
	int64_t left;
	struct waiter *first;
};

struct allowance *allowance_new(int64_t size)
{
	struct allowance *allowance = memory_alloc(1, sizeof(*allowance));
	pthread_mutex_init(&allowance->lock, NULL);
	pthread_cond_init(&allowance->changed, NULL);
	allowance->size = size;
	allowance->left = size;
	return allowance;
}

void allowance_free(struct allowance *allowance)
{
	pthread_cond_destroy(&allowance->changed);
	pthread_mutex_destroy(&allowance->lock);
	free(allowance);
}

int64_t allowance_size(const struct allowance *allowance)
{
	return allowance->size;
}

static void nap(struct allowance *allowance)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += NAP_MS * 1000L * 1000L;
	until.tv_sec += until.tv_nsec / (1000L * 1000L * 1000L);
	until.tv_nsec %= 1000L * 1000L * 1000L;
	(void)pthread_cond_timedwait(&allowance->changed, &allowance->lock, &until);
}

static void join_queue(struct allowance *allowance, struct waiter *waiter)
{
	struct waiter **at = &allowance->first;
	while (*at != NULL)
		at = &(*at)->next;
	*at = waiter;
}

static void leave_queue(struct allowance *allowance, const struct waiter *waiter)
{
	struct waiter **at = &allowance->first;
	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	pthread_cond_broadcast(&allowance->changed);
}

int allowance_take(struct allowance *allowance, int64_t size, struct error *err)
{
	struct waiter waiter = {.next = NULL};
	bool is_interrupted = false;
	pthread_mutex_lock(&allowance->lock);
	join_queue(allowance, &waiter);
	while (!is_interrupted && (allowance->first != &waiter || allowance->left < size)) {
		nap(allowance);
		is_interrupted = interrupt_requested();
	}
	leave_queue(allowance, &waiter);
	if (!is_interrupted)
		allowance->left -= size;
	pthread_mutex_unlock(&allowance->lock);
	return is_interrupted ? error_set(err, ERROR_INTERRUPTED, "interrupted") : 0;
}

void allowance_give_back(struct allowance *allowance, int64_t size)
{
	pthread_mutex_lock(&allowance->lock);
	allowance->left += size;
	pthread_cond_broadcast(&allowance->changed);
	pthread_mutex_unlock(&allowance->lock);
}
