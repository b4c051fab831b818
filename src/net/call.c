#include "call.h"

#include <string.h>

#include "exchange.h"
#include "layerproof/memory.h"
#include "login.h"
#include "refusal.h"
#include "secret.h"
#include "shared.h"

/* One request after the other goes to the same registry: its URL is taken apart once. */
static int find_root(struct http *http, const char *scheme, const char *host, struct error *err)
{
	struct url root;
	if (http->root_host != NULL && strcmp(http->root_host, host) == 0 &&
		strcmp(http->root.scheme, scheme) == 0)
		return 0;
	CLEANUP(free_at) char *text = memory_format("%s://%s/", scheme, host);
	if (url_parse(text, &root, err) != 0)
		return -1;
	url_clear(&http->root);
	free(http->root_host);
	http->root = root;
	http->root_host = memory_copy_text(host);
	return 0;
}

static int make_url(const struct call *call, const char *scheme, const char *path, struct url *out,
					struct error *err)
{
	const char *host = call->request->host;
	if (find_root(call->http, scheme, host, err) != 0 ||
		url_at_root(&call->http->root, path, out, err) != 0)
		return error_add_context(err, "%s", host);
	return 0;
}

/* HTTPS, unless this host was found not to speak it and may do without. */
static int registry_url(const struct call *call, const char *path, struct url *out,
						struct error *err)
{
	struct network *network = call->http->network;
	bool is_plain = hosts_scheme(network->hosts, call->request->host) == HOSTS_HTTP;
	return make_url(call, is_plain ? "http" : "https", path, out, err);
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
	if (url_is_https(url) && hosts_scheme(network->hosts, call->request->host) == HOSTS_UNSETTLED)
		hosts_settle_scheme(network->hosts, call->request->host, HOSTS_HTTPS);
}

static bool is_asked_for(const struct call *call, int status)
{
	bool is_first_byte = call->way == TRANSFER_FIRST_BYTE;
	return status == 200 || (status == 206 && (call->offset > 0 || is_first_byte)) ||
		   (status == 416 && call->offset > 0) || (status == 304 && call->request->etag != NULL);
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
	const struct login login = refusal_login_of(call, url);
	call->status = status;
	if (is_asked_for(call, status)) {
		login_accept(call->http, &login, call->authorization);
		call->http->was_encoded = transfer_is_encoded(transfer);
		if (call->is_accept_split)
			hosts_note_split_accept(call->http->network->hosts, call->request->host);
		return transfer;
	}
	refusal_judge(call, url, transfer, failure);
	if (failure->kind != FAILURE_PASSING)
		exchange_succeeded(call->http, transfer);
	if (call->way == TRANSFER_HEAD && failure->kind == FAILURE_PASSING && status != 429) {
		failure->kind = FAILURE_FINAL; /* the next try is by GET */
	} else if (call->way != TRANSFER_HEAD && misses_its_type(call, status, failure)) {
		call->is_accept_split = true;
		failure->kind = FAILURE_AGAIN;
	}
	transfer_end(transfer);
	return NULL;
}

static int prepare(struct call *call, const struct url *url, struct failure *failure)
{
	const struct login login = refusal_login_of(call, url);
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
	const struct reach reach = reach_of(url, &call->http->network->allowed);
	const struct exchange exchange = {
		.url = url,
		.registry = url,
		.reach = &reach,
		.accept = request->accept,
		.is_accept_split = call->is_accept_split,
		.authorization = call->authorization,
		.is_decoded = request->is_decoded,
		.away = call->away.text == NULL ? NULL : &call->away,
		.away_authorization = call->away_authorization,
		.etag = request->etag,
		.way = call->way,
		.offset = call->offset,
		.time = call->time,
		.is_pull = request->is_pull && call->way != TRANSFER_HEAD,
		.is_again = call->tries.made > 0,
	};
	struct transfer *transfer = exchange_start(call->http, &exchange, failure);
	if (transfer != NULL) {
		settle_tls(call, url);
		if (url_same_origin(url, transfer_url(transfer)))
			warnings_show(call->http->network->warnings, transfer);
		return judge(call, url, transfer, failure);
	}
	const struct login login = refusal_login_of(call, url);
	login_leave(call->http, &login, call->authorization);
	if (settle_plain(call, url, failure))
		failure->kind = FAILURE_AGAIN;
	return NULL;
}

/* Of many threads that meet a host at once, one finds out whether it speaks TLS, however many tries
 * that takes. Where nobody answers, the host is given up by then, for those who wait too. */
static bool claim_scheme(const struct call *call)
{
	struct network *network = call->http->network;
	struct error ignored = ERROR_INIT;
	struct url url;
	if (hosts_scheme(network->hosts, call->request->host) != HOSTS_UNSETTLED ||
		make_url(call, "https", "/", &url, &ignored) != 0)
		return false;
	bool is_open = network_allows_plain(network, &url);
	url_clear(&url);
	return is_open && hosts_claim_scheme(network->hosts, call->request->host);
}

static struct transfer *try_once(struct call *call, struct failure *failure)
{
	struct url url;
	if (registry_url(call, call->request->path, &url, &failure->error) != 0) {
		failure->kind = FAILURE_FINAL;
		return NULL;
	}
	struct transfer *transfer = try_url(call, &url, failure);
	url_clear(&url);
	return transfer;
}

struct transfer *call_open(struct call *call, struct error *err)
{
	struct hosts *hosts = call->http->network->hosts;
	struct failure failure = FAILURE_INIT;
	struct transfer *transfer = NULL;
	call->is_accept_split = call->request->accept != NULL &&
							hosts_splits_accept(hosts, call->request->host);
	bool is_settling = claim_scheme(call);
	do {
		tries_begin(&call->tries);
		transfer = try_once(call, &failure);
	} while (transfer == NULL && tries_again(&call->tries, &failure, call->http));
	if (is_settling)
		hosts_yield_scheme(hosts, call->request->host);
	if (transfer == NULL)
		*err = failure.error;
	return transfer;
}

void call_forget_login(struct call *call)
{
	secret_free(STEAL(call->authorization));
	secret_free(STEAL(call->away_authorization));
	url_clear(&call->away);
	challenge_clear(&call->answered);
	call->is_prepared = call->is_challenged = call->is_widened = false;
	call->away_challenges = 0;
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
