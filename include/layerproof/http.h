/*
 * http: one thread's requests to registries: login, redirects, tries and resumed bodies included.
 *
 * A request names a registry and a path; what it takes to get the answer (an anonymous or a stored
 * login, a redirect to a blob store, another try after a 503) happens in here by the rules of
 * registry-facts 21 to 37. TLS is always verified. Plain HTTP is only for loopback hosts and those
 * of network_options.plain_http: such a host is asked by HTTPS first, once a run, and if what
 * listens there does not speak TLS, by HTTP from then on. A certificate that is not trusted is
 * never a reason to do without it.
 *
 * Error texts begin with the host that gave the answer: "127.0.0.1:5000: 404 MANIFEST_UNKNOWN:
 * manifest unknown". Codes: ERROR_NOT_FOUND (404, 410), ERROR_DENIED (401, 403 after the login),
 * ERROR_RATE_LIMITED (429, or asked to wait longer than LIMIT_RETRY_AFTER_SECONDS),
 * ERROR_UNREACHABLE (name, connection, TLS, time-out, 5xx, no usable answer), ERROR_TAMPERED (more
 * bytes than were declared), ERROR_OVER_LIMIT, ERROR_MALFORMED (a login that makes no sense),
 * ERROR_INTERRUPTED (while waiting for another try).
 */
#ifndef LAYERPROOF_HTTP_H
#define LAYERPROOF_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layerproof/digest.h"
#include "layerproof/error.h"
#include "layerproof/network.h"
#include "layerproof/reader.h"

/* Keeps its connections open from one request to the next. Not shared between threads. */
struct http;

/* `network` is borrowed. ERROR_SYSTEM when libcurl has nothing to give. */
struct http *http_new(struct network *network, struct error *err);
void http_free(struct http *http); /* NULL is legal; after every reader opened on it */

/* Says that the thread has other work to do should this one have to wait: from here on, a request
 * to a host that asks to be left alone fails, and http_comes_back() tells when to begin this work
 * again. Without it, waits are made in place. `refusals` is how often this work was refused before:
 * LIMIT_TRIES times, and the last refusal counts as the answer. */
void http_begin_work(struct http *http, int refusals);

/* clock_monotonic_ms() at which the work is to be begun again; 0: there is no need. */
int64_t http_comes_back(const struct http *http, int *refusals);

/* Requests sent (logins, redirects and further tries too) and body bytes received so far. */
void http_count(const struct http *http, uint64_t *requests, uint64_t *bytes);

/* Texts are borrowed for the call. */
struct http_request {
	const char *host;       /* of the registry: "registry-1.docker.io", "localhost:5000" */
	const char *path;       /* "/v2/library/ubuntu/manifests/latest" */
	const char *repository; /* "library/ubuntu": what the login is for */
	const char *accept;     /* NULL: any type */
	const char *etag;       /* of bytes that are held: they need not be sent again; NULL: none */
	int64_t size;           /* declared by a descriptor: one byte more is ERROR_TAMPERED; -1: not */
	bool is_pull;           /* registries count it as a pull: it asks for a manifest */
	int64_t maximum;        /* one byte more is ERROR_OVER_LIMIT, whatever was declared */
	const struct digest *digest; /* of a document, where it is known; else NULL or unset */
	bool is_page;                /* one page of a list: where the next one is, is wanted too */
	bool is_decoded; /* what stands under a Content-Encoding is wanted, not what is served */
};

/* Owns its texts and bytes; http_answer_clear() frees them. */
struct http_answer {
	char *bytes; /* NUL behind; NULL when none were sent: see the functions */
	size_t size;
	int64_t length;       /* bytes of the whole, sent or not; -1 when nothing is said */
	char *media_type;     /* Content-Type as sent; NULL when none */
	char *content_digest; /* Docker-Content-Digest as sent; NULL when none */
	char *etag;           /* NULL when none, or none that is worth keeping */
	char *next_page;      /* of a list: path and query, at the same host; NULL: this was the last */
};

/* GET of a document, read whole within network_times.request. One that came under a
 * Content-Encoding, has another digest and is no JSON object is asked for once more, to be decoded.
 * With `request->etag`, `out->bytes` is NULL when the host says that what it has still is what that
 * ETag was for (RFC 9110, section 13.1.2). With `request->is_page`, a link to a next page that is
 * at another host is ERROR_MALFORMED. */
int http_get(struct http *http, const struct http_request *request, struct http_answer *out,
			 struct error *err);
void http_answer_clear(struct http_answer *answer);

enum http_content { HTTP_DOCUMENT, HTTP_BLOB };

/* HEAD: 0 when it is there, with `out->bytes` NULL. Any failure of it but 401 and 429 may be meant
 * for HEAD alone (registry-facts 2, 75), so the same is asked by GET then, a document whole
 * (`out->bytes` is set), of a blob the first byte; and where GET works, HEAD is not tried again in
 * this run. `request->etag` must be NULL. */
int http_head(struct http *http, const struct http_request *request, enum http_content content,
			  struct http_answer *out, struct error *err);

/* Whether each GET of a manifest there uses up a quota and HEAD does not (registry-facts 41, 42).
 */
bool http_counts_gets(struct http *http, const char *host);

/* GET of a blob as a stream, for as long as it comes with LIMIT_SLOWEST_RATE and without silence
 * longer than network_times.idle. The answer's headers are there when this returns. A connection
 * that breaks, or stalls for the first time, is resumed where it broke, by a range request to the
 * registry itself (registry-facts 37); from a registry without ranges the whole is taken again,
 * LIMIT_RESTARTS times, and what was read is passed over. Any number of streams may be open. */
struct reader *http_open(struct http *http, const struct http_request *request, struct error *err);

/* Whether the last answer that brought what was asked for came under a Content-Encoding. Some
 * servers write one that is not true, so the bytes as served are looked at first (registry-facts
 * 36); where these are not right, http_request.is_decoded asks for the others. */
bool http_was_encoded(const struct http *http);

#endif
