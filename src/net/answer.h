/*
 * answer: what the status of an answer means, and the reason that its body gives.
 */
#ifndef LAYERPROOF_NET_ANSWER_H
#define LAYERPROOF_NET_ANSWER_H

#include <stddef.h>

#include "failure.h"
#include "transfer.h"

/* Fills `failure` from an answer that is not what was asked for, and reads its body for the reason.
 * `who` tells in the text of a 401 or 403 on whose behalf was asked: "" or " (...)". */
void answer_fail(struct transfer *transfer, const char *who, struct failure *failure);

/* The first error of a registry's error body (distribution-spec, "Error codes"; registry-facts 16)
 * as "CODE: message", "CODE", or the token servers' `details`; printable, and short. NULL for a
 * body of any other form. Free with free(). */
char *answer_read_reason(const void *bytes, size_t size);

#endif
