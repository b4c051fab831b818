#include "login.h"

#include <curl/curl.h>
#include <string.h>

#include "answer.h"
#include "credentials.h"
#include "exchange.h"
#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "reach.h"
#include "secret.h"
#include "shared.h"
#include "token_answer.h"
#include "tries.h"

/* A token is taken for stale a little before it is, so that it does not end on the way. */
enum { MARGIN_SECONDS = 5 };

static int fail(struct failure *failure, enum error_code code, const struct url *from,
				const char *what)
{
	failure->kind = FAILURE_FINAL;
	return error_set(&failure->error, code, "%s: %s", from->label, what);
}

static void add_parameter(struct buffer *out, const char *name, const char *value, size_t size)
{
	struct error ignored; /* headers are bounded, so this is */
	char *escaped = curl_easy_escape(NULL, value, (int)size);
	if (escaped == NULL)
		return;
	(void)buffer_add_format(out, &ignored, "%s%s=%s", out->size == 0 ? "" : "&", name, escaped);
	explicit_bzero(escaped, strlen(escaped));
	curl_free(escaped);
}

/* One parameter for each of the scopes, which a challenge joins by blanks (token.md). */
static void add_scopes(struct buffer *out, const char *scopes)
{
	for (const char *at = scopes + strspn(scopes, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		add_parameter(out, "scope", at, size);
		at += size;
	}
}

static void add_text(struct buffer *out, const char *name, const char *value)
{
	if (value != NULL)
		add_parameter(out, name, value, strlen(value));
}

/* A realm may have a query of its own, which is kept. */
static char *token_url(const struct url *realm, const struct challenge *challenge)
{
	struct buffer query = BUFFER_INIT(4 * LIMIT_HEADERS_SIZE);
	add_text(&query, "service", challenge->service);
	add_scopes(&query, challenge->scope);
	CLEANUP(free_at) char *text = buffer_steal(&query);
	const char *joint = strchr(realm->text, '?') != NULL ? "&" : "?";
	return memory_format("%s%s%s", realm->text, joint, text);
}

/* OAuth2: the stored token is exchanged for one that opens the repository (oauth.md). */
static char *token_form(const struct challenge *challenge, const struct credential *credential)
{
	struct buffer form = BUFFER_INIT(LIMIT_TOKEN_SIZE);
	add_text(&form, "grant_type", "refresh_token");
	add_text(&form, "service", challenge->service);
	add_text(&form, "client_id", "layerproof");
	add_text(&form, "scope", challenge->scope);
	add_text(&form, "refresh_token", credential->identity_token);
	return buffer_steal(&form);
}

/* The realm as a URL that may be sent a secret: the registry chose it (registry-facts 26). */
static int vet_realm(const struct http *http, const struct login *login, const char *realm,
					 struct url *out, struct failure *failure)
{
	struct reach reach = reach_of(login->registry, &http->network->allowed);
	if (url_resolve(login->registry, realm, out, &failure->error) != 0)
		return fail(failure, ERROR_MALFORMED, login->registry, "token realm is no URL");
	if (network_check_scheme(http->network, login->registry, out, &failure->error) == 0 &&
		reach_check_host(&reach, out, &failure->error) == 0)
		return 0;
	url_clear(out);
	failure->kind = FAILURE_FINAL;
	return error_add_context(&failure->error, "%s: token realm refused", login->registry->label);
}

/* Reads a whole token answer, bounded. */
static int read_body(struct transfer *transfer, struct buffer *out, struct failure *failure)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;
	for (;;) {
		if (transfer_next(transfer, &bytes, &size, failure) != 0)
			return -1;
		if (size == 0)
			return 0;
		if (buffer_add(out, bytes, size, &failure->error) != 0)
			return fail(failure, ERROR_OVER_LIMIT, transfer_url(transfer),
						"token answer is too large");
	}
}

static int read_token(struct transfer *transfer, struct token_answer *out, struct failure *failure)
{
	struct buffer body = BUFFER_INIT(LIMIT_TOKEN_SIZE);
	int result = read_body(transfer, &body, failure);
	if (result == 0 &&
		token_answer_read(body.bytes, body.size, clock_now(), out, &failure->error) != 0) {
		failure->kind = FAILURE_FINAL;
		result = error_add_context(&failure->error, "%s", transfer_url(transfer)->label);
	}
	if (body.bytes != NULL)
		explicit_bzero(body.bytes, body.size);
	buffer_clear(&body);
	return result;
}

static int try_token(struct http *http, const struct exchange *exchange, const char *who,
					 struct token_answer *out, struct failure *failure)
{
	CLEANUP(transfer_end_at) struct transfer *transfer = exchange_start(http, exchange, failure);
	if (transfer == NULL)
		return -1;
	if (transfer_status(transfer) == 200)
		return read_token(transfer, out, failure);
	answer_fail(transfer, who, failure);
	return -1;
}

/* Asking twice changes nothing at a token server, so a POST is tried again like a GET. */
static int ask_token(struct http *http, const struct exchange *exchange, const char *who,
					 struct token_answer *out, struct failure *failure)
{
	struct tries tries = {.made = 0};
	do {
		if (try_token(http, exchange, who, out, failure) == 0)
			return 0;
	} while (tries_again(&tries, failure, http->network->hosts));
	failure->kind = FAILURE_FINAL;
	return -1;
}

static int fetch_token(struct http *http, const struct login *login,
					   const struct challenge *challenge, const struct credential *credential,
					   struct token_answer *out, struct failure *failure)
{
	struct url realm;
	struct url url;
	if (vet_realm(http, login, challenge->realm, &realm, failure) != 0)
		return -1;
	bool is_oauth = credential->identity_token != NULL;
	bool has_password = credential->username != NULL && credential->password != NULL;
	CLEANUP(free_at)
	char *text = is_oauth ? memory_copy_text(realm.text) : token_url(&realm, challenge);
	CLEANUP(secret_free_at) char *form = is_oauth ? token_form(challenge, credential) : NULL;
	CLEANUP(secret_free_at)
	char *basic = !is_oauth && has_password
					  ? secret_basic(credential->username, credential->password)
					  : NULL;
	url_clear(&realm);
	if (url_parse(text, &url, &failure->error) != 0)
		return fail(failure, ERROR_MALFORMED, login->registry, "token realm is no URL");
	const struct exchange exchange = {
		.url = &url,
		.registry = login->registry,
		.authorization = basic,
		.form = form,
		.time = TRANSFER_BOUNDED,
	};
	const char *who = is_oauth || has_password ? " (the stored login was refused)"
											   : " (may not exist, or may require a login)";
	int result = ask_token(http, &exchange, who, out, failure);
	url_clear(&url);
	return result;
}

/* What the repository's reading asks for, where the registry does not say it (token.md). */
static void complete_scope(struct challenge *challenge, const char *repository)
{
	if (challenge->scope == NULL)
		challenge->scope = memory_format("repository:%s:pull", repository);
}

/* Keeps what a challenge says of the registry, without what it says of one repository. */
static void remember(struct http *http, const struct login *login,
					 const struct challenge *challenge)
{
	struct challenge kept;
	challenge_copy(challenge, &kept);
	if (kept.scope != NULL && text_starts_with(kept.scope, "repository:")) {
		free(kept.scope);
		kept.scope = NULL;
	}
	hosts_keep_challenge(http->network->hosts, login->registry->authority, &kept);
	challenge_clear(&kept);
}

static int get_bearer(struct http *http, const struct login *login,
					  const struct challenge *challenge, const struct credential *credential,
					  struct token_answer *out, struct failure *failure)
{
	if (credential->registry_token != NULL && secret_is_header_safe(credential->registry_token)) {
		*out = (struct token_answer){
			.token = memory_copy_text(credential->registry_token),
			.seconds = LIMIT_TOKEN_SECONDS,
		};
		return 0;
	}
	struct challenge asked;
	challenge_copy(challenge, &asked);
	complete_scope(&asked, login->repository);
	int result = fetch_token(http, login, &asked, credential, out, failure);
	challenge_clear(&asked);
	return result;
}

/* `*authorization` stays NULL when a password is asked for and none is stored. */
static int get_authorization(struct http *http, const struct login *login,
							 const struct challenge *challenge, char **authorization,
							 int64_t *seconds, struct failure *failure)
{
	struct credential credential;
	struct token_answer answer = {.token = NULL};
	int result = 0;
	credentials_find(http->network->credentials, login->host, login->repository, &credential);
	*seconds = LIMIT_TOKEN_SECONDS;
	if (challenge->scheme == CHALLENGE_BEARER) {
		result = get_bearer(http, login, challenge, &credential, &answer, failure);
		if (result == 0) {
			*authorization = secret_bearer(answer.token);
			*seconds = answer.seconds - MARGIN_SECONDS;
		}
		secret_free(answer.token);
	} else if (credential.username != NULL && credential.password != NULL) {
		*authorization = secret_basic(credential.username, credential.password);
	}
	credential_clear(&credential);
	if (*authorization != NULL)
		remember(http, login, challenge);
	return result;
}

static int fetch_for_all(struct http *http, const struct login *login, const char *key,
						 const struct challenge *challenge, char **authorization,
						 struct failure *failure)
{
	struct tokens *tokens = http->network->tokens;
	int64_t seconds = 0;
	if (get_authorization(http, login, challenge, authorization, &seconds, failure) != 0) {
		tokens_fail(tokens, key, &failure->error);
		return -1;
	}
	tokens_finish(tokens, key, *authorization, seconds);
	return 0;
}

static char *key_of(const struct login *login)
{
	return memory_format("%s/%s", login->registry->authority, login->repository);
}

int login_answer(struct http *http, const struct login *login, const struct challenge *challenge,
				 const char *refused, char **authorization, struct failure *failure)
{
	CLEANUP(free_at) char *key = key_of(login);
	*authorization = NULL;
	failure->kind = FAILURE_FINAL;
	failure->retry_after = -1;
	switch (tokens_begin(http->network->tokens, key, refused, authorization, &failure->error)) {
	case TOKENS_READY:
		return 0;
	case TOKENS_FETCH:
		return fetch_for_all(http, login, key, challenge, authorization, failure);
	case TOKENS_FAILED:
		break;
	}
	return -1;
}

int login_prepare(struct http *http, const struct login *login, char **authorization,
				  struct failure *failure)
{
	CLEANUP(free_at) char *key = key_of(login);
	struct challenge challenge;
	*authorization = tokens_peek(http->network->tokens, key);
	if (*authorization != NULL ||
		!hosts_challenge(http->network->hosts, login->registry->authority, &challenge))
		return 0;
	int result = login_answer(http, login, &challenge, NULL, authorization, failure);
	challenge_clear(&challenge);
	return result;
}
