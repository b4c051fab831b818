/*
 * shared: what `struct network` and `struct http` hold, for the files of this folder.
 */
#ifndef LAYERPROOF_NET_SHARED_H
#define LAYERPROOF_NET_SHARED_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "credentials.h"
#include "hosts.h"
#include "layerproof/http.h"
#include "layerproof/network.h"
#include "tokens.h"
#include "url.h"
#include "warnings.h"

struct network {
	struct network_times times;
	char **plain_http; /* NULL-terminated */
	char *ca_file;     /* NULL: libcurl's default */
	struct hosts *hosts;
	struct tokens *tokens;
	struct credentials *credentials;
	struct warnings *warnings;
};

struct transfer;
struct http {
	struct network *network;
	CURLM *multi;          /* has the connections */
	struct transfer *idle; /* one kept for the next request; NULL: none */
	uint64_t requests;
	uint64_t bytes;
};

/* Whether this host may be spoken to in plain HTTP: loopback, or named by the user. */
bool network_allows_plain(const struct network *network, const struct url *url);

#endif
