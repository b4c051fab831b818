#include "budget.h"

static int refuse(struct budget *budget, uint64_t maximum, const char *what, struct error *err)
{
	atomic_store(&budget->has_refused, true);
	return error_set(err, ERROR_OVER_LIMIT, "the run's budget of %llu %s is used up",
					 (unsigned long long)maximum, what);
}

int budget_take_request(struct budget *budget, struct error *err)
{
	if (budget->max_requests == 0)
		return 0;
	if (atomic_fetch_add(&budget->requests, 1) < budget->max_requests)
		return 0;
	atomic_fetch_sub(&budget->requests, 1);
	return refuse(budget, budget->max_requests, "requests", err);
}

void budget_return_request(struct budget *budget)
{
	if (budget->max_requests > 0)
		atomic_fetch_sub(&budget->requests, 1);
}

int budget_foresee(struct budget *budget, int64_t size, struct error *err)
{
	if (budget->max_bytes == 0 || size <= 0)
		return 0;
	uint64_t spent = atomic_load(&budget->bytes);
	if (spent <= budget->max_bytes && (uint64_t)size <= budget->max_bytes - spent)
		return 0;
	return refuse(budget, budget->max_bytes, "bytes", err);
}

int budget_take_bytes(struct budget *budget, uint64_t size, struct error *err)
{
	if (budget->max_bytes == 0 ||
		atomic_fetch_add(&budget->bytes, size) + size <= budget->max_bytes)
		return 0;
	return refuse(budget, budget->max_bytes, "bytes", err);
}
