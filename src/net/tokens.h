/*
 * tokens: the Bearer values that token servers gave, shared by all threads, each fetched by one
 * thread at a time while those that need the same one wait.
 *
 * The key names all that makes two requests for a token the same: registry, realm, service, scope
 * and account.
 */
#ifndef LAYERPROOF_NET_TOKENS_H
#define LAYERPROOF_NET_TOKENS_H

#include <stdint.h>

#include "layerproof/error.h"

struct tokens;

enum tokens_result {
	TOKENS_FAILED = -1, /* the thread that fetched it met the error that is now in `err` */
	TOKENS_READY = 0,   /* `*authorization` is a copy of it (secret_free) */
	TOKENS_FETCH = 1,   /* the caller is to fetch it and to call tokens_finish() or tokens_fail() */
	TOKENS_RENEW = 2,   /* the same, but the old one is still good: `*authorization` is a copy */
};

struct tokens *tokens_new(void);
void tokens_free(struct tokens *tokens); /* NULL is legal */

/* `refused` is the value that the registry has just refused, or NULL: that one counts as gone. A
 * token is renewed a little before its end, by the first who comes; the others go on with it. */
enum tokens_result tokens_begin(struct tokens *tokens, const char *key, const char *refused,
								char **authorization, struct error *err);

/* Copies the value, good for `seconds` from now. */
void tokens_finish(struct tokens *tokens, const char *key, const char *authorization,
				   int64_t seconds);

/* A token that is still good stays, and is not renewed again at once. */
void tokens_fail(struct tokens *tokens, const char *key, const struct error *why);

#endif
