/*
 * tokens: Authorization values that registries have taken, shared by all threads, each fetched by
 * one thread at a time while those that need the same one wait.
 *
 * The key is the registry and the repository: which account is used follows from the two, because
 * the stored logins do not change during a run.
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
};

struct tokens *tokens_new(void);
void tokens_free(struct tokens *tokens); /* NULL is legal */

/* One that is there and still good, as a copy (secret_free), or NULL. Never waits. */
char *tokens_peek(struct tokens *tokens, const char *key);

/* `refused` is the value that the registry has just refused, or NULL: that one counts as gone. */
enum tokens_result tokens_begin(struct tokens *tokens, const char *key, const char *refused,
								char **authorization, struct error *err);

/* Copies the value, good for `seconds` from now. */
void tokens_finish(struct tokens *tokens, const char *key, const char *authorization,
				   int64_t seconds);
void tokens_fail(struct tokens *tokens, const char *key, const struct error *why);

#endif
