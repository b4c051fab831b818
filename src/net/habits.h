/*
 * habits: how the hosts met in this run differ from what a registry does. Shared by all threads.
 */
#ifndef LAYERPROOF_NET_HABITS_H
#define LAYERPROOF_NET_HABITS_H

#include <stdbool.h>

struct habits;

enum habit {
	HABIT_NO_HEAD = 1,     /* HEAD failed where GET worked (registry-facts 75) */
	HABIT_COUNTS_GETS = 2, /* manifests asked for by GET use up a quota (registry-facts 41, 42) */
};

struct habits *habits_new(void);
void habits_free(struct habits *habits); /* NULL is legal */

/* Hosts by the name that the user wrote. */
void habits_learn(struct habits *habits, const char *host, enum habit habit);
bool habits_has(struct habits *habits, const char *host, enum habit habit);

#endif
