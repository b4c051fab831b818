/*
 * login: from a registry's challenge to the Authorization value that answers it
 * (distribution token.md and oauth.md; registry-facts 21 to 32).
 */
#ifndef LAYERPROOF_NET_LOGIN_H
#define LAYERPROOF_NET_LOGIN_H

#include "challenge.h"
#include "failure.h"
#include "layerproof/http.h"
#include "url.h"

/* What is to be read. Texts are borrowed for the call. */
struct login {
	const struct url *registry;
	const char *host; /* as the user wrote it: what logins are stored for */
	const char *repository;
};

/* The value that is known, or can be had, without a challenge: one that was taken before, or a
 * token of the kind that this registry asked for earlier. `*authorization` stays NULL when there is
 * nothing but to ask without. */
int login_prepare(struct http *http, const struct login *login, char **authorization,
				  struct failure *failure);

/* The value that answers `challenge`. `refused` is the one that the registry has just refused, or
 * NULL. `*authorization` stays NULL when the challenge asks for a password that nobody stored. */
int login_answer(struct http *http, const struct login *login, const struct challenge *challenge,
				 const char *refused, char **authorization, struct failure *failure);

#endif
