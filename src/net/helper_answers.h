/*
 * helper_answers: what credential helpers said, each asked once for a server in a run.
 */
#ifndef LAYERPROOF_NET_HELPER_ANSWERS_H
#define LAYERPROOF_NET_HELPER_ANSWERS_H

#include "credential.h"

struct helper_answers;

struct helper_answers *helper_answers_new(void);
void helper_answers_free(struct helper_answers *answers); /* NULL is legal */

/* The login that docker-credential-SUFFIX keeps for a registry. A helper may be slow, or ask a
 * person: it is run once for a server, also when it fails, while those that want the same answer
 * wait. `out` is unset where it keeps none; where it failed, `out->trouble` says how. */
void helper_answers_get(struct helper_answers *answers, const char *suffix, const char *host,
						struct credential *out);

#endif
