#include "token_request.h"

#include <curl/curl.h>
#include <string.h>

#include "exchange.h"
#include "layerproof/buffer.h"
#include "layerproof/clock.h"
#include "layerproof/limits.h"
#include "layerproof/memory.h"
#include "quotable.h"
#include "reach.h"
#include "secret.h"
#include "shared.h"
#include "tries.h"

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
static char *token_url(const struct url *realm, const struct challenge *asked)
{
	struct buffer query = BUFFER_INIT(4 * LIMIT_HEADERS_SIZE);
	add_text(&query, "service", asked->service);
	add_scopes(&query, asked->scope);
	CLEANUP(free_at) char *text = buffer_steal(&query);
	const char *joint = strchr(realm->text, '?') != NULL ? "&" : "?";
	return memory_format("%s%s%s", realm->text, joint, text);
}

/* OAuth2: the stored token is exchanged for one that opens the repository (oauth.md). */
static char *token_form(const struct challenge *asked, const struct credential *credential)
{
	struct buffer form = BUFFER_INIT(LIMIT_TOKEN_SIZE);
	add_text(&form, "grant_type", "refresh_token");
	add_text(&form, "service", asked->service);
	add_text(&form, "client_id", "layerproof");
	add_text(&form, "scope", asked->scope);
	add_text(&form, "refresh_token", credential->identity_token);
	return buffer_steal(&form);
}

/* The realm as a URL that may be sent a secret: the registry chose it (registry-facts 26). */
static int vet_realm(const struct http *http, const struct login *login, const char *realm,
					 struct url *out, struct failure *failure)
{
	if (url_resolve(login->registry, realm, out, &failure->error) != 0)
		return fail(failure, ERROR_MALFORMED, login->registry, "token realm is no URL");
	if (network_check_scheme(http->network, login->registry, out, &failure->error) == 0 &&
		reach_check_host(&login->reach, out, &failure->error) == 0)
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
	secret_buffer_clear(&body);
	return result;
}

struct token_reply {
	int status; /* 0: no answer */
	struct token_answer answer;
};

/* One way of asking. */
struct question {
	const char *url;
	const char *form;  /* NULL: GET */
	const char *basic; /* NULL: for nobody */
};

static int try_token(struct http *http, const struct login *login, const struct exchange *exchange,
					 struct token_reply *out, struct failure *failure)
{
	CLEANUP(transfer_end_at) struct transfer *transfer = exchange_start(http, exchange, failure);
	out->status = 0;
	if (transfer == NULL)
		return -1;
	out->status = transfer_status(transfer);
	int result = -1;
	if (out->status == 200)
		result = read_token(transfer, &out->answer, failure);
	else
		quotable_fail(http, login, transfer, exchange->authorization, NULL, failure);
	if (result == 0 || failure->kind == FAILURE_FINAL)
		exchange_succeeded(http, transfer);
	return result;
}

/* Asking twice changes nothing at a token server, so a POST is tried again like a GET. */
static int ask(struct http *http, const struct login *login, const struct question *question,
			   struct token_reply *out, struct failure *failure)
{
	struct tries tries = {.made = 0};
	struct url url;
	int result = -1;
	if (url_parse(question->url, &url, &failure->error) != 0)
		return fail(failure, ERROR_MALFORMED, login->registry, "token realm is no URL");
	struct exchange exchange = {
		.url = &url,
		.registry = login->registry,
		.reach = &login->reach,
		.authorization = question->basic,
		.form = question->form,
		.time = TRANSFER_BOUNDED,
	};
	do {
		tries_begin(&tries);
		exchange.is_again = tries.made > 0;
		result = try_token(http, login, &exchange, out, failure);
	} while (result != 0 && tries_again(&tries, failure, http));
	failure->kind = FAILURE_FINAL;
	url_clear(&url);
	return result;
}

static int ask_by_post(struct http *http, const struct login *login, const struct url *realm,
					   const struct challenge *asked, const struct credential *credential,
					   struct token_reply *out, struct failure *failure)
{
	CLEANUP(secret_free_at) char *form = token_form(asked, credential);
	const struct question question = {.url = realm->text, .form = form};
	return ask(http, login, &question, out, failure);
}

static int ask_by_get(struct http *http, const struct login *login, const struct url *realm,
					  const struct challenge *asked, const struct credential *credential,
					  struct token_reply *out, struct failure *failure)
{
	CLEANUP(free_at) char *text = token_url(realm, asked);
	CLEANUP(secret_free_at)
	char *basic = credential_has_password(credential) && credential->password[0] != '\0'
					  ? secret_basic(credential->username, credential->password)
					  : NULL;
	const struct question question = {.url = text, .basic = basic};
	return ask(http, login, &question, out, failure);
}

/* A server without OAuth2 says that there is nothing to POST to (oauth.md). */
static bool has_no_post(int status)
{
	return status == 404 || status == 405;
}

static int ask_either_way(struct http *http, const struct login *login, const struct url *realm,
						  const struct challenge *asked, const struct credential *credential,
						  struct token_reply *out, struct failure *failure)
{
	if (credential->identity_token != NULL) {
		if (ask_by_post(http, login, realm, asked, credential, out, failure) == 0)
			return 0;
		if (!has_no_post(out->status))
			return -1;
	}
	return ask_by_get(http, login, realm, asked, credential, out, failure);
}

enum token_result token_request(struct http *http, const struct login *login,
								const struct challenge *asked, const struct credential *credential,
								struct token_answer *out, struct failure *failure)
{
	struct url realm;
	struct token_reply reply = {.status = 0};
	if (vet_realm(http, login, asked->realm, &realm, failure) != 0)
		return TOKEN_FAILED;
	int result = ask_either_way(http, login, &realm, asked, credential, &reply, failure);
	url_clear(&realm);
	*out = reply.answer;
	if (result == 0)
		return TOKEN_GRANTED;
	/* RFC 6749, section 5.2: a refresh token that is no longer good is a bad request. */
	if (reply.status == 401 || (reply.status == 400 && credential->identity_token != NULL))
		return TOKEN_LOGIN_REFUSED;
	return reply.status == 403 ? TOKEN_REFUSED : TOKEN_FAILED;
}
