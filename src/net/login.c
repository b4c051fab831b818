#include "login.h"

#include <stdio.h>
#include <string.h>

#include "credentials.h"
#include "layerproof/limits.h"
#include "layerproof/log.h"
#include "layerproof/memory.h"
#include "layerproof/text.h"
#include "scope.h"
#include "secret.h"
#include "shared.h"
#include "token_request.h"

static void find_credential(struct http *http, const struct login *login, struct credential *out)
{
	*out = (struct credential)CREDENTIAL_INIT;
	if (login->host != NULL)
		credentials_find(http->network->credentials, login->host, login->repository, out);
}

bool login_wants_more(const struct login *login, const struct challenge *answered,
					  const struct challenge *next)
{
	if (!next->is_insufficient || next->scope == NULL)
		return false;
	CLEANUP(free_at) char *before = scope_for(login->repository, answered);
	return !scope_holds(before, next->scope);
}

/* Keeps what a challenge says of the registry, and what it says of one repository apart from it, if
 * that is not what would be asked for anyway. */
static void remember(struct http *http, const struct login *login,
					 const struct challenge *challenge, const struct challenge *asked)
{
	struct challenges *challenges = http->network->challenges;
	const char *registry = login->registry->authority;
	struct challenge kept = *asked;
	CLEANUP(free_at) char *own = scope_of_repository(login->repository);
	kept.is_insufficient = false;
	if (!scope_is_for_all(login->repository, challenge)) {
		if (strcmp(asked->scope, own) != 0)
			challenges_keep(challenges, registry, login->repository, &kept);
		kept.scope = NULL;
	}
	challenges_keep(challenges, registry, NULL, &kept);
}

/* All that makes one token the same as another; hashed, since a stranger may make it long. */
static char *key_of(const struct login *login, const struct challenge *asked,
					const struct credential *credential)
{
	char account[CREDENTIAL_FINGERPRINT_SIZE] = "";
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;
	if (credential_is_set(credential))
		(void)credential_fingerprint(credential, account);
	CLEANUP(free_at)
	char *key = memory_format("%s://%s\n%s\n%s\n%s\n%s", login->registry->scheme,
							  login->registry->authority, asked->realm,
							  asked->service == NULL ? "" : asked->service, asked->scope, account);
	digest_of(DIGEST_SHA256, key, strlen(key), &digest);
	return memory_copy_text(digest_format(&digest, text));
}

static int result_of(enum token_result result)
{
	return result == TOKEN_GRANTED ? 0 : -1;
}

/* Asks for the stored login, and tells what became of it. */
static enum token_result ask_with_login(struct http *http, const struct login *login,
										const struct challenge *asked,
										const struct credential *credential,
										struct token_answer *out, struct failure *failure)
{
	struct credentials *credentials = http->network->credentials;
	enum token_result result = token_request(http, login, asked, credential, out, failure);
	if (result == TOKEN_GRANTED)
		credentials_accept(credentials, login->host, credential);
	else if (result == TOKEN_LOGIN_REFUSED)
		credentials_refuse(credentials, login->host, credential);
	else
		credentials_leave(credentials, login->host, credential);
	if (result == TOKEN_REFUSED || result == TOKEN_LOGIN_REFUSED)
		log_verbose("%s; asking without the stored login", failure->error.text);
	return result;
}

/* A token for the stored login, or, where the token server does not take it, for nobody. */
static int get_token(struct http *http, const struct login *login, const struct challenge *asked,
					 const struct credential *credential, struct token_answer *out,
					 struct failure *failure)
{
	static const struct credential nobody = CREDENTIAL_INIT;
	if (credential_is_set(credential) &&
		credentials_claim(http->network->credentials, login->host, credential)) {
		enum token_result result = ask_with_login(http, login, asked, credential, out, failure);
		if (result == TOKEN_GRANTED || result == TOKEN_FAILED)
			return result_of(result);
	}
	return result_of(token_request(http, login, asked, &nobody, out, failure));
}

static int fetch_for_all(struct http *http, const struct login *login, const char *key,
						 const struct challenge *asked, const struct credential *credential,
						 char **authorization, struct failure *failure)
{
	struct tokens *tokens = http->network->tokens;
	struct token_answer answer = {.token = NULL};
	if (get_token(http, login, asked, credential, &answer, failure) != 0) {
		login_explain(http, login, failure);
		tokens_fail(tokens, key, &failure->error);
		return -1;
	}
	secret_free(*authorization);
	*authorization = secret_bearer(answer.token);
	tokens_finish(tokens, key, *authorization, answer.seconds);
	secret_free(answer.token);
	return 0;
}

/* Should that fail, the old one still does: nobody need come back for a new one. */
static void renew_for_all(struct http *http, const struct login *login, const char *key,
						  const struct challenge *asked, const struct credential *credential,
						  char **authorization)
{
	struct failure ignored = FAILURE_INIT;
	int64_t come_back_ms = http->come_back_ms;
	int refusals = http->refusals;
	if (fetch_for_all(http, login, key, asked, credential, authorization, &ignored) == 0)
		return;
	http->come_back_ms = come_back_ms;
	http->refusals = refusals;
}

/* Who waited for a token that another thread could not get, because its server is to be left alone,
 * comes back when that one does. */
static void come_back_too(struct http *http, const struct login *login,
						  const struct challenge *asked)
{
	struct url realm;
	struct pace_view view;
	struct error ignored = ERROR_INIT;
	if (!http->has_other_work || url_resolve(login->registry, asked->realm, &realm, &ignored) != 0)
		return;
	pace_look(http->network->pace, realm.label, &view);
	if (!view.is_given_up)
		http->come_back_ms = view.opens_ms;
	url_clear(&realm);
}

static int answer_with_token(struct http *http, const struct login *login,
							 const struct challenge *asked, const struct credential *credential,
							 const char *refused, char **authorization, struct failure *failure)
{
	CLEANUP(free_at) char *key = key_of(login, asked, credential);
	switch (tokens_begin(http->network->tokens, key, refused, authorization, &failure->error)) {
	case TOKENS_READY:
		return 0;
	case TOKENS_FETCH:
		return fetch_for_all(http, login, key, asked, credential, authorization, failure);
	case TOKENS_RENEW:
		renew_for_all(http, login, key, asked, credential, authorization);
		return 0;
	case TOKENS_FAILED:
		come_back_too(http, login, asked);
		break;
	}
	return -1;
}

/* A stored value that goes to the registry as it is: a password, if that is what is asked for, or a
 * ready token. NULL when there is none, or when it is the one that was refused. */
static char *ready_value(const struct challenge *challenge, const struct credential *credential,
						 const char *refused)
{
	bool wants_password = challenge->scheme == CHALLENGE_BASIC || challenge->prefers_password;
	char *value = NULL;
	if (wants_password && credential_has_password(credential))
		value = secret_basic(credential->username, credential->password);
	else if (challenge->scheme == CHALLENGE_BEARER && credential->registry_token != NULL &&
			 secret_is_header_safe(credential->registry_token))
		value = secret_bearer(credential->registry_token);
	if (value != NULL && refused != NULL && strcmp(value, refused) == 0)
		secret_free(STEAL(value));
	return value;
}

/* `asked` is the challenge with the scope that answers it. */
static int answer(struct http *http, const struct login *login, const struct challenge *asked,
				  const char *refused, char **authorization, struct failure *failure)
{
	struct credential credential;
	int result = 0;
	failure->kind = FAILURE_FINAL;
	failure->retry_after = -1;
	failure->may_be_hidden = false;
	find_credential(http, login, &credential);
	*authorization = ready_value(asked, &credential, refused);
	if (*authorization != NULL &&
		!credentials_claim(http->network->credentials, login->host, &credential)) {
		secret_free(STEAL(*authorization));
		credential_clear(&credential);
	}
	if (*authorization == NULL && asked->scheme == CHALLENGE_BEARER)
		result = answer_with_token(http, login, asked, &credential, refused, authorization,
								   failure);
	credential_clear(&credential);
	return result;
}

static void set_asked(const struct login *login, const struct challenge *challenge,
					  struct challenge *asked)
{
	challenge_copy(challenge, asked);
	free(asked->scope);
	asked->scope = scope_for(login->repository, challenge);
}

int login_answer(struct http *http, const struct login *login, const struct challenge *challenge,
				 const char *refused, char **authorization, struct failure *failure)
{
	struct challenge asked;
	set_asked(login, challenge, &asked);
	int result = answer(http, login, &asked, refused, authorization, failure);
	if (*authorization != NULL)
		remember(http, login, challenge, &asked);
	challenge_clear(&asked);
	return result;
}

int login_prepare(struct http *http, const struct login *login, char **authorization,
				  struct failure *failure)
{
	struct challenge challenge;
	struct challenge asked;
	*authorization = NULL;
	if (!challenges_find(http->network->challenges, login->registry->authority, login->repository,
						 &challenge))
		return 0;
	set_asked(login, &challenge, &asked);
	int result = answer(http, login, &asked, NULL, authorization, failure);
	challenge_clear(&asked);
	challenge_clear(&challenge);
	return result;
}

/* Whether the value is the stored login itself. */
static bool is_ready_value(const struct credential *credential, const char *authorization)
{
	CLEANUP(secret_free_at)
	char *value = text_starts_with(authorization, "Basic ")
					  ? secret_basic(credential->username, credential->password)
					  : secret_bearer(credential->registry_token);
	return strcmp(value, authorization) == 0;
}

static bool find_ready_value(struct http *http, const struct login *login,
							 const char *authorization, struct credential *out)
{
	if (authorization == NULL)
		return false;
	find_credential(http, login, out);
	bool may_be = text_starts_with(authorization, "Basic ") ? credential_has_password(out)
															: out->registry_token != NULL;
	if (may_be && is_ready_value(out, authorization))
		return true;
	credential_clear(out);
	return false;
}

void login_accept(struct http *http, const struct login *login, const char *authorization)
{
	struct credential credential;
	if (!find_ready_value(http, login, authorization, &credential))
		return;
	credentials_accept(http->network->credentials, login->host, &credential);
	credential_clear(&credential);
}

void login_refuse(struct http *http, const struct login *login, const char *authorization)
{
	struct credential credential;
	if (!find_ready_value(http, login, authorization, &credential))
		return;
	credentials_refuse(http->network->credentials, login->host, &credential);
	credential_clear(&credential);
}

void login_leave(struct http *http, const struct login *login, const char *authorization)
{
	struct credential credential;
	if (!find_ready_value(http, login, authorization, &credential))
		return;
	credentials_leave(http->network->credentials, login->host, &credential);
	credential_clear(&credential);
}

static void add_text(struct error *error, const char *text, const char *detail)
{
	char before[ERROR_TEXT_SIZE];
	memcpy(before, error->text, sizeof before);
	error_set(error, error->code, "%.300s (%s%s%s)", before, text, *detail == '\0' ? "" : "; ",
			  detail);
}

void login_explain(struct http *http, const struct login *login, struct failure *failure)
{
	struct credential credential;
	bool is_denied = failure->error.code == ERROR_DENIED;
	if (!failure->may_be_hidden)
		return;
	failure->may_be_hidden = false;
	find_credential(http, login, &credential);
	const char *trouble = credential.trouble == NULL ? "" : credential.trouble;
	if (credential_is_set(&credential))
		add_text(&failure->error,
				 is_denied ? "may not exist, or may not be open to the stored login"
						   : "may be hidden from the stored login",
				 "");
	else
		add_text(&failure->error,
				 is_denied ? "may not exist, or may require a login"
						   : "may be hidden from those without a login",
				 trouble);
	credential_clear(&credential);
}
