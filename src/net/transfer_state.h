/*
 * transfer_state: what a transfer holds, for the two files that make it up: transfer.c drives
 * libcurl, transfer_failure.c says what became of it.
 */
#ifndef LAYERPROOF_NET_TRANSFER_STATE_H
#define LAYERPROOF_NET_TRANSFER_STATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard.h"
#include "layerproof/buffer.h"
#include "transfer.h"

struct transfer {
	struct http *http;
	CURL *easy;
	struct url url;
	const struct url *registry; /* borrowed until the headers of the answer are there */
	struct guard guard;
	const char *method;
	struct curl_slist *headers; /* of the request */
	struct buffer body;         /* bytes that have come and were not asked for yet */
	bool is_handed_out;         /* `body` was given to the caller: forget it at the next call */
	bool is_paused;
	bool has_headers; /* all headers of the answer are there */
	bool was_sent;    /* there was a connection that it went out on */
	bool is_done;     /* libcurl has said `result` */
	bool is_idle_too_long;
	bool is_too_slow;
	bool has_two_lengths;
	bool is_stream;
	bool is_decoded;
	bool is_over_budget;
	size_t header_size;
	size_t header_count;
	CURLcode result;
	int64_t begun_ms;
	int64_t last_byte_ms;
	int64_t waiting_since_ms; /* for the window over which the speed is looked at */
	int64_t window_ms;
	uint64_t window_bytes;
	uint64_t received;
	char reason[CURL_ERROR_SIZE];
};

/* Whether the headers of the answer have passed a bound. */
bool transfer_has_too_many_headers(const struct transfer *transfer);

/* Whether there never was a connection to send the request on. */
bool transfer_is_unconnected(const struct transfer *transfer);

/* Over how long a blob's speed is looked at. */
int64_t transfer_window_seconds(const struct transfer *transfer);

/* Fills `failure` for a transfer that has failed. */
void transfer_set_failure(const struct transfer *transfer, struct failure *failure);

#endif
