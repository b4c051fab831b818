/*
 * warnings: what registries want their users to know, each text shown once a run (registry-facts
 * 17). Nothing is ever done about one.
 */
#ifndef LAYERPROOF_NET_WARNINGS_H
#define LAYERPROOF_NET_WARNINGS_H

#include "transfer.h"

struct warnings;

struct warnings *warnings_new(void);
void warnings_free(struct warnings *warnings);

/* Writes the warnings of an answer to the log, those left out that were there before, behind
 * LIMIT_WARNINGS_SIZE of the answer, or behind LIMIT_WARNINGS of the run. From any thread. */
void warnings_show(struct warnings *warnings, const struct transfer *transfer);

#endif
