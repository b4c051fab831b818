/*
 * token_request: one token, asked for at the realm that a challenge names (distribution token.md
 * and oauth.md; registry-facts 21 to 26).
 */
#ifndef LAYERPROOF_NET_TOKEN_REQUEST_H
#define LAYERPROOF_NET_TOKEN_REQUEST_H

#include "challenge.h"
#include "credential.h"
#include "failure.h"
#include "layerproof/http.h"
#include "login.h"
#include "token_answer.h"

enum token_result {
	TOKEN_GRANTED,
	TOKEN_FAILED,        /* no answer, or one that makes no sense; the realm may not be asked */
	TOKEN_REFUSED,       /* not for this login, or for nobody */
	TOKEN_LOGIN_REFUSED, /* the same, and it is the login that is wrong */
};

/* `asked` is a Bearer challenge with its scope. An identity token goes out by POST, or, where the
 * server knows no POST, a name and password by GET as always; an unset credential asks for nobody.
 * Refresh tokens are never asked for. `failure` is filled unless TOKEN_GRANTED. */
enum token_result token_request(struct http *http, const struct login *login,
								const struct challenge *asked, const struct credential *credential,
								struct token_answer *out, struct failure *failure);

#endif
