/*
 * shared: what `struct network` and `struct http` hold, for the files of this folder.
 */
#ifndef LAYERPROOF_NET_SHARED_H
#define LAYERPROOF_NET_SHARED_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "challenges.h"
#include "credentials.h"
#include "habits.h"
#include "hosts.h"
#include "layerproof/http.h"
#include "layerproof/network.h"
#include "pace.h"
#include "proxy.h"
#include "reach.h"
#include "tokens.h"
#include "traffic.h"
#include "url.h"
#include "warnings.h"

struct network {
	struct network_times times;
	char **plain_http; /* NULL-terminated */
	char *ca_file;     /* NULL: libcurl's default */
	struct reach_allowed allowed;
	struct proxy proxy;
	bool is_patient;
	struct budget budget;
	struct pace *pace;
	struct hosts *hosts;
	struct challenges *challenges;
	struct habits *habits;
	struct tokens *tokens;
	struct credentials *credentials;
	struct warnings *warnings;
	struct traffic *traffic;
};

struct transfer;
struct http {
	struct network *network;
	CURLM *multi;          /* has the connections */
	struct transfer *idle; /* one kept for the next request; NULL: none */
	struct url root;       /* of the registry asked last: "https://ghcr.io/" */
	char *root_host;       /* as the request named it; NULL: none yet */
	bool was_encoded;      /* the last answer that brought what was asked for */
	uint64_t requests;
	uint64_t bytes;
	bool has_other_work;  /* http_begin_work() */
	int refusals;         /* of the work in hand, by hosts that asked to wait */
	int64_t come_back_ms; /* clock_monotonic_ms(); 0: the work in hand need not be begun again */
};

/* What the headers of an answer say of its content. */
void http_answer_take_headers(struct http_answer *answer, const struct transfer *transfer);

/* Whether the user has named this host as one to speak plain HTTP to. */
bool network_names_plain(const struct network *network, const struct url *url);

/* Whether this host may be spoken to in plain HTTP: loopback, or named by the user. */
bool network_allows_plain(const struct network *network, const struct url *url);

/* Whether `from` may send a request on to `target` as to their schemes: never from TLS to plain
 * HTTP, and in plain HTTP only to where that is allowed. -1 with ERROR_UNREACHABLE. */
int network_check_scheme(const struct network *network, const struct url *from,
						 const struct url *target, struct error *err);

#endif
