/*
 * login: from a registry's challenge to the Authorization value that answers it
 * (distribution token.md and oauth.md; registry-facts 21 to 32).
 */
#ifndef LAYERPROOF_NET_LOGIN_H
#define LAYERPROOF_NET_LOGIN_H

#include "challenge.h"
#include "failure.h"
#include "layerproof/http.h"
#include "reach.h"
#include "url.h"

/* What is to be read. Texts are borrowed for the call. */
struct login {
	const struct url *registry;
	const char *host; /* as the user wrote it: what logins are stored for; NULL: no login of ours */
	const char *repository;
	struct reach reach; /* where what the registry names may be */
};

/* The value that is known, or can be had, without a challenge: one that was taken before, or a
 * token of the kind that this registry asked for earlier. `*authorization` stays NULL when there is
 * nothing but to ask without. */
int login_prepare(struct http *http, const struct login *login, char **authorization,
				  struct failure *failure);

/* The value that answers `challenge`. `refused` is the one that the registry has just refused, or
 * NULL. `*authorization` stays NULL when the challenge asks for a password that nobody stored.
 *
 * A stored login that the token server refuses is no end: an image that is public is read without
 * it, and a warning says so. */
int login_answer(struct http *http, const struct login *login, const struct challenge *challenge,
				 const char *refused, char **authorization, struct failure *failure);

/* Whether `next` asks for more than what was asked for by `answered`, an unset one if nothing was.
 */
bool login_wants_more(const struct login *login, const struct challenge *answered,
					  const struct challenge *next);

/* What the registry made of a value, where that is a stored one as it is (a password, a ready
 * token), which it alone can judge: taken, refused, or nothing came of it. Until one of these is
 * told, the same value is not sent by others if it goes out for the first time. NULL is legal. */
void login_accept(struct http *http, const struct login *login, const char *authorization);
void login_refuse(struct http *http, const struct login *login, const char *authorization);
void login_leave(struct http *http, const struct login *login, const char *authorization);

/* Adds to a refusal what is known of its reason, and what is not: registries answer alike for what
 * is not there and for what they do not show (registry-facts 16, 56). Does nothing where the answer
 * leaves nothing open; clears `failure->may_be_hidden`. */
void login_explain(struct http *http, const struct login *login, struct failure *failure);

#endif
