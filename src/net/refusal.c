#include "refusal.h"

#include "exchange.h"
#include "layerproof/memory.h"
#include "quotable.h"
#include "secret.h"
#include "shared.h"

/* A challenge, and one more for a token that ended meanwhile. */
enum { AWAY_CHALLENGES = 2 };

struct login refusal_login_of(const struct call *call, const struct url *registry)
{
	return (struct login){
		.registry = registry,
		.host = call->request->host,
		.repository = call->request->repository,
		.reach = reach_of(registry, &call->http->network->allowed),
	};
}

static void read_challenges(const struct transfer *transfer, struct challenge *out)
{
	const char *value = NULL;
	for (size_t i = 0; (value = transfer_header(transfer, "WWW-Authenticate", i)) != NULL; i++)
		challenge_read(value, out);
}

/* Some registries challenge at their root alone (registry-facts 25). */
static void ask_root(const struct call *call, const struct login *login, struct challenge *out)
{
	struct url url;
	struct failure ignored = FAILURE_INIT;
	if (url_resolve(login->registry, "/v2/", &url, &ignored.error) != 0)
		return;
	const struct exchange exchange = {
		.url = &url, .registry = &url, .reach = &login->reach, .time = TRANSFER_BOUNDED};
	struct transfer *transfer = exchange_start(call->http, &exchange, &ignored);
	if (transfer != NULL && transfer_status(transfer) == 401)
		read_challenges(transfer, out);
	if (transfer != NULL)
		transfer_drain(transfer);
	transfer_end(transfer);
	url_clear(&url);
}

/* Once for each call, and once more where the token turns out to be too narrow
 * (registry-facts 24). */
static bool may_answer(struct call *call, const struct login *login, int status,
					   const struct challenge *challenge)
{
	bool asks_more = login_wants_more(login, &call->answered, challenge);
	if (status == 401 && !call->is_challenged)
		return true;
	if (!asks_more || call->is_widened)
		return false;
	call->is_widened = true;
	return true;
}

/* A login that fails tells of that; where there is none, the failure stays what it is. */
static void take_login(struct http *http, const struct login *login,
					   const struct challenge *challenge, char **authorization,
					   struct failure *failure)
{
	struct failure other = FAILURE_INIT;
	char *fresh = NULL;
	if (login_answer(http, login, challenge, *authorization, &fresh, &other) != 0)
		*failure = other;
	else if (fresh != NULL)
		failure->kind = FAILURE_AGAIN;
	secret_free(*authorization);
	*authorization = fresh;
}

static void answer_challenge(struct call *call, const struct login *login, int status,
							 struct challenge *challenge, struct failure *failure)
{
	if (!may_answer(call, login, status, challenge))
		return;
	if (challenge->scheme == CHALLENGE_NONE)
		ask_root(call, login, challenge);
	call->is_challenged = true;
	if (challenge->scheme == CHALLENGE_NONE)
		return;
	take_login(call->http, login, challenge, &call->authorization, failure);
	challenge_clear(&call->answered);
	challenge_copy(challenge, &call->answered);
}

/* A host that the registry sends us on to gets a token that anybody could have, and no login of
 * ours (registry-facts 82). Where it may send us in its turn is no more than where the registry
 * may.
 */
static void answer_away(struct call *call, const struct transfer *transfer,
						const struct login *login, const struct challenge *challenge,
						struct failure *failure)
{
	struct login nobody = {
		.registry = transfer_url(transfer),
		.repository = call->request->repository,
		.reach = login->reach,
	};
	if (transfer_is_public(transfer))
		reach_leave(&nobody.reach);
	if (challenge->scheme != CHALLENGE_BEARER || call->away_challenges == AWAY_CHALLENGES)
		return;
	call->away_challenges++;
	take_login(call->http, &nobody, challenge, &call->away_authorization, failure);
	url_clear(&call->away);
	url_copy(transfer_url(transfer), &call->away);
}

/* Whether somebody else has answered, or the registry itself to a request that others sent back to
 * it: our login did not come along then, so it was not refused either. */
static bool is_from_away(const struct call *call, const struct url *url,
						 const struct transfer *transfer)
{
	return !url_same_origin(url, transfer_url(transfer)) ||
		   (call->authorization != NULL && !transfer_sent(transfer, call->authorization));
}

void refusal_judge(struct call *call, const struct url *url, struct transfer *transfer,
				   struct failure *failure)
{
	struct login login = refusal_login_of(call, url);
	struct challenge challenge = CHALLENGE_INIT;
	int status = transfer_status(transfer);
	bool is_away = is_from_away(call, url, transfer);
	read_challenges(transfer, &challenge);
	quotable_fail(call->http, &login, transfer, call->authorization, call->away_authorization,
				  failure);
	if (is_away || status != 401)
		login_leave(call->http, &login, call->authorization);
	if (is_away) {
		login.host = NULL;
		if (status == 401)
			answer_away(call, transfer, &login, &challenge, failure);
	} else if (status == 401 || status == 403) {
		if (status == 401)
			login_refuse(call->http, &login, call->authorization);
		answer_challenge(call, &login, status, &challenge, failure);
	}
	if (failure->kind != FAILURE_AGAIN)
		login_explain(call->http, &login, failure);
	challenge_clear(&challenge);
}
