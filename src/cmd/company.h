/*
 * company: what the configuration says of the company: its names, and what it publishes itself;
 * private to this folder.
 */
#ifndef LAYERPROOF_CMD_COMPANY_H
#define LAYERPROOF_CMD_COMPANY_H

#include "context.h"
#include "layerproof/digest.h"

struct company {
	struct digest *released; /* [origin] released_digest */
	size_t released_count;
	struct text_list authorized; /* [origin] authorized; borrows the settings' texts */
	struct name_patterns *names; /* [names] pattern; NULL: none */
};

/* ERROR_USAGE for what is no digest, or a pattern that says nothing. In each case company_clear()
 * frees what is in `out`. */
int company_read(const struct settings *settings, struct company *out, struct error *err);

/* Tells the assessor, which borrows it all. */
void company_tell(const struct company *company, struct assessor_options *options);

void company_clear(struct company *company);

#endif
