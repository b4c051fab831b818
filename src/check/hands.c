#include "hands.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "layerproof/memory.h"
#include "layerproof/pace.h"

/* Those that read at one registry; NULL for all that read files. */
struct crowd {
	LIST_ENTRY(crowd) next;
	char *host;
	unsigned readers;
};

struct hand {
	struct hand *next;
	struct hands *hands;
	struct crowd *crowd;
	struct source_client *client;
	void (*work)(void *context, struct source_client *client);
	void *context;
	pthread_t thread;
	bool is_over;
	uint64_t requests; /* by its client before */
	uint64_t bytes;
};

struct hands {
	pthread_mutex_t lock;
	struct network *network;
	unsigned most;    /* readers at once */
	unsigned readers; /* candidates and hands */
	struct hand *idle;
	LIST_HEAD(crowds, crowd) crowds;
};

struct hands *hands_new(unsigned readers, struct network *network)
{
	struct hands *hands = memory_alloc(1, sizeof(*hands));
	pthread_mutex_init(&hands->lock, NULL);
	hands->network = network;
	hands->most = network != NULL && network_is_bounded(network) ? 1 : readers;
	LIST_INIT(&hands->crowds);
	return hands;
}

static void hand_free(struct hand *hand)
{
	source_client_free(hand->client);
	free(hand);
}

void hands_free(struct hands *hands)
{
	if (hands == NULL)
		return;
	for (struct hand *hand = hands->idle, *next; hand != NULL; hand = next) {
		next = hand->next;
		hand_free(hand);
	}
	pthread_mutex_destroy(&hands->lock);
	free(hands);
}

/* ---- Who reads where; the lock is held ---- */

static struct crowd *crowd_at(struct hands *hands, const char *host)
{
	struct crowd *crowd;
	LIST_FOREACH(crowd, &hands->crowds, next)
	if (host == NULL ? crowd->host == NULL : crowd->host != NULL && strcmp(crowd->host, host) == 0)
		return crowd;
	crowd = memory_alloc(1, sizeof(*crowd));
	crowd->host = memory_copy_text(host);
	LIST_INSERT_HEAD(&hands->crowds, crowd, next);
	return crowd;
}

static void join_crowd(struct hands *hands, struct crowd *crowd)
{
	hands->readers++;
	crowd->readers++;
}

static void leave_crowd(struct hands *hands, struct crowd *crowd)
{
	hands->readers--;
	if (--crowd->readers > 0)
		return;
	LIST_REMOVE(crowd, next);
	free(crowd->host);
	free(crowd);
}

/* Whether all who read now, and `more`, may. */
static bool has_room(const struct hands *hands, const struct crowd *crowd, unsigned more)
{
	struct pace_view view;
	if (hands->readers + more > hands->most)
		return false;
	if (crowd->host == NULL || hands->network == NULL)
		return true;
	pace_look(network_pace(hands->network), crowd->host, &view);
	return view.opens_ms == 0 && crowd->readers + more <= view.window;
}

/* ---- A candidate comes and goes ---- */

void hands_arrive(struct lent_hands *lent, struct hands *hands, const char *host)
{
	lent->hands = hands;
	pthread_mutex_lock(&hands->lock);
	lent->crowd = crowd_at(hands, host);
	join_crowd(hands, lent->crowd);
	pthread_mutex_unlock(&hands->lock);
}

void hands_leave(struct lent_hands *lent)
{
	pthread_mutex_lock(&lent->hands->lock);
	leave_crowd(lent->hands, STEAL(lent->crowd));
	pthread_mutex_unlock(&lent->hands->lock);
}

void hands_begin_work(struct lent_hands *lent, int refusals)
{
	lent->has_other_work = true;
	lent->refusals = refusals;
	lent->come_back_ms = 0;
}

void hands_come_back(const struct lent_hands *lent, int *refusals, int64_t *come_back_ms)
{
	if (lent->refusals > *refusals)
		*refusals = lent->refusals;
	if (lent->come_back_ms > *come_back_ms)
		*come_back_ms = lent->come_back_ms;
}

/* ---- A hand's life ---- */

static void *live(void *context)
{
	struct hand *hand = context;
	struct hands *hands = hand->hands;
	hand->work(hand->context, hand->client);
	pthread_mutex_lock(&hands->lock);
	leave_crowd(hands, hand->crowd);
	hand->is_over = true;
	pthread_mutex_unlock(&hands->lock);
	return NULL;
}

static struct hand *hand_new(struct hands *hands)
{
	struct error ignored;
	struct source_client *client = source_client_new(hands->network, &ignored);
	if (client == NULL)
		return NULL;
	struct hand *hand = memory_alloc(1, sizeof(*hand));
	hand->hands = hands;
	hand->client = client;
	return hand;
}

/* An idle one or a new one, already counted; NULL: there is no room. */
static struct hand *take_hand(struct lent_hands *lent)
{
	struct hands *hands = lent->hands;
	struct hand *hand = NULL;
	pthread_mutex_lock(&hands->lock);
	if (has_room(hands, lent->crowd, 1)) {
		hand = hands->idle != NULL ? hands->idle : hand_new(hands);
		if (hand == hands->idle && hand != NULL)
			hands->idle = hand->next;
		if (hand != NULL)
			join_crowd(hands, lent->crowd);
	}
	pthread_mutex_unlock(&hands->lock);
	return hand;
}

/* Back among the idle ones. Its thread has ended. */
static void put_back(struct hand *hand)
{
	pthread_mutex_lock(&hand->hands->lock);
	hand->next = hand->hands->idle;
	hand->hands->idle = hand;
	pthread_mutex_unlock(&hand->hands->lock);
}

static void welcome_back(struct lent_hands *lent, struct hand *hand)
{
	uint64_t requests;
	uint64_t bytes;
	int refusals = 0;
	pthread_join(hand->thread, NULL);
	source_client_count(hand->client, &requests, &bytes);
	lent->requests += requests - hand->requests;
	lent->bytes += bytes - hand->bytes;
	int64_t come_back_ms = source_client_comes_back(hand->client, &refusals);
	if (refusals > lent->refusals)
		lent->refusals = refusals;
	if (come_back_ms > lent->come_back_ms)
		lent->come_back_ms = come_back_ms;
	put_back(hand);
}

static bool is_over(const struct hand *hand)
{
	pthread_mutex_lock(&hand->hands->lock);
	bool is_over = hand->is_over;
	pthread_mutex_unlock(&hand->hands->lock);
	return is_over;
}

static void take_back(struct lent_hands *lent, bool waits)
{
	struct hand **at = &lent->first;
	while (*at != NULL) {
		struct hand *hand = *at;
		if (!waits && !is_over(hand)) {
			at = &hand->next;
			continue;
		}
		*at = hand->next;
		welcome_back(lent, hand);
	}
}

static bool start(struct lent_hands *lent, struct hand *hand)
{
	if (lent->has_other_work)
		source_client_begin_work(hand->client, lent->refusals);
	source_client_count(hand->client, &hand->requests, &hand->bytes);
	hand->crowd = lent->crowd;
	hand->is_over = false;
	if (pthread_create(&hand->thread, NULL, live, hand) == 0) {
		hand->next = lent->first;
		lent->first = hand;
		return true;
	}
	pthread_mutex_lock(&hand->hands->lock);
	leave_crowd(hand->hands, hand->crowd);
	pthread_mutex_unlock(&hand->hands->lock);
	put_back(hand);
	return false;
}

bool hands_lend(struct lent_hands *lent, void (*work)(void *context, struct source_client *client),
				void *context)
{
	take_back(lent, false);
	struct hand *hand = take_hand(lent);
	if (hand == NULL)
		return false;
	hand->work = work;
	hand->context = context;
	return start(lent, hand);
}

bool hands_may_stay(const struct lent_hands *lent)
{
	pthread_mutex_lock(&lent->hands->lock);
	bool may_stay = has_room(lent->hands, lent->crowd, 0);
	pthread_mutex_unlock(&lent->hands->lock);
	return may_stay;
}

void hands_join(struct lent_hands *lent)
{
	take_back(lent, true);
}
