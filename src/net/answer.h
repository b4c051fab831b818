/*
 * answer: what the status of an answer means, and the reason that its body gives.
 */
#ifndef LAYERPROOF_NET_ANSWER_H
#define LAYERPROOF_NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "rate_limit.h"
#include "transfer.h"

/* What is said of an answer that is not what was asked for. */
struct answer_reason {
	char *text;              /* free(); NULL: nothing */
	bool is_unknown_content; /* the code says that the repository has no such manifest or blob */
	bool is_unknown;         /* the same, or that there is no such repository */
};

/* Secrets that went out with a request: what repeats one is not shown. NULL entries are legal. */
struct answer_secrets {
	const char *const *list;
	size_t count;
};

/* Fills `failure` from an answer that is not what was asked for, and reads its body for the reason.
 * `failure->may_be_hidden` is set for one that leaves open whether there is such a thing. */
void answer_fail(struct transfer *transfer, const struct answer_secrets *secrets,
				 struct failure *failure);

/* What the headers say of the host's quota. */
void answer_rate_limit(const struct transfer *transfer, struct rate_limit *out);

/* The first error of a registry's error body (distribution-spec, "Error codes"; registry-facts 16)
 * as "CODE: message", "CODE", or the token servers' `details`; printable, and short. `out->text` is
 * NULL for a body of any other form. */
void answer_read_reason(const void *bytes, size_t size, const struct answer_secrets *secrets,
						struct answer_reason *out);

#endif
