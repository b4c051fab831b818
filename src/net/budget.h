/*
 * budget: how many requests and bytes a run may still spend. Shared by all threads.
 */
#ifndef LAYERPROOF_NET_BUDGET_H
#define LAYERPROOF_NET_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "layerproof/error.h"

struct budget {
	uint64_t max_requests; /* 0: as many as it takes */
	uint64_t max_bytes;    /* of bodies; 0: as many as it takes */
	atomic_uint_fast64_t requests;
	atomic_uint_fast64_t bytes;
	atomic_bool has_refused; /* something was left undone for want of it */
};

/* Takes one request; ERROR_OVER_LIMIT when none is left. */
int budget_take_request(struct budget *budget, struct error *err);

/* Gives one back that could not be sent. */
void budget_return_request(struct budget *budget);

/* Whether a body of `size` bytes (-1: not known) can still be paid for; nothing is taken.
 * ERROR_OVER_LIMIT. */
int budget_foresee(struct budget *budget, int64_t size, struct error *err);

/* Takes bytes that have come; ERROR_OVER_LIMIT when there are more than were left. */
int budget_take_bytes(struct budget *budget, uint64_t size, struct error *err);

#endif
