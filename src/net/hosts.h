/*
 * hosts: what the run has learnt of each host: whether it speaks TLS, and takes a list of types.
 * Shared by all threads.
 * When a host may be asked is pace.h's.
 *
 * Hosts are named by their authority, "host:port" (url.h), except for the scheme, which is learnt
 * for the name that the user wrote.
 */
#ifndef LAYERPROOF_NET_HOSTS_H
#define LAYERPROOF_NET_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"

struct hosts;

enum hosts_scheme {
	HOSTS_UNSETTLED = 0, /* nothing has answered yet */
	HOSTS_HTTPS,
	HOSTS_HTTP,
};

struct hosts *hosts_new(void);
void hosts_free(struct hosts *hosts); /* NULL is legal */

enum hosts_scheme hosts_scheme(struct hosts *hosts, const char *host);
void hosts_settle_scheme(struct hosts *hosts, const char *host, enum hosts_scheme scheme);

/* Whether the caller is the one to find out the scheme: it must call hosts_yield_scheme() when it
 * is done, whatever came of it. Others wait here until then, or until the scheme is settled: false.
 */
bool hosts_claim_scheme(struct hosts *hosts, const char *host);
void hosts_yield_scheme(struct hosts *hosts, const char *host);

/* Whether this host, by the name that the user wrote, has taken a split Accept header where it
 * refused a list (registry-facts 77); hosts_note_split_accept() says so. */
bool hosts_splits_accept(struct hosts *hosts, const char *host);
void hosts_note_split_accept(struct hosts *hosts, const char *host);

#endif
