#include "call.h"

#include <string.h>

#include "answer.h"
#include "challenge.h"
#include "exchange.h"
#include "layerproof/memory.h"
#include "login.h"
#include "secret.h"
#include "shared.h"

static int make_url(const struct http_request *request, const char *scheme, const char *path,
					struct url *out, struct error *err)
{
	CLEANUP(free_at) char *text = memory_format("%s://%s%s", scheme, request->host, path);
	if (url_parse(text, out, err) != 0)
		return error_add_context(err, "%s", request->host);
	return 0;
}

/* HTTPS, unless this host was found not to speak it and may do without. */
static int registry_url(const struct call *call, const char *path, struct url *out,
						struct error *err)
{
	struct network *network = call->http->network;
	bool is_plain = hosts_scheme(network->hosts, call->request->host) == HOSTS_HTTP;
	return make_url(call->request, is_plain ? "http" : "https", path, out, err);
}

/* Whether the failure shows that this host, which may be spoken to in plain HTTP, wants it so: it
 * answered the TLS handshake with something else, or nobody is at the port that only HTTPS has. */
static bool settle_plain(const struct call *call, const struct url *url,
						 const struct failure *failure)
{
	struct network *network = call->http->network;
	bool closed = failure->kind == FAILURE_CONNECT && !url->has_port;
	if ((failure->kind != FAILURE_NOT_TLS && !closed) || !network_allows_plain(network, url) ||
		hosts_scheme(network->hosts, call->request->host) == HOSTS_HTTPS)
		return false;
	hosts_settle_scheme(network->hosts, call->request->host, HOSTS_HTTP);
	return true;
}

static void settle_tls(const struct call *call, const struct url *url)
{
	struct network *network = call->http->network;
	if (url_is_https(url) && network_allows_plain(network, url))
		hosts_settle_scheme(network->hosts, call->request->host, HOSTS_HTTPS);
}

static void read_challenges(const struct transfer *transfer, struct challenge *out)
{
	const char *value = NULL;
	for (size_t i = 0; (value = transfer_header(transfer, "WWW-Authenticate", i)) != NULL; i++)
		challenge_read(value, out);
}

/* Some registries challenge at their root alone (registry-facts 25). */
static void ask_root(const struct call *call, struct challenge *out)
{
	struct url url;
	struct failure ignored = FAILURE_INIT;
	if (registry_url(call, "/v2/", &url, &ignored.error) != 0)
		return;
	const struct exchange exchange = {.url = &url, .registry = &url, .time = TRANSFER_BOUNDED};
	struct transfer *transfer = exchange_start(call->http, &exchange, &ignored);
	if (transfer != NULL && transfer_status(transfer) == 401)
		read_challenges(transfer, out);
	if (transfer != NULL)
		transfer_drain(transfer);
	transfer_end(transfer);
	url_clear(&url);
}

static struct login login_of(const struct call *call, const struct url *registry)
{
	return (struct login){
		.registry = registry,
		.host = call->request->host,
		.repository = call->request->repository,
	};
}

/* A refusal reads differently to somebody who has no login there. */
static void refuse(const struct call *call, struct transfer *transfer, struct failure *failure)
{
	struct credential credential = CREDENTIAL_INIT;
	int status = transfer_status(transfer);
	if (status == 401 || status == 403)
		credentials_find(call->http->network->credentials, call->request->host,
						 call->request->repository, &credential);
	const char *who = credential_is_set(&credential) ? ""
													 : " (may not exist, or may require a login)";
	answer_fail(transfer, who, failure);
	credential_clear(&credential);
}

static bool is_asked_for(const struct call *call, int status)
{
	return status == 200 || (call->offset > 0 && (status == 206 || status == 416));
}

/* Answers the challenge if that can be done: there is then an Authorization value worth another
 * try. `failure` tells of the refusal, and goes on to where there is no login; a login that fails
 * tells of that instead. */
static void answer_challenge(struct call *call, const struct url *url,
							 const struct transfer *transfer, struct failure *failure)
{
	const struct login login = login_of(call, url);
	struct challenge challenge = CHALLENGE_INIT;
	char *authorization = NULL;
	read_challenges(transfer, &challenge);
	if (challenge.scheme == CHALLENGE_NONE)
		ask_root(call, &challenge);
	if (challenge.scheme != CHALLENGE_NONE)
		(void)login_answer(call->http, &login, &challenge, call->authorization, &authorization,
						   failure);
	challenge_clear(&challenge);
	secret_free(call->authorization);
	call->authorization = authorization;
	call->is_challenged = true;
	if (authorization != NULL)
		failure->kind = FAILURE_AGAIN;
}

/* Whether the server seems not to have understood a list of types (registry-facts 77): it says so,
 * by 406, or by a 404 whose text blames the Accept header. A 404 alone is an answer like any other,
 * and is not asked about again. */
static bool misses_its_type(const struct call *call, int status, const struct failure *failure)
{
	if (call->request->accept == NULL || call->is_accept_split)
		return false;
	return status == 406 ||
		   (status == 404 && strcasestr(failure->error.text, "accept header") != NULL);
}

/* The transfer itself if it brings what was asked for; else it is ended. */
static struct transfer *judge(struct call *call, const struct url *url, struct transfer *transfer,
							  struct failure *failure)
{
	int status = transfer_status(transfer);
	if (is_asked_for(call, status)) {
		call->http->was_encoded = transfer_is_encoded(transfer);
		return transfer;
	}
	refuse(call, transfer, failure);
	if (misses_its_type(call, status, failure)) {
		call->is_accept_split = true;
		failure->kind = FAILURE_AGAIN;
	}
	if (status == 401 && !call->is_challenged && url_same_origin(url, transfer_url(transfer)))
		answer_challenge(call, url, transfer, failure);
	transfer_end(transfer);
	return NULL;
}

static int prepare(struct call *call, const struct url *url, struct failure *failure)
{
	const struct login login = login_of(call, url);
	if (call->is_prepared)
		return 0;
	call->is_prepared = true;
	return login_prepare(call->http, &login, &call->authorization, failure);
}

static struct transfer *try_url(struct call *call, const struct url *url, struct failure *failure)
{
	const struct http_request *request = call->request;
	if (prepare(call, url, failure) != 0)
		return NULL;
	const struct exchange exchange = {
		.url = url,
		.registry = url,
		.accept = request->accept,
		.is_accept_split = call->is_accept_split,
		.authorization = call->authorization,
		.is_decoded = request->is_decoded,
		.offset = call->offset,
		.time = call->time,
	};
	struct transfer *transfer = exchange_start(call->http, &exchange, failure);
	if (transfer != NULL) {
		settle_tls(call, url);
		if (url_same_origin(url, transfer_url(transfer)))
			warnings_show(call->http->network->warnings, transfer);
		return judge(call, url, transfer, failure);
	}
	if (settle_plain(call, url, failure))
		failure->kind = FAILURE_AGAIN;
	return NULL;
}

/* Of many threads that meet a host at once, one finds out whether it speaks TLS. */
static bool claim_scheme(const struct call *call)
{
	struct network *network = call->http->network;
	struct error ignored = ERROR_INIT;
	struct url url;
	if (make_url(call->request, "https", call->request->path, &url, &ignored) != 0)
		return false;
	bool is_open = network_allows_plain(network, &url);
	url_clear(&url);
	return is_open && hosts_claim_scheme(network->hosts, call->request->host);
}

static struct transfer *try_once(struct call *call, struct failure *failure)
{
	struct hosts *hosts = call->http->network->hosts;
	struct transfer *transfer = NULL;
	struct url url;
	bool is_settling = claim_scheme(call);
	if (registry_url(call, call->request->path, &url, &failure->error) == 0) {
		transfer = try_url(call, &url, failure);
		url_clear(&url);
	} else {
		failure->kind = FAILURE_FINAL;
	}
	if (is_settling)
		hosts_yield_scheme(hosts, call->request->host);
	return transfer;
}

struct transfer *call_open(struct call *call, struct error *err)
{
	struct failure failure = FAILURE_INIT;
	do {
		struct transfer *transfer = try_once(call, &failure);
		if (transfer != NULL)
			return transfer;
	} while (tries_again(&call->tries, &failure, call->http->network->hosts));
	*err = failure.error;
	return NULL;
}

void call_clear(struct call *call)
{
	secret_free(call->authorization);
	call->authorization = NULL;
}

int call_check_size(const struct http_request *request, const struct transfer *transfer,
					int64_t total, struct error *err)
{
	const char *label = transfer_url(transfer)->label;
	if (request->size >= 0 && total > request->size)
		return error_set(err, ERROR_TAMPERED, "%s: more than the %lld bytes that were declared",
						 label, (long long)request->size);
	if (total > request->maximum)
		return error_set(err, ERROR_OVER_LIMIT, "%s: more than %lld bytes", label,
						 (long long)request->maximum);
	return 0;
}
