/*
 * traffic: what a run has asked of each host and what came of it, counted. Shared by all threads.
 *
 * Hosts are named as in error texts: "HOST", with ":PORT" where it is not the scheme's own. Token
 * servers and blob stores count under their own names.
 */
#ifndef LAYERPROOF_TRAFFIC_H
#define LAYERPROOF_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

struct traffic;

struct traffic_counts {
	uint64_t requests; /* sent: logins, redirects and further tries too */
	uint64_t bytes;    /* of bodies, received */
	uint64_t retries;  /* tries that had to be made again, after a failure that may pass */
};

struct traffic_host {
	char *name;
	struct traffic_counts counts; /* of what has come to its end */
};

/* All hosts together, also those that are no longer known one by one; bytes as they come. */
struct traffic_counts traffic_sum(struct traffic *traffic);

/* The hosts met so far, by name: the last LIMIT_HOSTS_KEPT of them. Free with traffic_list_free().
 */
size_t traffic_list(struct traffic *traffic, struct traffic_host **out);
void traffic_list_free(struct traffic_host *hosts, size_t count);

#endif
