/*
 * network: what every connection of a run has in common, shared by all threads.
 *
 * Settings are read once; tokens, credentials and what is known of each host (down, paced) are kept
 * here behind locks. A thread that sends requests makes itself a `struct http` (http.h) on top of
 * it, which keeps its connections.
 */
#ifndef LAYERPROOF_NETWORK_H
#define LAYERPROOF_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"
#include "layerproof/pace.h"
#include "layerproof/traffic.h"

struct network;

/* Each in seconds; 0: the one of limits.h. */
struct network_times {
	int connect; /* to make a connection, TLS included */
	int idle;    /* without a byte */
	int request; /* one request for a document, as a whole */
};

struct network_options {
	struct network_times times;
	const char *const *plain_http; /* hosts (host or host:port) beside loopback that are spoken to
									  in plain HTTP; NULL-terminated, or NULL */
	const char *const *allow_net;  /* networks ("10.0.0.0/8", "fd00::/8", "10.0.0.5") that any
									  registry may be at or lead to; NULL-terminated, or NULL */
	const char
		*ca_file; /* PEM file of certificate authorities; NULL: $SSL_CERT_FILE, else the system's */
	bool is_patient;       /* wait as long as a host asks for, not LIMIT_RETRY_AFTER_SECONDS */
	uint64_t max_requests; /* of the whole run; further ones are ERROR_OVER_LIMIT; 0: no bound */
	uint64_t max_bytes;    /* the same of body bytes received */
};

/* NULL with ERROR_SYSTEM when libcurl cannot start, ERROR_USAGE for an unreadable CA file or what
 * is no network. Options are copied; the environment's proxies are read. */
struct network *network_new(const struct network_options *options, struct error *err);
void network_free(struct network *network); /* NULL is legal; after every http made on it */

/* The pace of its hosts. Borrowed. */
struct pace *network_pace(struct network *network);

/* What its hosts were asked. Borrowed. */
struct traffic *network_traffic(struct network *network);

/* Whether max_requests or max_bytes bound the run. */
bool network_is_bounded(const struct network *network);

/* Whether anything was left undone because max_requests or max_bytes were used up. */
bool network_has_spent_all(struct network *network);

#endif
