/*
 * hands: threads that read layers beside a candidate's own thread, lent to whoever has more than
 * one layer to read; private to this folder.
 *
 * Each candidate reads with its own thread, whatever others do. Hands are lent as long as fewer
 * layers than the run's `readers` are read with them, and as the registry bears more readers
 * (pace.h); a hand that is one too many ends with its layer. A hand has connections of its own,
 * which stay open from one image to the next. With a budget of requests or bytes none are lent:
 * what is left is then spent on the layers in their order.
 */
#ifndef LAYERPROOF_CHECK_HANDS_H
#define LAYERPROOF_CHECK_HANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/network.h"
#include "layerproof/source.h"

/* The run's, shared by all threads. */
struct hands;
struct hands *hands_new(unsigned readers, struct network *network); /* borrowed; may be NULL */
void hands_free(struct hands *hands);                               /* NULL is legal */

/* One worker's; all zeros at first. The last three are sums over all its candidates. */
struct hand;
struct crowd;
struct lent_hands {
	struct hands *hands;
	struct crowd *crowd; /* all who read at this candidate's registry */
	struct hand *first;  /* that are lent */
	bool has_other_work; /* hands_begin_work() */
	int refusals;
	int64_t come_back_ms;
	uint64_t requests; /* sent by hands that are back */
	uint64_t bytes;    /* received by them */
};

/* Counts the worker among those that read at `host` (NULL: no registry's), until it leaves. */
void hands_arrive(struct lent_hands *lent, struct hands *hands, const char *host);
void hands_leave(struct lent_hands *lent); /* after hands_join() */

/* source_client_begin_work() and source_client_comes_back() of source.h for all hands lent from now
 * on: the greater of each value is kept. */
void hands_begin_work(struct lent_hands *lent, int refusals);
void hands_come_back(const struct lent_hands *lent, int *refusals, int64_t *come_back_ms);

/* Has one more thread call `work`, if there is room for it. */
bool hands_lend(struct lent_hands *lent, void (*work)(void *context, struct source_client *client),
				void *context);

/* For `work`, from its thread: whether it is to go on with another layer. */
bool hands_may_stay(const struct lent_hands *lent);

/* Waits until all that were lent are back. */
void hands_join(struct lent_hands *lent);

#endif
