/*
 * token_answer: what a token server sends back (distribution token.md; registry-facts 22).
 */
#ifndef LAYERPROOF_NET_TOKEN_ANSWER_H
#define LAYERPROOF_NET_TOKEN_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "layerproof/error.h"

struct token_answer {
	char *token;     /* secret_free() */
	int64_t seconds; /* how long it is still good, seen from `now` */
};

/* `now` in seconds since 1970. A life that is not stated, or is shorter, is 60 s. ERROR_MALFORMED
 * for an answer without a token, or with one that cannot stand in a header; ERROR_OVER_LIMIT for
 * one of more than LIMIT_BEARER_SIZE. */
int token_answer_read(const void *bytes, size_t size, int64_t now, struct token_answer *out,
					  struct error *err);

#endif
