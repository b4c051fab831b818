#include "exchange.h"

#include <stdbool.h>
#include <stdio.h>

#include "address.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "shared.h"

static int fail(struct failure *failure, const struct url *from, const char *what, const char *why)
{
	failure->kind = FAILURE_FINAL;
	return error_set(&failure->error, ERROR_UNREACHABLE, "%s: %s%s", from->label, what, why);
}

static struct transfer *start_hop(struct http *http, const struct exchange *exchange,
								  const struct url *url, struct failure *failure)
{
	struct hosts *hosts = http->network->hosts;
	failure->kind = FAILURE_FINAL;
	failure->retry_after = -1;
	if (hosts_enter(hosts, url->authority, &failure->error) != 0)
		return NULL;
	const struct transfer_request request = {
		.url = url,
		.accept = exchange->accept,
		.is_accept_split = exchange->is_accept_split,
		.authorization = url_same_origin(exchange->url, url) ? exchange->authorization : NULL,
		.form = exchange->form,
		.offset = exchange->offset,
		.time = exchange->time,
	};
	struct transfer *transfer = transfer_start(http, &request, failure);
	if (transfer != NULL)
		hosts_mark_up(hosts, url->authority);
	return transfer;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where the answer sends us to: replaces `*url`. */
static int follow(struct transfer *transfer, const struct exchange *exchange, struct url *url,
				  struct failure *failure)
{
	struct url target;
	const char *why = NULL;
	const char *location = transfer_header(transfer, "Location", 0);
	if (exchange->form != NULL)
		return fail(failure, url, "redirects a login", "");
	if (location == NULL)
		return fail(failure, url, "redirect to nowhere", "");
	if (url_resolve(url, location, &target, &failure->error) != 0)
		return fail(failure, url, "redirect to what is no URL", "");
	if (!address_allows(exchange->registry, &target, &why) || !address_allows(url, &target, &why)) {
		url_clear(&target);
		return fail(failure, url, "redirect refused: ", why);
	}
	transfer_drain(transfer);
	transfer_end(transfer);
	url_clear(url);
	*url = target;
	return 0;
}

static struct transfer *start_hops(struct http *http, const struct exchange *exchange,
								   struct url *url, struct failure *failure)
{
	for (int hop = 0; hop <= LIMIT_REDIRECTS; hop++) {
		struct transfer *transfer = start_hop(http, exchange, url, failure);
		if (transfer == NULL || !is_redirect(transfer_status(transfer)))
			return transfer;
		if (follow(transfer, exchange, url, failure) != 0) {
			transfer_end(transfer);
			return NULL;
		}
	}
	(void)fail(failure, exchange->url, "too many redirects", "");
	return NULL;
}

struct transfer *exchange_start(struct http *http, const struct exchange *exchange,
								struct failure *failure)
{
	struct url url;
	url_copy(exchange->url, &url);
	struct transfer *transfer = start_hops(http, exchange, &url, failure);
	url_clear(&url);
	return transfer;
}
