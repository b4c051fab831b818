/*
 * transfer: one request to one URL, sent once, its answer pulled piece by piece. This is where
 * libcurl is driven; nothing is decided here but what a failure of libcurl means.
 */
#ifndef LAYERPROOF_NET_TRANSFER_H
#define LAYERPROOF_NET_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "layerproof/http.h"
#include "reach.h"
#include "url.h"

struct transfer;

enum transfer_time {
	TRANSFER_BOUNDED, /* network_times.request for the whole */
	TRANSFER_STREAM,  /* as long as bytes come, and not too slowly */
};

/* How much of the answer is wanted. */
enum transfer_way {
	TRANSFER_GET,
	TRANSFER_HEAD,       /* its headers, by HEAD */
	TRANSFER_FIRST_BYTE, /* its headers, by GET of the first byte */
};

/* Texts are borrowed for the call. */
struct transfer_request {
	const struct url *url;
	const struct url *registry; /* where the whole was begun; for texts */
	const struct reach *reach;  /* no address out of it is connected to */
	const char *proxy;          /* URL; NULL: none */
	const char *accept;         /* NULL: any type */
	bool is_accept_split;       /* one header line for each type of `accept` */
	const char *authorization;  /* NULL: none */
	const char *form;           /* sent as the body of a POST; NULL: GET or HEAD */
	bool is_decoded;            /* a Content-Encoding is undone, if there is one */
	const char *etag;           /* sent as If-None-Match; NULL: none */
	enum transfer_way way;
	int64_t offset; /* greater than 0: only the bytes from there on are asked for */
	enum transfer_time time;
};

/* Sends the request and waits for the headers of the answer. NULL on failure. */
struct transfer *transfer_start(struct http *http, const struct transfer_request *request,
								struct failure *failure);

/* Ends it and writes the line for -vv. The connection is kept if the answer was read to its end.
 * NULL is legal. */
void transfer_end(struct transfer *transfer);
void transfer_end_at(struct transfer **transfer);

/* Whether this Authorization value went out with the request. */
bool transfer_sent(const struct transfer *transfer, const char *authorization);

int transfer_status(const struct transfer *transfer);

/* Whether the answer came from a public address, as far as that can be told through a proxy. */
bool transfer_is_public(const struct transfer *transfer);

/* Whom the answer is from. Borrowed. */
const struct url *transfer_url(const struct transfer *transfer);

/* The value of a header, borrowed until the next call for the same transfer; NULL behind the last
 * of that name. */
const char *transfer_header(const struct transfer *transfer, const char *name, size_t place);

/* Whether the body came under a Content-Encoding (RFC 9110, section 8.4). */
bool transfer_is_encoded(const struct transfer *transfer);

/* Bytes that the body is said to have; -1 when nothing is said of it as it is handed out. */
int64_t transfer_content_length(const struct transfer *transfer);

/* How many of those are still to come. */
int64_t transfer_bytes_to_come(const struct transfer *transfer);

/* Whether only the end of the connection ends the body (RFC 9112, section 6.3, item 8), so that
 * nobody can tell a broken one from a whole one. */
bool transfer_is_open_ended(const struct transfer *transfer);

/* The next bytes of the body, borrowed until the next call; `*size` is 0 at its end. -1 on
 * failure. */
int transfer_next(struct transfer *transfer, const uint8_t **bytes, size_t *size,
				  struct failure *failure);

/* Whether it failed because its bytes came too slowly or not at all. */
bool transfer_has_stalled(const struct transfer *transfer);

/* Reads on to the end of a body that nobody wants, if it is a short one, to keep the connection. */
void transfer_drain(struct transfer *transfer);

/* Frees what http->idle holds. NULL is legal. */
void transfer_free(struct transfer *transfer);

#endif
