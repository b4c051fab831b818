/*
 * quotable: what may be shown of an answer. A server that was told a secret may repeat it in its
 * error texts, then or later in the run.
 */
#ifndef LAYERPROOF_NET_QUOTABLE_H
#define LAYERPROOF_NET_QUOTABLE_H

#include "failure.h"
#include "layerproof/http.h"
#include "login.h"
#include "transfer.h"

/* answer_fail() that shows neither the login that is stored for `login->host` nor the two
 * Authorization values, of which either may be NULL. */
void quotable_fail(struct http *http, const struct login *login, struct transfer *transfer,
				   const char *authorization, const char *other, struct failure *failure);

#endif
