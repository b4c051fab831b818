#include "exchange.h"

#include <stdbool.h>
#include <stdio.h>

#include "answer.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "proxy.h"
#include "reach.h"
#include "shared.h"

static int fail(struct failure *failure, const struct url *from, const char *what)
{
	failure->kind = FAILURE_FINAL;
	return error_set(&failure->error, ERROR_UNREACHABLE, "%s: %s", from->label, what);
}

/* What the exchange is at. */
struct hop {
	struct url url;
	struct reach reach;
	bool has_left; /* it was somewhere else than it began: whoever is there chose what comes next */
};

/* Each secret goes to the one place that it is for. */
static const char *authorization_for(const struct exchange *exchange, const struct hop *hop)
{
	if (!hop->has_left)
		return exchange->authorization;
	if (exchange->away != NULL && url_same_origin(exchange->away, &hop->url))
		return exchange->away_authorization;
	return NULL;
}

/* A proxy can read what goes to a host in plain HTTP. That a host is this very machine is no excuse
 * then: only the user's word for the host is. */
static int check_secrecy(const struct http *http, const struct exchange *exchange,
						 const struct hop *hop, const char *proxy, struct failure *failure)
{
	const struct url *url = &hop->url;
	bool has_secret = exchange->form != NULL || authorization_for(exchange, hop) != NULL;
	if (proxy == NULL || !has_secret || url_is_https(url) ||
		network_names_plain(http->network, url))
		return 0;
	return error_set(&failure->error, ERROR_DENIED,
					 "%s: no login is sent by plain HTTP through a proxy without --plain-http",
					 url->label);
}

/* Whether the host may be asked now. */
static int enter(struct http *http, const struct exchange *exchange, const struct url *url,
				 struct failure *failure)
{
	const struct pace_visit visit = {
		.who = http, .is_pull = exchange->is_pull, .is_again = exchange->is_again};
	enum pace_gate gate = pace_enter(http->network->pace, url->label, &visit, &failure->until_ms,
									 &failure->error);
	if (gate == PACE_WAIT)
		failure->kind = FAILURE_CLOSED;
	if (gate != PACE_OPEN)
		return -1;
	return budget_take_request(&http->network->budget, &failure->error);
}

static void note_quota(struct http *http, const struct transfer *transfer)
{
	struct rate_limit quota;
	answer_rate_limit(transfer, &quota);
	pace_heard(http->network->pace, transfer_url(transfer)->label);
	pace_note_quota(http->network->pace, transfer_url(transfer)->label, &quota);
}

void exchange_succeeded(struct http *http, const struct transfer *transfer)
{
	pace_answered(http->network->pace, transfer_url(transfer)->label);
}

static struct transfer *start_hop(struct http *http, const struct exchange *exchange,
								  const struct hop *hop, struct failure *failure)
{
	const struct url *url = &hop->url;
	const char *proxy = proxy_for(&http->network->proxy, url);
	failure->kind = FAILURE_FINAL;
	failure->retry_after = -1;
	failure->may_be_hidden = false;
	if (check_secrecy(http, exchange, hop, proxy, failure) != 0 ||
		enter(http, exchange, url, failure) != 0)
		return NULL;
	const struct transfer_request request = {
		.url = url,
		.registry = exchange->registry,
		.reach = &hop->reach,
		.proxy = proxy,
		.accept = exchange->accept,
		.is_accept_split = exchange->is_accept_split,
		.authorization = authorization_for(exchange, hop),
		.form = exchange->form,
		.is_decoded = exchange->is_decoded,
		.etag = exchange->etag,
		.way = exchange->way,
		.offset = exchange->offset,
		.time = exchange->time,
	};
	uint64_t sent = http->requests;
	struct transfer *transfer = transfer_start(http, &request, failure);
	if (transfer == NULL && http->requests == sent)
		budget_return_request(&http->network->budget);
	if (transfer == NULL)
		return NULL;
	note_quota(http, transfer);
	int64_t expected = exchange->way == TRANSFER_GET ? transfer_bytes_to_come(transfer) : 0;
	if (budget_foresee(&http->network->budget, expected, &failure->error) == 0)
		return transfer;
	failure->kind = FAILURE_FINAL;
	transfer_end(transfer);
	return NULL;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* From TLS there is no way back to plain HTTP, be it that of the registry or of the last hop. */
static int vet(const struct network *network, const struct exchange *exchange,
			   const struct hop *hop, const struct url *target, struct failure *failure)
{
	if (network_check_scheme(network, exchange->registry, target, &failure->error) == 0 &&
		network_check_scheme(network, &hop->url, target, &failure->error) == 0 &&
		reach_check_host(&hop->reach, target, &failure->error) == 0)
		return 0;
	failure->kind = FAILURE_FINAL;
	return error_add_context(&failure->error, "%s: redirect refused", hop->url.label);
}

/* Where the answer sends us to: replaces the URL of `hop`. */
static int follow(struct http *http, struct transfer *transfer, const struct exchange *exchange,
				  struct hop *hop, struct failure *failure)
{
	struct url target;
	const char *location = transfer_header(transfer, "Location", 0);
	if (exchange->form != NULL)
		return fail(failure, &hop->url, "redirects a login");
	if (location == NULL)
		return fail(failure, &hop->url, "redirect to nowhere");
	if (url_resolve(&hop->url, location, &target, &failure->error) != 0)
		return fail(failure, &hop->url, "redirect to what is no URL");
	if (transfer_is_public(transfer))
		reach_leave(&hop->reach);
	if (vet(http->network, exchange, hop, &target, failure) != 0) {
		url_clear(&target);
		return -1;
	}
	transfer_drain(transfer);
	exchange_succeeded(http, transfer);
	transfer_end(transfer);
	url_clear(&hop->url);
	hop->url = target;
	hop->has_left = hop->has_left || !url_same_origin(exchange->url, &target);
	return 0;
}

static struct transfer *start_hops(struct http *http, const struct exchange *exchange,
								   struct hop *hop, struct failure *failure)
{
	for (int hops = 0; hops <= LIMIT_REDIRECTS; hops++) {
		struct transfer *transfer = start_hop(http, exchange, hop, failure);
		if (transfer == NULL || !is_redirect(transfer_status(transfer)))
			return transfer;
		if (follow(http, transfer, exchange, hop, failure) != 0) {
			transfer_end(transfer);
			return NULL;
		}
	}
	(void)fail(failure, exchange->url, "too many redirects");
	return NULL;
}

struct transfer *exchange_start(struct http *http, const struct exchange *exchange,
								struct failure *failure)
{
	struct hop hop = {.reach = *exchange->reach};
	url_copy(exchange->url, &hop.url);
	struct transfer *transfer = start_hops(http, exchange, &hop, failure);
	url_clear(&hop.url);
	return transfer;
}
