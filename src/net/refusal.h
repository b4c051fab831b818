/*
 * refusal: what becomes of a call whose answer is not what was asked for: another try with the
 * login that the answer wants, or a failure that says what is known.
 */
#ifndef LAYERPROOF_NET_REFUSAL_H
#define LAYERPROOF_NET_REFUSAL_H

#include "call.h"
#include "login.h"

struct login refusal_login_of(const struct call *call, const struct url *registry);

/* Fills `failure` from an answer to the request for `url`. Its kind is FAILURE_AGAIN when the call
 * now has an Authorization value that is worth another try. */
void refusal_judge(struct call *call, const struct url *url, struct transfer *transfer,
				   struct failure *failure);

#endif
